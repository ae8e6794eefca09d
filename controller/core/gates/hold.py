"""The gate of time: a step's hold, the bake, and further holds for a step in doubt.

Note: a hold counts from when the alias was *seen* to carry the step (``confirmed_at``), not from the request to AWS.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.gates import errors
from controller.core.model import Deployment, Phase, span, written
from controller.core.model.observation import Observation

MAX_DOUBTS = 3
"""The number of further holds for a step in doubt."""


def ends(deployment: Deployment) -> datetime | None:
    """Returns when the hold or the bake is over, None until the alias has been seen to carry it."""
    traffic = deployment.traffic
    if traffic.confirmed_at is None or traffic.closing:
        return traffic.confirmed_at
    strategy, cut_short_at = deployment.manifest.strategy, deployment.hold.cut_short_at
    if deployment.phase is Phase.SHIFTING:
        over_at = traffic.confirmed_at + (1 + deployment.hold.doubts) * strategy.steps[traffic.step].hold
        return over_at if cut_short_at is None else min(over_at, max(cut_short_at, traffic.confirmed_at))
    return traffic.confirmed_at + (timedelta(0) if deployment.is_first else strategy.bake)


def in_doubt(deployment: Deployment, now: datetime) -> bool:
    """Should the step last for another hold, because of evidence against the canary?"""
    ended = ends(deployment)
    if deployment.hold.cut_short_at or deployment.hold.doubts == MAX_DOUBTS:
        return False
    if not errors.judges(deployment) or ended is None or now < ended:
        return False
    hold = deployment.manifest.strategy.steps[deployment.traffic.step].hold
    # Never beyond the deadline: doubt alone is no reason to give up a deployment.
    in_time = ended + hold < deployment.deadline(now)
    return bool(hold) and in_time and bool(errors.doubtful(deployment))


def unconfirmed(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns that the alias has not been seen to carry the step, None once it has."""
    return None if deployment.traffic.confirmed_at else "the alias has not been seen to carry this step yet"


def holds(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Returns how long the hold, or the bake, still lasts; None once it is over."""
    over_at = ends(deployment)
    if over_at is None or now >= over_at:
        return None
    if deployment.hold.doubts:
        which = f"hold {deployment.hold.doubts + 1} of {MAX_DOUBTS + 1}, for another {span(over_at - now)}"
        because = f": {words}" if (words := errors.doubtful(deployment)) else ""
        return f"in doubt, {which}{because}"
    what = "bake" if deployment.phase is Phase.BAKING else "hold"
    return f"{what} for another {span(over_at - now)}"


def report(deployment: Deployment) -> dict[str, object] | None:
    """Returns the state of the shift for ``status``: {"number": 2, "of": 3, "weight": 50.0, "hold_ends": ...}."""
    if deployment.phase is not Phase.SHIFTING:
        return None
    steps, over_at = deployment.manifest.strategy.steps, ends(deployment)
    return {
        "number": deployment.traffic.step + 1,
        "of": len(steps),
        "weight": steps[deployment.traffic.step].weight / 100,
        "hold_ends": written(over_at),
    }
