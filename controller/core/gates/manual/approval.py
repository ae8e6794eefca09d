"""The gate of approval: the person's decision to wait for, and its time limit.

Approval is the last gate: people are asked only when all others are open.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.manifest.settings import Wait
from controller.core.model import Deployment, Phase, span, written
from controller.core.model.observation import Observation


def wait(deployment: Deployment) -> Wait | None:
    """Returns the wait for approval after this step, or before the first percent; None without one."""
    strategy = deployment.manifest.strategy
    if deployment.phase is Phase.SHIFTING:
        return strategy.steps[deployment.traffic.step].approval
    return strategy.approval if deployment.phase is Phase.TESTING else None


def asked_about(deployment: Deployment) -> int | None:
    """Returns the step to be approved, 0 before the first percent; None unless people are being asked."""
    if deployment.hold.approval is None or wait(deployment) is None or deployment.failing:
        return None
    return deployment.traffic.step + 1 if deployment.phase is Phase.SHIFTING else 0


def ends(deployment: Deployment) -> datetime | None:
    """Returns when the wait for approval is over; None without an open question. A prolonged wait ends at the
    deadline.
    """
    limit, approval = wait(deployment), deployment.hold.approval
    if limit is None or approval is None or approval.given or asked_about(deployment) is None:
        return None
    if approval.overdue:
        return deployment.deadline()
    # A wait begins again after a freeze, because nobody's answer would have moved anything.
    begun = max(approval.asked_at, deployment.hold.freeze_wait.over_at or approval.asked_at)
    return begun + limit.timeout


def holds(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns the missing approval, None if there is nothing to approve."""
    limit, approval = wait(deployment), deployment.hold.approval
    if limit is None or (approval and approval.given):
        return None
    if approval is None:
        return "approval has not been asked for yet"
    since, timeout = approval.asked_at.isoformat(timespec="seconds"), span(limit.timeout)
    return f"waits for approval since {since}, at most {timeout}, then {limit.then.value}; send approve or deny"


def report(deployment: Deployment) -> dict[str, object] | None:
    """Returns the open question for ``status``, None without one. ``ends`` is the deadline after a prolonged wait."""
    step, over_at, approval = asked_about(deployment), ends(deployment), deployment.hold.approval
    if step is None or approval is None:
        return None
    return {
        "step": step,
        "asked_at": written(approval.asked_at),
        "ends": written(over_at),
        "given": approval.given,
    }
