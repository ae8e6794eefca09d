"""The alias of a target without an open deployment: what Slipway left on it, and drift from that."""

from __future__ import annotations

from collections.abc import Iterable

from controller.core.model import Alias, Cause, Deployment, Phase, Routing, Target


def left_by(deployment: Deployment) -> str | None:
    """Returns the version that a deployment left on the alias, None if it moved nothing."""
    if deployment.reason and deployment.reason.cause is Cause.DRIFT and deployment.traffic.expected_routings:
        return deployment.traffic.expected_routings[-1].version  # somebody else moved the alias, and a person kept that
    ends = {Phase.SUCCEEDED: deployment.canary, Phase.ROLLED_BACK: deployment.stable}
    return ends.get(deployment.phase)


def drift(target: Target, alias: Alias | None, newest_first: Iterable[Deployment]) -> str | None:
    """Returns, in words, that the alias is not what the last deployment left; None if it is, or nothing is known."""
    last = next(((each, version) for each in newest_first if (version := left_by(each))), None)
    if last is None or (alias and alias.routing == Routing(last[1])):
        return None
    left = f"{last[0]} left version {last[1]} there"
    if alias is None:
        return f"{target} does not exist any more, and {left}: somebody deleted it; drop an artifact to make it again"
    return (
        f"{target} carries {alias.routing}, and {left}: somebody else moved it, as CloudTrail's UpdateAlias says; the"
        " next deployment takes this version as its stable version"
    )
