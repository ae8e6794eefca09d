"""Transitions of a pause, which every phase before the rollback may have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.hooks.runs import begin_wait_again
from controller.core.lifecycle.transitions.edits import go_on, leads_to
from controller.core.model import Deployment
from controller.core.model.deployment.timeline import log
from controller.core.model.events import PauseRequested, ResumeRequested
from controller.core.model.observation import Observation


@leads_to()
def pause(deployment: Deployment, event: PauseRequested, _seen: Observation, now: datetime) -> Deployment:
    """Holds every further step until a person resumes."""
    if deployment.hold.paused:
        return deployment
    return log(replace(deployment, hold=replace(deployment.hold, paused=True)), now, event.person.signed("paused"))


@leads_to()
def resume(deployment: Deployment, event: ResumeRequested, _seen: Observation, now: datetime) -> Deployment:
    """Lets a paused or frozen deployment go on."""
    if not deployment.hold.paused:
        return deployment
    resumed = go_on(deployment, now)
    resumed = begin_wait_again(resumed, now) if deployment.hold.frozen else resumed
    return log(resumed, now, event.person.signed("resumed"))
