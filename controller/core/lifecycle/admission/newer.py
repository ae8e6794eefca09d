"""Predicts the effect of a newer drop on the open deployment, for ``plan``.

``admission.accept`` and the transitions of ``NewerAccepted`` do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from controller.core.manifest.settings import OnNewer
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.observation import Observation
from controller.core.routing.desired import ours


class Would(Enum):
    """The effect of a newer drop on the open deployment, or on itself."""

    SUPERSEDE = "supersede"
    QUEUE = "queue behind"
    REFUSE = "refuse"
    CONTINUE = "continue (same bytes)"


@dataclass(frozen=True, slots=True)
class Newer:
    """The prediction.

    - ``stable``: the version to go back to by then; None if the present one stays.
    - ``refusal``: why the drop itself would end at once; None if it would be deployed.
    """

    would: Would
    in_words: str
    stable: str | None = None
    refusal: Reason | None = None


def predicted(open_one: Deployment, seen: Observation, freeze: str = "", *, same_bytes: bool) -> Newer:
    """Returns the effect of a drop while ``open_one`` is open; ``same_bytes`` are those that it is deploying.

    ``freeze`` is the one over the target, in words, empty without one.
    """
    if same_bytes:
        words = f"no change: {open_one} is deploying these very bytes already, and would go on"
        return Newer(Would.CONTINUE, words, open_one.stable, Reason(Cause.UNCHANGED, words))
    on_newer = open_one.manifest.on_newer
    if on_newer is OnNewer.REJECT:
        words = f"{open_one} is open and its on_newer is reject; drop the artifact after its end"
        return Newer(Would.REFUSE, words, open_one.stable, Reason(Cause.REJECTED, words))
    drift = _drift(open_one, seen)
    waits = _waits_because(open_one, drift) or (freeze if open_one.phase.serves else None) or None
    if waits is None:
        return Newer(Would.SUPERSEDE, f"{open_one} is {open_one.phase.value}: {_superseded(open_one)}", open_one.stable)
    words = f"this drop would wait until {open_one} has ended: {waits}"
    if open_one.hold.newer:
        words += f"; {open_one.target}#{open_one.hold.newer}, which waits now, would end"
    return Newer(Would.QUEUE, words, open_one.stable if _goes_back(open_one) or drift else open_one.canary)


def _drift(open_one: Deployment, seen: Observation) -> str:
    """Returns the routing that somebody else gave the alias, in words; a look may not have noted it yet."""
    unseen = open_one.phase.serves and not ours(open_one, seen)
    return open_one.traffic.drift or (str(seen.routing or "nothing") if unseen else "")


def _waits_because(open_one: Deployment, drift: str) -> str | None:
    """Returns why a newer drop waits for the end of the open deployment, None if it takes its place."""
    if open_one.manifest.on_newer is OnNewer.QUEUE:
        return "its on_newer is queue"
    if drift:
        return f"somebody else made {open_one.target} carry {drift}; send accept_drift to keep that, or rollback"
    if _goes_back(open_one):
        return "it is on its way back"
    return "it is closing" if open_one.traffic.closing else None


def _superseded(open_one: Deployment) -> str:
    takes_its_place = "and this drop would take its place"
    if not open_one.phase.serves:
        return f"it would end before any traffic, {takes_its_place}"
    return f"it would be rolled back to version {open_one.stable} at once, {takes_its_place}"


def _goes_back(open_one: Deployment) -> bool:
    return open_one.phase is Phase.ROLLING_BACK or open_one.failing is not None
