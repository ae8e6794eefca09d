"""When a deployment's own alarm is deleted: at the end, and again if somebody may still have been making it.

A wake-up that read the record before the alarm was noted still makes the alarm, however late. So the alarm is gone for
good only once no wake-up with such a record can be running.

Note: unlike the alias and the record, PutMetricAlarm takes no condition. No order of calls keeps a late one from
landing; only time does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.model import Deployment, Milestone
from controller.core.model.effects import milestone_of

LAST_WRITE = timedelta(minutes=6)
"""The longest time between the save of a record and a write based on its predecessor: an invocation lasts five minutes
(template.yaml, Timeout), and its last call arrives a moment later.
"""


def deletion(deployment: Deployment, now: datetime) -> Milestone | None:
    """Returns the deletion owed by an ended deployment now, None without one."""
    if not _owes(deployment):
        return None
    if now >= _settles(deployment):
        return Milestone.ALARM_DELETED
    return Milestone.ALARM_DELETED_EARLY if Milestone.ALARM_DELETED_EARLY not in deployment.done else None


def deleted_again_at(deployment: Deployment) -> datetime | None:
    """Returns when an ended deployment deletes its own alarm for good; None if it has, or had no alarm."""
    return _settles(deployment) if _owes(deployment) else None


def _owes(deployment: Deployment) -> bool:
    # The alarm is made after the backup, and may exist even if its making was never noted.
    may_exist = {Milestone.BACKED_UP, Milestone.ALARM_MADE} & deployment.done
    return bool(may_exist) and Milestone.ALARM_DELETED not in deployment.done


def _settles(deployment: Deployment) -> datetime:
    # In the bake the alarm is put again with the rate from the record; this may not be noted yet.
    before = deployment.evidence.stable_before
    is_put_again = before is not None and milestone_of(before) not in deployment.done
    made_at = None if is_put_again else deployment.alarms.own_made_at
    return (made_at or deployment.phase_since) + LAST_WRITE
