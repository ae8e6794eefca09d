"""The gate of the hold: how long a step or the bake lasts; a step in doubt lasts for another hold, and the
bake until the requests that began in the shift have ended.

Note: a hold is counted from when the alias was *seen* to carry the step (``live_at``), never from when it was
asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from controller.core.gates.errors import judges, judges_bake
from controller.core.model import Deployment, Phase, span
from controller.core.model.observation import Observation
from controller.core.statistics import in_words
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.shift import is_complete

DOUBT = 1.5
"""The odds against the canary over which a step is held on at the end of its hold."""
MOST_DOUBTS = 3
"""How many holds more a step in doubt is given before it goes on."""
UNREADABLE_AT_MOST = timedelta(minutes=15)
"""How long unreadable alarms hold a deployment before ``on_failure`` decides."""


def hold_ends(deployment: Deployment) -> datetime | None:
    """Returns when the hold or the bake is over, None while the alias has not been seen to carry it."""
    if deployment.live_at is None or deployment.closing:
        return deployment.live_at
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return deployment.live_at + (1 + deployment.doubts) * strategy.steps[deployment.step].hold
    return deployment.live_at + (timedelta(0) if deployment.is_first else strategy.bake)


def in_doubt(deployment: Deployment, now: datetime) -> bool:
    """Has the hold ended with evidence against the canary, so that the step is to last for another one?

    Not beyond the deadline: doubt is no reason to give a deployment up.
    """
    ends = hold_ends(deployment)
    if not judges(deployment) or ends is None or now < ends or deployment.doubts == MOST_DOUBTS:
        return False
    hold = deployment.manifest.strategy.steps[deployment.step].hold
    in_time = ends + hold < deployment.opened_at + deployment.manifest.open_at_most
    return bool(hold) and in_time and bool(doubtful(deployment))


def doubtful(deployment: Deployment) -> str | None:
    """Returns in words the evidence against the canary that is more than a doubt, None where none is."""
    on = deployment.manifest.gates
    judged = [(deployment.shift, "errors")] if on.errors else []
    judged += [(known.shift, gate.bad) for known, gate in zip(deployment.metrics, on.metrics, strict=False)]
    shift, what = max(judged, key=lambda each: each[0].odds, default=(deployment.shift, ""))
    return in_words.looks(shift, deployment.canary, deployment.stable, what) if what and shift.odds > DOUBT else None


def hold_remaining(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Is the hold, or the bake, still to last?"""
    ends = hold_ends(deployment)
    if ends is None or now >= ends:
        return None
    if deployment.doubts:
        because = f": {words}" if (words := doubtful(deployment)) else ""
        return f"in doubt, hold {deployment.doubts + 1} of {MOST_DOUBTS + 1}, for another {span(ends - now)}{because}"
    what = "bake" if deployment.phase is Phase.BAKING else "hold"
    return f"{what} for another {span(ends - now)}"


def wants_minutes_before(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Is what the stable version served before the promotion to be read now?

    Not before all of its requests have ended: a minute that lacks the late failures of the stable version would speak
    against the canary. ``baked`` are the minutes with requests since the promotion.
    """
    return judges_bake(deployment) and deployment.bake.before is None and _shift_is_complete(deployment, baked, now)


def end_due_at(deployment: Deployment) -> datetime | None:
    """Returns when a shift that is over can be judged to its end; None where there is none, or it was, or is off."""
    return deployment.shift.complete_at(deployment.phase_since) if end_is_open(deployment) else None


def end_is_due(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Is the shift over, still to be judged to its end, and are all of its requests counted?

    ``baked`` are the minutes with requests since the promotion.
    """
    return end_is_open(deployment) and _shift_is_complete(deployment, baked, now)


def _shift_is_complete(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    past = deployment.shift.past
    return past is not None and is_complete(baked, past.settles_in, deployment.phase_since, now)


def end_is_open(deployment: Deployment) -> bool:
    """Is a shift that is over still to be judged to its end?"""
    on = deployment.manifest.gates
    is_judged = (on.errors is not None or bool(on.metrics)) and deployment.stable is not None
    bakes = deployment.phase is Phase.BAKING and deployment.manifest.strategy.bake > timedelta(0)
    return is_judged and bakes and bool(deployment.shift.steps) and deployment.shift.whole is None


def late_requests(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """May requests of the shift still fail? The bake lasts until all of them are judged, or cannot be."""
    if not end_is_open(deployment) or deployment.closing:
        return None
    complete_at = end_due_at(deployment) or deployment.phase_since
    if now >= complete_at + UNREADABLE_AT_MOST:
        return None
    when = complete_at.isoformat(timespec="seconds")
    return f"requests that began before the promotion may still fail; they are judged when all have ended, at {when}"
