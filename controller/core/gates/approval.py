"""The gate of a person's approval: the last one, so that nobody is asked before all others are open."""

from __future__ import annotations

from datetime import datetime

from controller.core.manifest.settings import Wait
from controller.core.model import Deployment, Phase, span
from controller.core.model.observation import Observation


def approval_wait(deployment: Deployment) -> Wait | None:
    """Returns the wait for a person that comes after this step, or before the first percent; None where there is
    none.
    """
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return strategy.steps[deployment.step].approval
    return strategy.approval if deployment.phase is Phase.TESTING else None


def asked_about(deployment: Deployment) -> int | None:
    """Returns the step that people are asked about, 0 before the first percent; None where nobody is asked."""
    is_failing = deployment.phase is Phase.TESTING and deployment.reason is not None
    if deployment.approval is None or approval_wait(deployment) is None or is_failing:
        return None
    return deployment.step + 1 if deployment.phase is Phase.SHIFTING else 0


def answer_ends(deployment: Deployment) -> datetime | None:
    """Returns when the wait for an answer is over, None where nobody is asked or it was approved. A wait that went on
    is over at the deadline.
    """
    wait, approval = approval_wait(deployment), deployment.approval
    if wait is None or approval is None or approval.given or asked_about(deployment) is None:
        return None
    if approval.overdue:
        return deployment.opened_at + deployment.manifest.open_at_most
    return approval.asked_at + wait.most


def unapproved(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Is a person still to approve what comes next?"""
    wait, approval = approval_wait(deployment), deployment.approval
    if wait is None or (approval and approval.given):
        return None
    if approval is None:
        return "approval is still to be asked for"
    since, most = approval.asked_at.isoformat(timespec="seconds"), span(wait.most)
    return f"waits for approval since {since}, at most {most}, then {wait.then.value}; send approve or reject"
