"""The gates that people close: somebody else moved the alias, or the deployment is paused, or frozen."""

from __future__ import annotations

from datetime import datetime

from controller.core.model import Deployment
from controller.core.model.observation import Observation


def drift(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Does the alias carry what somebody else made it carry?"""
    if not deployment.traffic.drift:
        return None
    return f"somebody else made the alias carry {deployment.traffic.drift}; send accept_drift to keep that, or rollback"


def paused(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Is the deployment paused by a person, or frozen by a danger that ``on_failure`` leaves to a person?"""
    if not deployment.hold.paused:
        return None
    if deployment.hold.frozen:
        return f"frozen, because {deployment.hold.frozen.text}; send promote, resume or rollback"
    return "paused; send resume to go on"
