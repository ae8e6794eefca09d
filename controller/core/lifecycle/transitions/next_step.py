"""The request ``next``: a person ends the present step's hold, and with it the wait for enough requests.

Nothing else gives way. Dangers roll back first; a pause, drift, unreadable facts, throttles, hooks and an approval hold
as before, and the next step begins once they let it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.manual import approval
from controller.core.lifecycle.transitions.edits import leads_to
from controller.core.model import Deployment
from controller.core.model.deployment.timeline import log
from controller.core.model.events import NextRequested
from controller.core.model.observation import Observation


@leads_to()
def end_hold(deployment: Deployment, event: NextRequested, _seen: Observation, now: datetime) -> Deployment:
    """Notes that the hold is over; the look that follows takes the step, unless a gate holds."""
    if deployment.hold.cut_short_at or refusal(deployment, event):
        return deployment
    hold = replace(deployment.hold, cut_short_at=now)
    text = event.person.signed(f"the hold of step {deployment.traffic.step + 1} is ended")
    return log(replace(deployment, hold=hold), now, text)


def refusal(deployment: Deployment, event: NextRequested) -> str | None:
    """Returns why the step cannot be ended now, and what to send instead; None if it can."""
    step, hold = deployment.traffic.step + 1, deployment.hold
    if event.step not in (None, step):
        return f"{deployment} is in step {step} by now, not in step {event.step}"
    if hold.frozen:
        return f"{deployment} is frozen, because {hold.frozen.text}; send promote, resume or rollback"
    if hold.paused:
        return f"{deployment} is paused and takes no step; send resume first"
    if hold.approval and not hold.approval.given and approval.asked_about(deployment) is not None:
        return f"the hold of step {step} is over, and {deployment} waits for approval; send approve or deny"
    return None
