"""Changes of a record common to the phases: entering a phase, wanting a routing, noting the alias's routing.

Only ``enter`` changes a phase.

Note: ``want`` unsets the confirmation on purpose. The next routing counts only once the alias was seen to carry it,
which ``note_routing`` notes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from controller.core.gates.hooks.runs import begin_wait_again
from controller.core.manifest.parsing import without_secrets
from controller.core.model import NOBODY, Cause, Deployment, Person, Phase, Reason, percent
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import NewerAccepted, RollbackRequested
from controller.core.model.observation import Observation
from controller.core.routing.desired import carries, ours, wanted

Transition = Callable[..., Deployment]


def leads_to(*phases: Phase) -> Callable[[Transition], Transition]:
    """Notes the phases a transition may enter."""

    def note(transition: Transition) -> Transition:
        transition.leads_to = phases  # type: ignore[attr-defined]
        return transition

    return note


@leads_to()
def nothing(deployment: Deployment, _event: object, _seen: Observation, _now: datetime) -> Deployment:
    """The event does not concern this phase."""
    return deployment


@leads_to()
def refuse(deployment: Deployment, _event: object, _seen: Observation, _now: datetime) -> Deployment:
    """The request cannot be met in this phase; ``refusals`` says why."""
    return deployment


def enter(deployment: Deployment, phase: Phase, now: datetime, text: str, person: Person | None = None) -> Deployment:
    """Returns the deployment in another phase, told to people. ``person`` asked for it: None for the reason's."""
    person = person or (deployment.reason.person if deployment.reason else NOBODY)
    manifest = without_secrets(deployment.manifest) if phase.is_terminal else deployment.manifest
    hooks = tuple(run.left() for run in deployment.evidence.hooks)
    deployment = replace(
        deployment,
        manifest=manifest,
        phase=phase,
        phase_since=now,
        traffic=deployment.traffic.at_step(0),
        evidence=replace(deployment.evidence, hooks=hooks),
        hold=deployment.hold.in_phase(phase),
    )
    return say(want(deployment, now), now, f"{phase.value}: {text}", person)


def want(deployment: Deployment, now: datetime) -> Deployment:
    """Adds the desired routing to the expected ones; unconfirmed until seen."""
    routing = wanted(deployment)
    if routing and routing.weight:
        shift = deployment.evidence.shift.in_step(now, routing.weight)
        deployment = deployment.with_evidence(replace(deployment.evidence, shift=shift))
    traffic = replace(deployment.traffic, confirmed_at=None)
    if routing is not None and routing not in traffic.expected_routings:
        traffic = traffic.expecting(routing)
    return replace(deployment, traffic=traffic)


def note_routing(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Notes whether the alias carries the desired routing, an expected one, or somebody else's."""
    routing = wanted(deployment)
    if ours(deployment, seen):
        if deployment.traffic.drift:
            # The routing in between says nothing about the canary, so the hold, hooks and approval start again.
            hold = replace(deployment.hold, approval=None, cut_short_at=None)
            deployment = replace(deployment, traffic=deployment.traffic.without_drift(), hold=hold)
            deployment = begin_wait_again(deployment, now)
            deployment = say(deployment, now, "the alias carries what Slipway wrote again")
        if carries(deployment, seen) and deployment.traffic.confirmed_at is None and routing is not None:
            deployment = replace(deployment, traffic=deployment.traffic.confirmed(routing, now))
            return log(deployment, now, f"the alias was seen to carry {routing}")
        return deployment
    what = str(seen.routing) if seen.routing else "no alias at all"
    if what == deployment.traffic.drift:
        return deployment
    answer = "send accept_drift to keep it, or rollback"
    text = f"somebody else made {deployment.target} carry {what}; Slipway leaves it so: {answer}"
    return say(replace(deployment, traffic=replace(deployment.traffic, drift=what)), now, text)


def go_on(deployment: Deployment, now: datetime) -> Deployment:
    """Lets a paused or frozen deployment go on, in spite of the reason for the freeze."""
    return replace(deployment, hold=deployment.hold.released(now))


def weight_of(deployment: Deployment, step: int) -> str:
    return percent(deployment.manifest.strategy.steps[step].weight)


def deleted(deployment: Deployment) -> Reason:
    """Returns the reason of an end because the alias has disappeared."""
    text = (
        f"{deployment.target} does not exist any more: somebody deleted the alias, or the whole function; drop an"
        " artifact to begin anew"
    )
    return Reason(Cause.DRIFT, text)


def requested(event: RollbackRequested) -> Reason:
    return Reason(Cause.REQUESTED, event.person.says("asked"), event.person)


def superseded(event: NewerAccepted) -> Reason:
    return Reason(Cause.SUPERSEDED, f"the newer deployment #{event.number} takes its place")
