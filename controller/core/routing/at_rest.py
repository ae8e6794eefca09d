"""The alias of a target without an open deployment: what Slipway left on it, and drift from that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.core.model import Alias, Cause, Deployment, Phase, Routing, Target

LOOKS_BACK = 20
"""The number of newest deployments to search for the last one that left a version on the alias."""


def left_by(deployment: Deployment) -> str | None:
    """Returns the version that a deployment left on the alias, None if it moved nothing."""
    if deployment.reason and deployment.reason.cause is Cause.DRIFT and deployment.traffic.expected_routings:
        return deployment.traffic.expected_routings[-1].version  # somebody else moved the alias, and a person kept that
    ends = {Phase.SUCCEEDED: deployment.canary, Phase.ROLLED_BACK: deployment.stable}
    return ends.get(deployment.phase)


@dataclass(frozen=True, slots=True)
class DriftAtRest:
    """The alias carries something else than ``deployment`` left there: ``version``, with no weights.

    ``carries`` is None if the alias does not exist any more.
    """

    target: Target
    carries: Routing | None
    deployment: Deployment
    version: str

    @property
    def identity(self) -> str:
        """Equal for the same drift seen again: "checkout:live#4 left 4, version 3 with 10% to version 4"."""
        return f"{self.deployment} left {self.version}, {self.carries or 'deleted'}"

    def in_words(self, who: str = "somebody else") -> str:
        """Returns what the alias carries, what Slipway left, and what the next deployment makes of that."""
        left = f"{self.deployment} left version {self.version} there: {who}"
        if self.carries is None:
            return f"{self.target} does not exist any more, and {left} deleted it; drop an artifact to make it again"
        moved = f"{self.target} carries {self.carries}, and {left} moved it"
        if self.carries.canary:
            return f"{moved}; the next deployment is refused until the weights are cleared"
        return f"{moved}; the next deployment takes version {self.carries.version} as its stable version"


def drift(target: Target, alias: Alias | None, newest_first: Iterable[Deployment]) -> DriftAtRest | None:
    """Returns the alias's drift from what the last deployment left, None if there is none, or nothing is known."""
    last = next(((each, version) for each in newest_first if (version := left_by(each))), None)
    if last is None or (alias and alias.routing == Routing(last[1])):
        return None
    return DriftAtRest(target, alias.routing if alias else None, *last)
