"""The work that a deployment owes AWS beside its traffic, and how long Slipway tries.

For example, a rollback is over once the alias is back, ``$LATEST`` is restored and the bytes are quarantined.

The own alarm is deleted at the end, and again if somebody may still have been making it: a wake-up that read the record
before the alarm was noted still makes the alarm, however late. So the alarm is gone for good only once no wake-up with
such a record can be running.

Note: unlike the alias and the record, PutMetricAlarm takes no condition. No order of calls keeps a late one from
landing; only time does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.lifecycle.quarantine import quarantines
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.effects import milestone_of

RESTORE_TIMEOUT = timedelta(minutes=15)
"""How long restoring ``$LATEST`` may fail. Other cleaning up after a rollback has as long."""
LAST_WRITE = timedelta(minutes=6)
"""The longest time between the save of a record and a write based on its predecessor: an invocation lasts five minutes
(template.yaml, Timeout), and its last call arrives a moment later.
"""


def owed_by_rollback(deployment: Deployment, *, gone: bool = False) -> frozenset[Milestone]:
    """Returns the milestones left before a rollback is over."""
    owed = {Milestone.RESTORED, Milestone.BACKUP_RESTORED}
    # A missing alias needs no version that is awake.
    if not gone:
        owed.add(Milestone.AWAKE)
    if quarantines(deployment):
        owed.add(Milestone.QUARANTINED)
    return frozenset(owed - deployment.done)


def prunes(deployment: Deployment) -> bool:
    """Are old versions still to be deleted, now that a newer one has all traffic?"""
    is_released = deployment.phase is Phase.SUCCEEDED and Milestone.TESTED in deployment.done
    return is_released and Milestone.PRUNED not in deployment.done


def version_deleted_at(deployment: Deployment) -> datetime | None:
    """Returns when a drill's version is deleted, None if there is none to delete: not before the requests that it got
    are over, and nobody writes late.
    """
    is_left = deployment.drill is not None and deployment.phase.is_terminal and Milestone.PRUNED not in deployment.done
    if not is_left or deployment.canary is None:
        return None
    lasts = deployment.evidence.longest_timeout or timedelta(0)
    return max(alarm_deleted_again_at(deployment) or deployment.phase_since, deployment.phase_since + lasts)


def restoring_too_long(deployment: Deployment, now: datetime) -> bool:
    """Has cleaning up lasted for so long that the deployment ends without it?"""
    since = deployment.cleans_up_since
    return since is not None and now - since >= RESTORE_TIMEOUT


def alarm_deletion(deployment: Deployment, now: datetime) -> Milestone | None:
    """Returns the deletion owed by an ended deployment now, None without one."""
    if not _owes_alarm(deployment):
        return None
    if now >= _alarm_settles(deployment):
        return Milestone.ALARM_DELETED
    return Milestone.ALARM_DELETED_EARLY if Milestone.ALARM_DELETED_EARLY not in deployment.done else None


def alarm_deleted_again_at(deployment: Deployment) -> datetime | None:
    """Returns when an ended deployment deletes its own alarm for good; None if it has, or had no alarm."""
    return _alarm_settles(deployment) if _owes_alarm(deployment) else None


def _owes_alarm(deployment: Deployment) -> bool:
    # The alarm is made after the backup, and may exist even if its making was never noted.
    may_exist = {Milestone.BACKED_UP, Milestone.ALARM_MADE} & deployment.done
    return bool(may_exist) and Milestone.ALARM_DELETED not in deployment.done


def _alarm_settles(deployment: Deployment) -> datetime:
    # The alarm is put again at the promotion, and in the bake with the rate from the record; neither may be noted yet.
    # A rollback from a step may come at the moment of the promotion, so both wait.
    before = deployment.evidence.stable_before
    is_put_again = before is not None and milestone_of(before) not in deployment.done
    is_noted = Milestone.ALARM_AT_PROMOTION in deployment.done and not is_put_again
    made_at = deployment.alarms.own_made_at if is_noted else None
    return (made_at or deployment.phase_since) + LAST_WRITE
