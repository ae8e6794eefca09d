"""Transitions of approval: asking, the answer, and the end of the wait.

Rules of the file: the question is saved together with the notice that asks, so a crash neither loses the question nor
asks twice; the wait counts from then.

An approval opens one gate and no more: dangers come first, and a pause still holds.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from controller.core.gates.manual import approval as gate
from controller.core.lifecycle.transitions.edits import leads_to
from controller.core.lifecycle.transitions.rolling_back import roll_back
from controller.core.manifest.settings import OnTimeout
from controller.core.model import Approval, Cause, Deployment, Phase, Reason, span
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import ApprovalAnswered, ApproveRequested, DenyRequested
from controller.core.model.observation import Observation


def ask_for_approval(deployment: Deployment, now: datetime) -> Deployment:
    """Asks for approval; after the wait, tells people that it goes on waiting, or goes on without approval."""
    wait, approval, ends = gate.wait(deployment), deployment.hold.approval, gate.ends(deployment)
    if wait is None:
        return deployment
    if approval is None:
        asked = _with(deployment, Approval(now))
        text = f"waits for approval, at most {span(wait.timeout)}, then {wait.then.value}"
        return say(asked, now, f"{text}; {_what_to_send(asked)}")
    if ends is None or now < ends:
        return deployment
    so_far = f"nobody has answered within {span(wait.timeout)}"
    if wait.then is OnTimeout.PROMOTE:
        given = _with(deployment, replace(approval, given=True))
        return log(given, now, f"{so_far}: it goes on without approval, as the pause says")
    overdue = _with(deployment, replace(approval, overdue=True))
    return say(overdue, now, f"{so_far}: it waits on for approval, as the pause says; {_what_to_send(overdue)}")


def unanswered(deployment: Deployment, now: datetime) -> Reason | None:
    """Returns why a wait without an answer ends the deployment, None if it does not, or not yet."""
    wait, ends = gate.wait(deployment), gate.ends(deployment)
    if wait is None or ends is None or now < ends or wait.then is not OnTimeout.ROLLBACK:
        return None
    return Reason(Cause.UNANSWERED, f"nobody has approved it within {span(wait.timeout)} and its pause says rollback")


@leads_to()
def approve(deployment: Deployment, event: ApproveRequested, _seen: Observation, now: datetime) -> Deployment:
    """Opens the gate; the look that follows goes on, if nothing else holds."""
    approval = deployment.hold.approval
    if approval is None or approval.given or not answers(deployment, event):
        return deployment
    given = _with(deployment, replace(approval, given=True))
    return log(given, now, event.person.says("approved it"))


@leads_to(Phase.ROLLING_BACK)
def deny(deployment: Deployment, event: DenyRequested, seen: Observation, now: datetime) -> Deployment:
    """Rolls back because a person denied approval; never over somebody else's routing."""
    if deployment.traffic.drift or not answers(deployment, event):
        return deployment
    return roll_back(deployment, denied(event), seen, now)


def denied(event: DenyRequested) -> Reason:
    return Reason(Cause.DENIED, event.person.says("denied it"), event.person)


def answers(deployment: Deployment, event: ApprovalAnswered) -> bool:
    """Does the event answer the open question? An answer to an earlier question is late, or a repetition."""
    step = gate.asked_about(deployment)
    return step is not None and event.step in (None, step)


def _with(deployment: Deployment, approval: Approval) -> Deployment:
    return replace(deployment, hold=replace(deployment.hold, approval=approval))


def _what_to_send(deployment: Deployment) -> str:
    request = {
        "request": "approve",
        "function": deployment.target.function,
        "alias": deployment.target.alias,
        "deployment": deployment.number,
        "step": gate.asked_about(deployment),
    }
    return f'send {json.dumps(request)}, or the same with "deny"'
