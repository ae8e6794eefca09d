"""When a deployment's own alarm is deleted: at the end, and once more where somebody may still have been making it.

A wake-up that read the record before the alarm was noted makes it, whatever the record says by then: it may be slow, or
crash right after. So an alarm is gone for good only once nobody who read such a record can be at work any more.

Note: PutMetricAlarm knows no condition, unlike the alias and the record. No order of calls keeps a late one from
landing; only time does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.model import Deployment, Milestone
from controller.core.model.effects import milestone_of

LAST_WRITE = timedelta(minutes=6)
"""How long after a record was saved somebody may still act on the one before: an invocation lasts five minutes
(template.yaml, Timeout), and what it sent last arrives a moment later.
"""


def deletion(deployment: Deployment, now: datetime) -> Milestone | None:
    """Returns which deletion of its own alarm a deployment that has ended owes now, None where none."""
    if not _owes(deployment):
        return None
    if now >= _settles(deployment):
        return Milestone.ALARM_DELETED
    return Milestone.ALARM_DELETED_EARLY if Milestone.ALARM_DELETED_EARLY not in deployment.done else None


def deleted_again_at(deployment: Deployment) -> datetime | None:
    """Returns when a deployment that has ended deletes its own alarm for good, None where it has, or had none."""
    return _settles(deployment) if _owes(deployment) else None


def _owes(deployment: Deployment) -> bool:
    # One whose making was not noted any more may exist all the same; it is made once the backup is.
    may_exist = {Milestone.BACKED_UP, Milestone.ALARM_MADE} & deployment.done
    return bool(may_exist) and Milestone.ALARM_DELETED not in deployment.done


def _settles(deployment: Deployment) -> datetime:
    # It is put again in the bake, once what it goes by is in the record; that may not be noted yet.
    before = deployment.evidence.stable_before
    is_put_again = before is not None and milestone_of(before) not in deployment.done
    made_at = None if is_put_again else deployment.alarms.own_made_at
    return (made_at or deployment.phase_since) + LAST_WRITE
