"""The gate of the deadline: a deployment open for longer than its manifest allows is rolled back."""

from __future__ import annotations

from datetime import datetime

from controller.core.model import Cause, Deployment, Reason
from controller.core.model.observation import Observation


def has_passed(deployment: Deployment, now: datetime) -> bool:
    """Has the deployment been open for longer than its manifest allows?"""
    return now >= deployment.deadline(now)


def reason(deployment: Deployment) -> Reason:
    """Returns the reason for ending at the deadline, with the cause of a delay before traffic."""
    text = f"the deadline of {deployment.manifest.deadline_with_pauses} has passed"
    delay = deployment.hold.delay
    parts = [text, *((delay.said, delay.advice) if delay else ())]
    return Reason(Cause.DEADLINE, "; ".join(part for part in parts if part))


def danger(deployment: Deployment, _seen: Observation, now: datetime) -> Reason | None:
    """Returns the passed deadline as a reason, None before; a closing deployment is out of danger."""
    return reason(deployment) if has_passed(deployment, now) and not deployment.traffic.closing else None
