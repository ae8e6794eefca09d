"""The gates closed by people: drift of the alias, a pause, a freeze."""

from __future__ import annotations

from datetime import datetime

from controller.core.model import Deployment
from controller.core.model.observation import Observation


def drift(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns what somebody else made the alias carry, None without drift."""
    return drift_in_words(deployment)


def drift_in_words(deployment: Deployment) -> str | None:
    """Says what somebody else made the alias carry, and what to send; None without drift."""
    if not deployment.traffic.drift:
        return None
    return f"somebody else made the alias carry {deployment.traffic.drift}; send accept_drift to keep that, or rollback"


def paused(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns that the deployment is paused by a person, or frozen by a danger; None if neither."""
    if not deployment.hold.paused:
        return None
    if deployment.hold.frozen:
        return f"frozen, because {deployment.hold.frozen.text}; send promote, resume or rollback"
    return "paused; send resume to go on"
