"""The gate of the deadline: a deployment that is open for longer than its manifest allows goes back."""

from __future__ import annotations

from datetime import datetime

from controller.core.model import Cause, Deployment, Reason
from controller.core.model.observation import Observation


def has_passed(deployment: Deployment, now: datetime) -> bool:
    """Is the deployment open for longer than its manifest allows?"""
    return now >= deployment.opened_at + deployment.manifest.deadline_with_pauses


def reason(deployment: Deployment) -> Reason:
    """Returns the reason of an end by the deadline, with what was waited for before traffic."""
    text = f"the deadline of {deployment.manifest.deadline_with_pauses} has passed"
    delay = deployment.hold.delay
    parts = [text, *((delay.said, delay.advice) if delay else ())]
    return Reason(Cause.DEADLINE, "; ".join(part for part in parts if part))


def danger(deployment: Deployment, _seen: Observation, now: datetime) -> Reason | None:
    """Returns that the deadline has passed, None where it has not; a deployment that is closing is past all harm."""
    return reason(deployment) if has_passed(deployment, now) and not deployment.traffic.closing else None
