"""How long ``$LATEST`` may resist being put back, until the deployment ends without it."""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.model import Deployment

RESTORE_TIMEOUT = timedelta(minutes=15)
"""How long restoring ``$LATEST`` may fail. Other cleaning up after a rollback has as long."""


def restoring_too_long(deployment: Deployment, now: datetime) -> bool:
    since = deployment.cleans_up_since
    return since is not None and now - since >= RESTORE_TIMEOUT
