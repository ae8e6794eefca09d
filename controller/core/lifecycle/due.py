"""When the next tick must look at a deployment.

Example: a step of ten minutes without gates is due in ten minutes; a step whose errors are judged is due at every tick.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.gates import errors, hold, hooks, order, own_alarm
from controller.core.gates.manual import approval
from controller.core.lifecycle.cleanup import alarm_deleted_again_at, version_deleted_at
from controller.core.lifecycle.plan import owes, puts_alarm_again
from controller.core.manifest.settings import OnNewer
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.deployment.hold.delay import DelayKind

WORKING = timedelta(minutes=1)
"""How long a tick leaves a deployment in preparation or tests alone, because somebody is at work on it, or has crashed.
Longer tests have more time.
"""


def due_at(deployment: Deployment, now: datetime) -> datetime | None:
    """Returns when the next tick must look at the deployment, None if only an event can concern it."""
    if deployment.hold.queued:
        return None
    if deployment.phase.is_before_traffic:
        return _due_before_traffic(deployment, now)
    if deployment.phase.is_terminal:
        return now if owes(deployment, now) or deployment.bookkeeping.outbox else _due_after_end(deployment)
    if _is_in_motion(deployment):
        return now
    ends = approval.ends(deployment) or (hold.ends(deployment) if deployment.phase.serves else None)
    if ends is None or (ends <= now and not hooks.is_at_the_end(deployment)):
        return now
    # These gates look at every tick; a due time in exactly a minute would miss the next tick by a moment.
    if order.looks_each_minute(deployment):
        return now
    judged_to_end = errors.end_due_at(deployment)
    return _soonest(deployment, now, ends if ends > now else None, hooks.next_look(deployment), judged_to_end)


def _due_after_end(deployment: Deployment) -> datetime | None:
    later = alarm_deleted_again_at(deployment), version_deleted_at(deployment)
    return min((moment for moment in later if moment), default=None)


def _due_before_traffic(deployment: Deployment, now: datetime) -> datetime:
    delay = deployment.hold.delay
    if delay and delay.kind is DelayKind.THROTTLED:
        return now  # whoever was at work has left it to the next tick
    if deployment.phase is Phase.TESTING and Milestone.TESTED not in deployment.done:
        return now + max(WORKING, deployment.manifest.longest_tests)
    called, answered = hooks.next_look(deployment), approval.ends(deployment)
    soon = _is_in_motion(deployment) or (answered is not None and answered <= now)
    at_work = soon or (called is None and answered is None)
    return _soonest(deployment, now, called, now + WORKING if at_work else answered)


def _soonest(deployment: Deployment, now: datetime, *moments: datetime | None) -> datetime:
    return max(now, min([deployment.deadline(now), *(moment for moment in moments if moment)]))


def _is_in_motion(deployment: Deployment) -> bool:
    # Alarms unreadable twice, hours apart, may have been readable in between, so the deployment is due every minute.
    makes_way = deployment.hold.newer is not None and deployment.manifest.on_newer is OnNewer.SUPERSEDE
    alarm_lags = own_alarm.wants_before(deployment) or puts_alarm_again(deployment)
    return (
        makes_way
        or bool(deployment.bookkeeping.outbox)
        or deployment.evidence.unreadable_since is not None
        or alarm_lags
    )
