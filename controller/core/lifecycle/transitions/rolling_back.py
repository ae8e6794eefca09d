"""Transitions of ROLLING_BACK, and the beginning of a rollback from every phase that serves.

Note: a rollback ends once the alias was *seen* on the stable version and cleaning up is done or given up, never with
the write itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import hooks
from controller.core.gates.hooks.runs import begin_run, note_waits
from controller.core.gates.manual import drill
from controller.core.lifecycle.cleanup import RESTORE_TIMEOUT, owed_by_rollback, restoring_too_long
from controller.core.lifecycle.quarantine import is_own_alarms_word_alone
from controller.core.lifecycle.transitions.edits import (
    deleted,
    enter,
    leads_to,
    note_routing,
    requested,
)
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, Routing
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import RollbackRequested
from controller.core.model.observation import Observation
from controller.core.model.outcomes import Asleep, EffectRefused
from controller.core.routing import alias_description
from controller.core.routing.desired import carries, is_gone


@leads_to(Phase.ROLLED_BACK)
def continue_rollback(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while rolling back; ends once the alias was seen back and cleaning up is done or given up."""
    # A missing alias gives the canary no traffic, so only cleaning up is left.
    gone = is_gone(deployment, seen)
    if gone:
        confirmed_at = deployment.traffic.confirmed_at or now
        deployment = replace(deployment, traffic=replace(deployment.traffic, confirmed_at=confirmed_at, drift=""))
    else:
        deployment = note_routing(deployment, seen, now)
    if not gone and not carries(deployment, seen):
        return deployment
    deployment = deployment if gone else drill.note_back(deployment, now)
    deployment = _note_awake(begin_run(note_waits(deployment, now), now), now)
    owed = owed_by_rollback(deployment, gone=gone)
    if (owed and not restoring_too_long(deployment, now)) or _is_told(deployment, now):
        return deployment
    if owed - {Milestone.AWAKE}:
        deployment = log(deployment, now, "given up: cleaning up took too long; see what $LATEST of the function runs")
    what = (
        f"the alias carries it, and {deployment.traffic.asleep}"
        if deployment.traffic.asleep
        else f"{seen.routing} serves"
    )
    if gone:
        what = f"nothing serves, because {deployment.target} is gone"
    because = deployment.reason.text if deployment.reason else "asked"
    return enter(deployment, Phase.ROLLED_BACK, now, f"{what}; rolled back because {because}")


@leads_to()
def note_asleep(deployment: Deployment, event: Asleep, _seen: Observation, now: datetime) -> Deployment:
    """Tells people that the version with all traffic cannot serve yet; the next tick looks again."""
    traffic = deployment.traffic
    if event.why == traffic.asleep:
        return deployment
    tell = log if traffic.asleep else say
    deployment = replace(deployment, traffic=replace(traffic, asleep=event.why))
    return tell(deployment, now, f"the alias is right, but {event.why}")


def _note_awake(deployment: Deployment, now: datetime) -> Deployment:
    if not deployment.traffic.asleep or Milestone.AWAKE not in deployment.done:
        return deployment
    deployment = replace(deployment, traffic=replace(deployment.traffic, asleep=""))
    return say(deployment, now, f"version {deployment.stable} is Active again and serves")


@leads_to()
def roll_back_over(deployment: Deployment, event: RollbackRequested, seen: Observation, now: datetime) -> Deployment:
    """Rolls back over somebody else's routing, because a person asks who can know about it."""
    if not deployment.traffic.drift or event.over_drift not in (None, deployment.traffic.drift):
        return deployment
    deployment = replace(deployment, traffic=deployment.traffic.without_drift())
    if seen.routing is None:
        return make_again(replace(deployment, reason=requested(event)), now)
    deployment = replace(deployment, traffic=deployment.traffic.expecting(seen.routing))
    return log(deployment, now, event.person.signed("rollback was confirmed"))


@leads_to(Phase.FAILED)
def note_refused(deployment: Deployment, event: EffectRefused, _seen: Observation, now: datetime) -> Deployment:
    """Tells people, once, that AWS refuses the rollback; every tick tries again."""
    # A deleted version or function can never be rolled back to, so a second refusal ends the deployment. The alias is
    # read again before: it may be the alias that is missing.
    is_told = any(entry.text == event.reason.text for entry in deployment.timeline)
    if event.reason.cause is Cause.DRIFT and deployment.traffic.confirmed_at is None and is_told:
        why = deployment.reason.text if deployment.reason else "asked"
        text = f"rollback is impossible: {event.reason.text}; the reason for the rollback was: {why}"
        return enter(replace(deployment, reason=Reason(Cause.DRIFT, text)), Phase.FAILED, now, text)
    if deployment.timeline and deployment.timeline[-1].text == event.reason.text:
        return deployment
    return say(deployment, now, event.reason.text)


def make_again(deployment: Deployment, now: datetime) -> Deployment:
    """Tells people about the alias that Slipway makes again.

    Source: Lambda developer guide, a function's policy and triggers can belong to an alias, 2026-11.
    """
    text = "the alias does not exist: Slipway makes it again, without its former permissions and triggers"
    return log(deployment, now, text)


def _is_told(deployment: Deployment, now: datetime) -> bool:
    """Is a hook being told about the rollback? This keeps the deployment open only for a short time."""
    point = hooks.waited_for(deployment)
    run = hooks.run_of(deployment, point) if point else None
    return run is not None and now - run.begun_at < RESTORE_TIMEOUT


def roll_back(deployment: Deployment, reason: Reason, seen: Observation, now: datetime) -> Deployment:
    if deployment.stable is None:
        return deployment
    expected = deployment.traffic.expected_routings
    if seen.routing is not None and alias_description.serves(seen.routing, deployment.stable, deployment.canary):
        expected = (*expected, seen.routing)
    deployment, reason = drill.judged(deployment, reason)
    deployment = _turned_back(deployment, reason, now, *expected)
    if deployment.evidence.stable_before is None and is_own_alarms_word_alone(deployment):
        known = f"its alarm fired before the error rate of version {deployment.stable} was known"
        deployment = log(deployment, now, f"{known}, so the bytes are not quarantined")
    text = f"back to version {deployment.stable} because {reason.text}"
    return enter(deployment, Phase.ROLLING_BACK, now, text)


def end_without_alias(deployment: Deployment, now: datetime) -> Deployment:
    """Ends a deployment without its alias. There is no traffic to bring back; the rest is cleaned up."""
    reason = deleted(deployment)
    deployment = _turned_back(deployment, reason, now)
    phase = Phase.ROLLED_BACK if deployment.stable is None else Phase.ROLLING_BACK
    return enter(deployment, phase, now, reason.text)


def _turned_back(deployment: Deployment, reason: Reason, now: datetime, *expected: Routing) -> Deployment:
    traffic = deployment.traffic.turned_back(now, *expected)
    return replace(deployment, reason=reason, traffic=traffic, hold=replace(deployment.hold, paused=False))
