"""The gate of time: a step is held, a bake lasts, and evidence against the canary holds a step for longer.

Note: a hold is counted from when the alias was *seen* to carry the step (``confirmed_at``), not from when
that was asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.gates import errors
from controller.core.model import Deployment, Phase, percent, span
from controller.core.model.observation import Observation

MAX_DOUBTS = 3
"""How many holds more a step in doubt is given before it goes on."""


def ends(deployment: Deployment) -> datetime | None:
    """Returns when the hold or the bake is over, None while the alias has not been seen to carry it."""
    if deployment.traffic.confirmed_at is None or deployment.traffic.closing:
        return deployment.traffic.confirmed_at
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return (
            deployment.traffic.confirmed_at
            + (1 + deployment.hold.doubts) * strategy.steps[deployment.traffic.step].hold
        )
    return deployment.traffic.confirmed_at + (timedelta(0) if deployment.is_first else strategy.bake)


def in_doubt(deployment: Deployment, now: datetime) -> bool:
    """Has the hold ended with evidence against the canary, so that the step is to last for another one?

    Not beyond the deadline: doubt is no reason to give a deployment up.
    """
    ended = ends(deployment)
    if not errors.judges(deployment) or ended is None or now < ended or deployment.hold.doubts == MAX_DOUBTS:
        return False
    hold = deployment.manifest.strategy.steps[deployment.traffic.step].hold
    in_time = ended + hold < deployment.opened_at + deployment.manifest.deadline_with_pauses
    return bool(hold) and in_time and bool(errors.doubtful(deployment))


def unconfirmed(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Has the alias not been seen to carry the step yet?"""
    return None if deployment.traffic.confirmed_at else "the alias has not been seen to carry this step yet"


def holds(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Is the hold, or the bake, not over yet?"""
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
    """Returns where the shift stands: {"number": 2, "of": 3, "weight": "50%", "hold_ends": ...}."""
    if deployment.phase is not Phase.SHIFTING:
        return None
    steps, over_at = deployment.manifest.strategy.steps, ends(deployment)
    return {
        "number": deployment.traffic.step + 1,
        "of": len(steps),
        "weight": percent(steps[deployment.traffic.step].weight),
        "hold_ends": over_at.isoformat() if over_at else None,
    }
