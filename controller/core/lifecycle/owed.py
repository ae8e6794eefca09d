"""The milestones that a deployment still owes beside its traffic.

For example, a rollback is over once the alias is back, ``$LATEST`` is restored and the bytes are quarantined.
"""

from __future__ import annotations

from controller.core.lifecycle.quarantine import quarantines
from controller.core.model import Deployment, Milestone, Phase


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
