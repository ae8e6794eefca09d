"""Transitions of SHIFTING and BAKING: the canary serves, so dangers come before progress.

Rules of the file: a firing, armed alarm beats every gate, pause and request.

Note: a transition never says where traffic *is*, only where it should be; ``confirmed_at`` is set when the alias was
seen to carry it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import errors, freeze, hold, hooks, latency, order
from controller.core.gates.hooks import runs
from controller.core.gates.manual import approval, drill
from controller.core.gates.traffic import callers, enough_requests
from controller.core.lifecycle.transitions import approving
from controller.core.lifecycle.transitions.edits import (
    enter,
    leads_to,
    note_routing,
    superseded,
    want,
    weight_of,
)
from controller.core.lifecycle.transitions.rolling_back import end_without_alias, roll_back
from controller.core.manifest.settings import OnFailure, OnTimeout
from controller.core.model import Cause, Deployment, Person, Phase, Reason, Routing, span
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import (
    AlarmFired,
    NewerAccepted,
)
from controller.core.model.observation import Observation
from controller.core.model.outcomes import EffectRefused
from controller.core.routing import alias_description
from controller.core.routing.desired import is_gone


@leads_to(Phase.BAKING, Phase.ROLLING_BACK)
def shift(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while traffic shifts: rolls back in danger, takes the next step if no gate holds, stays otherwise."""
    return end_without_alias(deployment, now) if is_gone(deployment, seen) else advance(deployment, seen, now)


@leads_to(Phase.SUCCEEDED, Phase.ROLLING_BACK, Phase.ROLLED_BACK)
def bake(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while the canary has all traffic: rolls back in danger, closes after the bake, stays otherwise."""
    return end_without_alias(deployment, now) if is_gone(deployment, seen) else advance(deployment, seen, now)


def advance(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment after a look: dangers first, then holds, then the next step."""
    deployment = runs.note_waits(order.note(deployment, seen, now), now)
    danger = danger_of(deployment, seen, now)
    if danger:
        return fail(deployment, danger, seen, now)
    if _emergency_done(deployment, seen):
        description = alias_description.read(seen.alias.description if seen.alias else "")
        reason = Reason(description.cause, description.why) if description else Reason(Cause.ALARM, "")
        after = roll_back(deployment, reason, seen, now)
        return replace(after, traffic=replace(after.traffic, was_back=True))
    deployment = drill.begin_alarm(runs.begin_run_in_step(note_routing(deployment, seen, now), now), now)
    silence = hooks.unanswered(deployment)
    if silence and not deployment.traffic.drift:
        return roll_back(deployment, silence, seen, now)
    deployment = freeze.note(_hold_in_doubt(deployment, now), seen, now)
    held = order.holder(deployment, seen, now)
    if held is None:
        return _go_on(deployment, seen, now)
    gate, why = held
    if gate in (enough_requests.silent, enough_requests.holds):
        return _without_traffic(deployment, why, seen, now)
    if gate is hooks.holds:
        return runs.begin_run(deployment, now)
    if gate is approval.holds:
        unanswered = approving.unanswered(deployment, now)
        return (
            roll_back(deployment, unanswered, seen, now) if unanswered else approving.ask_for_approval(deployment, now)
        )
    return deployment


@leads_to(Phase.ROLLING_BACK)
def answer_alarm(deployment: Deployment, event: AlarmFired, seen: Observation, now: datetime) -> Deployment:
    """Rolls back if the alarm guards this deployment and concerns its canary; a late or other alarm changes nothing."""
    late = deployment.traffic.since is None or event.at < deployment.traffic.since or _is_answered(deployment, event)
    if event.was_calm and not late:
        alarms = replace(deployment.alarms, disarmed=deployment.alarms.disarmed - {event.name})
        deployment = replace(deployment, alarms=alarms)
    guards = event.name in deployment.alarm_names and event.name not in deployment.alarms.disarmed
    about_us = event.version is None or event.version == deployment.canary
    elsewhere = _drifted_off_the_canary(deployment, seen) and not _emergency_done(deployment, seen)
    if late or not guards or not about_us or elsewhere or _ends_frozen(deployment):
        return deployment
    after = fail(deployment, Reason(Cause.ALARM, f"alarm {event.name} is firing"), seen, now)
    if after.phase is not Phase.ROLLING_BACK:
        return after
    return replace(after, traffic=replace(after.traffic, alarmed_at=event.at))


@leads_to(Phase.ROLLING_BACK)
def supersede(deployment: Deployment, event: NewerAccepted, seen: Observation, now: datetime) -> Deployment:
    """Rolls back for a newer artifact, except during drift, under a freeze, or if the deployment is closing anyway."""
    # The newer one could not start, so under a freeze nothing is thrown away for it.
    if deployment.traffic.closing or deployment.traffic.drift or freeze.forbids(deployment, seen):
        return deployment
    return roll_back(deployment, superseded(event), seen, now)


@leads_to(Phase.ROLLING_BACK)
def roll_back_refused(deployment: Deployment, event: EffectRefused, seen: Observation, now: datetime) -> Deployment:
    """Rolls back because AWS refused the shift for good."""
    return roll_back(deployment, event.reason, seen, now)


@leads_to(Phase.ROLLING_BACK, Phase.FAILED)
def roll_back_or_end(deployment: Deployment, event: EffectRefused, seen: Observation, now: datetime) -> Deployment:
    """Rolls back because AWS refused the promotion; a first deployment has no alias then, and fails."""
    if deployment.stable is not None:
        return roll_back(deployment, event.reason, seen, now)
    return enter(replace(deployment, reason=event.reason), Phase.FAILED, now, event.reason.text)


def _is_answered(deployment: Deployment, event: AlarmFired) -> bool:
    """Did a person let the deployment go on after this alarm? Then the event is late, or repeated."""
    return deployment.hold.overruled_at is not None and event.at <= deployment.hold.overruled_at


def fail(deployment: Deployment, reason: Reason, seen: Observation, now: datetime) -> Deployment:
    """Rolls back or freezes, as ``on_failure`` says."""
    if deployment.manifest.on_failure is OnFailure.ROLLBACK:
        return roll_back(deployment, reason, seen, now)
    if deployment.hold.frozen:  # promote in the bake needs a confirmed routing
        return note_routing(deployment, seen, now)
    frozen = replace(deployment, hold=deployment.hold.freezing(reason))
    return say(frozen, now, f"frozen: {reason.text}; send promote, resume or rollback")


def danger_of(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:
    """Returns why traffic must come back; None without a danger, and if the canary has no traffic to take away."""
    if deployment.stable is None or _drifted_off_the_canary(deployment, seen) or _ends_frozen(deployment):
        return None
    return order.danger(deployment, seen, now)


def _ends_frozen(deployment: Deployment) -> bool:
    """Is a deployment closing, at a person's request, in spite of a danger?"""
    # It would only freeze again for as long as an alarm fires.
    return deployment.traffic.closing and not deployment.hold.frozen and deployment.hold.overruled_at is not None


def _drifted_off_the_canary(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry an external routing without traffic for the canary that could be taken away?"""
    spares_canary = alias_description.serves(seen.routing, deployment.stable, deployment.canary)
    is_ours = seen.routing in deployment.traffic.expected_routings or spares_canary
    return not is_ours and not (seen.routing is None and deployment.stable is None)


def _emergency_done(deployment: Deployment, seen: Observation) -> bool:
    """Was traffic brought back by the alias alone, while the record could not be written?"""
    if seen.alias is None or deployment.stable is None or seen.routing != Routing(deployment.stable):
        return False
    return alias_description.tells_of(seen.alias, deployment)


def _go_on(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    lacking = enough_requests.lacking(deployment, seen, now)
    if lacking:
        deployment = log(deployment, now, f"{lacking}; {enough_requests.goes_on_without(deployment, seen, now)}")
    if deployment.phase is Phase.SHIFTING:
        return _next_step(deployment, now)
    if not deployment.traffic.closing:
        return log(closing(deployment), now, "the bake is over")
    if seen.alias is not None and alias_description.is_armed(seen.alias):
        return deployment
    reason = Reason(Cause.PROMOTED, f"version {deployment.canary} is live{callers.lacking(deployment, seen)}")
    return enter(replace(deployment, reason=reason), Phase.SUCCEEDED, now, reason.text)


def closing(deployment: Deployment) -> Deployment:
    """Returns the deployment with its bake over: the way back is disarmed before the end."""
    return replace(deployment, traffic=replace(deployment.traffic, closing=True))


def _next_step(deployment: Deployment, now: datetime) -> Deployment:
    step = deployment.traffic.step + 1
    if step == len(deployment.manifest.strategy.steps):
        return promote(deployment, now)
    traffic, hold = deployment.traffic.at_step(step), deployment.hold.in_next_step()
    deployment = want(replace(deployment, traffic=traffic, hold=hold), now)
    return log(deployment, now, f"step {step + 1}: {weight_of(deployment, step)} to version {deployment.canary}")


def _hold_in_doubt(deployment: Deployment, now: datetime) -> Deployment:
    if not hold.in_doubt(deployment, now):
        return deployment
    longer = span(deployment.manifest.strategy.steps[deployment.traffic.step].hold)
    words = errors.doubtful(deployment)
    deployment = replace(deployment, hold=replace(deployment.hold, doubts=deployment.hold.doubts + 1))
    return log(deployment, now, f"in doubt: step {deployment.traffic.step + 1} is held for another {longer}; {words}")


def _without_traffic(deployment: Deployment, held: str, seen: Observation, now: datetime) -> Deployment:
    no_traffic = deployment.manifest.gates.no_traffic
    if no_traffic.then is not OnTimeout.ROLLBACK or not enough_requests.waited(deployment, seen, now):
        return deployment
    cause = Cause.NO_DATA if held == enough_requests.no_data(deployment) else Cause.NO_TRAFFIC
    since = "" if deployment.phase is Phase.BAKING else f", {span(no_traffic.timeout)} after its hold"
    text = f"{held}; gates.no_traffic says rollback{since}"
    return roll_back(deployment, Reason(cause, text), seen, now)


def promote(deployment: Deployment, now: datetime, because: str = "", person: Person | None = None) -> Deployment:
    """Gives the canary all traffic: by itself, or because ``person`` asked."""
    if deployment.phase is Phase.SHIFTING:
        deployment = latency.with_end(deployment, now)
    armed = () if deployment.stable is None else ("rollback stays armed",)
    text = "; ".join((f"all traffic to version {deployment.canary}", *armed, *filter(None, (because,))))
    return enter(deployment, Phase.BAKING, now, text, person)
