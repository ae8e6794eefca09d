"""Which milestones a deployment still owes beside its traffic.

Example: a rollback is over once ``$LATEST`` is restored and the bytes are quarantined, besides the alias being back.
"""

from __future__ import annotations

from controller.core.lifecycle.quarantine import quarantines
from controller.core.model import Deployment, Milestone, Phase


def owed_by_rollback(deployment: Deployment, *, gone: bool = False) -> frozenset[Milestone]:
    """Returns what is still to be done beside the traffic before a rollback is over. Where the alias is ``gone`` nobody
    waits for its version.
    """
    owed = {Milestone.RESTORED, Milestone.BACKUP_RESTORED}
    if not gone:
        owed.add(Milestone.AWAKE)
    if quarantines(deployment):
        owed.add(Milestone.QUARANTINED)
    return frozenset(owed - deployment.done)


def prunes(deployment: Deployment) -> bool:
    """Are old versions still to be deleted, now that a newer one has all traffic?"""
    is_released = deployment.phase is Phase.SUCCEEDED and Milestone.TESTED in deployment.done
    return is_released and Milestone.PRUNED not in deployment.done
