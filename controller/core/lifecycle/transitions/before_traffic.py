"""Transitions of PREPARING and TESTING: nothing serves yet, so an end is FAILED and harms nobody.

Once its bytes may be in ``$LATEST``, a failing deployment first restores the stable version's: ``failing`` has the
reason while the phase stays. Then it becomes FAILED.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import alarms, deadline, freeze, hooks, order, unreadable
from controller.core.gates.hooks import runs
from controller.core.gates.manual import approval
from controller.core.lifecycle.cleanup import restoring_too_long
from controller.core.lifecycle.transitions import approving
from controller.core.lifecycle.transitions.edits import (
    deleted,
    enter,
    leads_to,
    requested,
    superseded,
    weight_of,
)
from controller.core.lifecycle.transitions.shifting import promote
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, Routing
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hold import delay
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import DenyRequested, NewerAccepted, OverrideRequested, RollbackRequested
from controller.core.model.observation import Observation
from controller.core.model.outcomes import (
    BecameActive,
    CaughtUp,
    Delayed,
    EffectRefused,
    Identified,
    Onboarded,
    Preflighted,
    Published,
    Tested,
    Unchanged,
)
from controller.core.routing.desired import is_gone


@leads_to(Phase.FAILED)
def prepare(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while nothing serves; ends a failing deployment, or one without alias, or past the deadline."""
    if deployment.failing:
        return _finish_failing(deployment, deployment.failing.reason, now)
    if is_gone(deployment, seen):
        return give_up(deployment, deleted(deployment), now)
    if deadline.has_passed(deployment, now):
        return give_up(deployment, deadline.reason(deployment), now)
    return freeze.note(deployment, seen, now)


@leads_to(Phase.FAILED, Phase.SHIFTING, Phase.BAKING)
def start_traffic(deployment: Deployment, event: object, seen: Observation, now: datetime) -> Deployment:
    """Moves the first percent once the tests have passed and no gate holds."""
    deployment = freeze.note(unreadable.note(alarms.note(deployment, seen, now), seen, now), seen, now)
    if deployment.failing or is_gone(deployment, seen) or deadline.has_passed(deployment, now):
        return prepare(deployment, event, seen, now)
    deployment = runs.note_waits(deployment, now)
    failure = hooks.danger(deployment, seen, now) or hooks.unanswered(deployment)
    if failure:
        return give_up(deployment, failure, now)
    held = order.holder(deployment, seen, now)
    gate = held[0] if held else None
    if Milestone.TESTED not in deployment.done or gate not in (None, hooks.holds, approval.holds):
        return deployment
    before = () if deployment.stable is None else (Routing(deployment.stable),)
    if seen.routing not in (before or (None,)):
        text = f"the alias carries {seen.routing or 'nothing'} now, not what it did when the deployment began"
        return give_up(deployment, Reason(Cause.DRIFT, text), now)
    if gate is hooks.holds:
        return runs.begin_run(deployment, now)
    if gate is approval.holds:
        unanswered = approving.unanswered(deployment, now)
        return give_up(deployment, unanswered, now) if unanswered else approving.ask_for_approval(deployment, now)
    deployment = replace(
        deployment,
        traffic=replace(deployment.traffic, since=now, expected_routings=before),
        alarms=replace(deployment.alarms, disarmed=alarms.already_firing(deployment, seen)),
    )
    if deployment.stable is None or not deployment.manifest.strategy.steps:
        return promote(deployment, now)
    text = f"{weight_of(deployment, 0)} to version {deployment.canary}, the rest to {deployment.stable}"
    return enter(deployment, Phase.SHIFTING, now, text)


@leads_to()
def note_preflight(deployment: Deployment, event: Preflighted, _seen: Observation, _now: datetime) -> Deployment:
    """Remembers the version to go back to."""
    versions = replace(
        deployment.versions,
        preflighted=True,
        stable=event.stable,
        onboards=event.onboards,
        stable_artifact=event.stable_artifact,
        behind=event.behind,
    )
    return replace(deployment, versions=versions).without_delay()


@leads_to()
def note_onboarding(deployment: Deployment, event: Onboarded, _seen: Observation, now: datetime) -> Deployment:
    """Remembers the function's code from before Slipway, now published as a version."""
    text = (
        f"onboarded: what {deployment.target.function} ran is version {event.version} now and {deployment.target}"
        f" carries it; callers must use the alias {deployment.target.alias}. Retries and destinations of asynchronous"
        f" calls are set for {deployment.target.function} and not for the alias: set them there, too"
    )
    versions = replace(deployment.versions, stable=event.version)
    return say(replace(deployment, versions=versions).without_delay(), now, text)


@leads_to(Phase.FAILED)
def note_identity(deployment: Deployment, event: Identified, _seen: Observation, now: datetime) -> Deployment:
    """Remembers the hash of the bytes, or ends a deployment whose bytes must not be published."""
    refused = event.refused or event.quarantined
    if refused:
        return give_up(deployment, refused, now)
    versions = replace(deployment.versions, sha256=event.sha256)
    return replace(deployment, versions=versions).with_done(Milestone.IDENTIFIED).without_delay()


@leads_to()
def note_catching_up(deployment: Deployment, event: CaughtUp, _seen: Observation, now: datetime) -> Deployment:
    """Remembers that ``$LATEST`` matches the stable version; tells people about differences."""
    deployment = replace(deployment, versions=replace(deployment.versions, behind=None)).without_delay()
    return log(deployment, now, event.note) if event.note else deployment


@leads_to(Phase.SUCCEEDED)
def note_version(deployment: Deployment, event: Published, seen: Observation, now: datetime) -> Deployment:
    """Takes the published version as the canary, unless AWS gave the stable version again."""
    if deployment.failing:
        return deployment
    if event.version == deployment.stable:
        return note_unchanged(deployment, Unchanged(event.version), seen, now)
    versions = replace(deployment.versions, canary=event.version, sha256=event.sha256)
    return replace(deployment, versions=versions).without_delay()


@leads_to(Phase.TESTING)
def start_tests(deployment: Deployment, _event: BecameActive, _seen: Observation, now: datetime) -> Deployment:
    """Tests the version now that it can answer."""
    if deployment.failing:
        return deployment
    tests = _tests(len(deployment.manifest.tests))
    return enter(
        deployment, Phase.TESTING, now, f"version {deployment.canary} is published; {tests} before any traffic"
    )


@leads_to(Phase.SUCCEEDED)
def note_unchanged(deployment: Deployment, event: Unchanged, _seen: Observation, now: datetime) -> Deployment:
    """Ends a deployment that would change nothing."""
    reason = Reason(Cause.UNCHANGED, f"no change: version {event.version} already has this code and these settings")
    return enter(replace(deployment, reason=reason), Phase.SUCCEEDED, now, reason.text)


@leads_to(Phase.FAILED)
def end_refused(deployment: Deployment, event: EffectRefused, _seen: Observation, now: datetime) -> Deployment:
    """Ends a deployment that AWS or a check refused before any traffic."""
    return give_up(deployment, event.reason, now)


@leads_to(Phase.FAILED)
def note_delay(deployment: Deployment, event: Delayed, _seen: Observation, now: datetime) -> Deployment:
    """Remembers a delay and tells it once; a call that has failed for too long ends the deployment."""
    found = delay.after(deployment.hold.delay, event.kind, event.reason.text, event.advice, now)
    # A deployment already ending is only delayed in cleaning up, which has a time limit of its own.
    if found.is_over(now) and not deployment.failing:
        return give_up(deployment, Reason(event.reason.cause, found.last_words()), now)
    if found.is_as(deployment.hold.delay):
        return deployment
    return log(replace(deployment, hold=replace(deployment.hold, delay=found)), now, found.in_words())


@leads_to(Phase.FAILED)
def note_tests(deployment: Deployment, event: Tested, _seen: Observation, now: datetime) -> Deployment:
    """Remembers the test results; a failed test ends the deployment."""
    deployment = deployment.with_evidence(replace(deployment.evidence, tests=event.outcomes))
    deployment = deployment.with_done(Milestone.TESTED).without_delay()
    failed = [outcome for outcome in event.outcomes if not outcome.passed]
    if not failed:
        return log(deployment, now, f"{_tests(len(event.outcomes))} passed")
    text = f"test {failed[0].name!r} failed on version {deployment.canary}: {failed[0].why}"
    return give_up(deployment, Reason(Cause.TEST_FAILED, text), now)


@leads_to(Phase.FAILED)
def end_by_request(deployment: Deployment, event: RollbackRequested, _seen: Observation, now: datetime) -> Deployment:
    """Ends a deployment before traffic, because a person asks."""
    return give_up(deployment, requested(event), now)


@leads_to(Phase.FAILED)
def end_denied(deployment: Deployment, event: DenyRequested, _seen: Observation, now: datetime) -> Deployment:
    """Ends a deployment whose first percent was denied."""
    return give_up(deployment, approving.denied(event), now) if approving.answers(deployment, event) else deployment


@leads_to()
def override(deployment: Deployment, event: OverrideRequested, _seen: Observation, now: datetime) -> Deployment:
    """Lets traffic start in spite of an alarm; the alarm is disarmed only if firing then."""
    if deployment.failing or event.alarm in deployment.alarms.overridden:
        return deployment
    alarms = replace(deployment.alarms, overridden=deployment.alarms.overridden | {event.alarm})
    deployment = replace(deployment, alarms=alarms)
    text = event.person.says(f"overrides alarm {event.alarm}, which counts again once it has calmed down")
    return say(deployment, now, text, event.person)


@leads_to(Phase.FAILED)
def end_superseded(deployment: Deployment, event: NewerAccepted, _seen: Observation, now: datetime) -> Deployment:
    """Ends a deployment before traffic, because a newer one waits."""
    return give_up(deployment, superseded(event), now)


def give_up(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    if deployment.failing:
        return deployment
    deployment = replace(deployment, failing=Failing(reason, now)).without_delay()
    return _finish_failing(deployment, reason, now)


def _finish_failing(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    untouched = Milestone.IDENTIFIED not in deployment.done or deployment.stable is None
    if untouched or Milestone.RESTORED in deployment.done:
        return _failed(deployment, reason, now)
    if not restoring_too_long(deployment, now):
        return deployment
    text = "given up: $LATEST could not be brought back to the stable version; it still has the code that failed"
    return _failed(log(deployment, now, text), reason, now)


def _failed(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    return enter(replace(deployment, reason=reason, failing=None), Phase.FAILED, now, reason.text)


def _tests(count: int) -> str:
    return "1 test" if count == 1 else f"{count} tests"
