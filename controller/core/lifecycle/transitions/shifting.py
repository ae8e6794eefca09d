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
    go_on,
    leads_to,
    note_routing,
    requested,
    superseded,
    want,
    weight_of,
)
from controller.core.lifecycle.transitions.rolling_back import end_without_alias, make_again, roll_back
from controller.core.manifest.settings import OnFailure, OnTimeout
from controller.core.model import Cause, Deployment, Person, Phase, Reason, Routing, span
from controller.core.model.deployment.timeline import log, say
from controller.core.model.events import (
    AcceptDriftRequested,
    AlarmFired,
    NewerAccepted,
    PromoteRequested,
    RollbackRequested,
)
from controller.core.model.observation import Observation
from controller.core.model.outcomes import EffectRefused
from controller.core.routing import alias_description
from controller.core.routing.desired import is_gone


@leads_to(Phase.BAKING, Phase.ROLLING_BACK)
def shift(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while traffic shifts: rolls back in danger, takes the next step if no gate holds, stays otherwise."""
    return end_without_alias(deployment, now) if is_gone(deployment, seen) else _advance(deployment, seen, now)


@leads_to(Phase.SUCCEEDED, Phase.ROLLING_BACK, Phase.ROLLED_BACK)
def bake(deployment: Deployment, _event: object, seen: Observation, now: datetime) -> Deployment:
    """Looks again while the canary has all traffic: rolls back in danger, closes after the bake, stays otherwise."""
    return end_without_alias(deployment, now) if is_gone(deployment, seen) else _advance(deployment, seen, now)


def _advance(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    deployment = runs.note_waits(order.note(deployment, seen, now), now)
    danger = _danger(deployment, seen, now)
    if danger:
        return fail(deployment, danger, seen, now)
    if _emergency_done(deployment, seen):
        description = alias_description.read(seen.alias.description if seen.alias else "")
        reason = Reason(description.cause, description.why) if description else Reason(Cause.ALARM, "")
        return roll_back(deployment, reason, seen, now)
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
    if late or not guards or not about_us or _drifted_off_the_canary(deployment, seen) or _ends_frozen(deployment):
        return deployment
    return fail(deployment, Reason(Cause.ALARM, f"alarm {event.name} is firing"), seen, now)


@leads_to(Phase.BAKING, Phase.ROLLING_BACK)
def promote_now(deployment: Deployment, event: PromoteRequested, seen: Observation, now: datetime) -> Deployment:
    """Gives the canary all traffic because a person asks; dangers come first, even those of this look alone."""
    deployment = order.note(deployment, seen, now)
    if _danger(deployment, seen, now) and not deployment.hold.frozen:
        return _advance(deployment, seen, now)
    if deployment.traffic.drift or freeze.forbids(deployment, seen):
        return deployment
    held = order.holding(deployment, seen, now) or ""
    deployment = runs.pass_over(go_on(deployment, now), now)
    skipped = f"the steps and gates left are skipped{held and f' ({held})'}"
    return promote(deployment, now, event.person.signed(skipped), event.person)


@leads_to(Phase.SUCCEEDED, Phase.ROLLING_BACK)
def close_now(deployment: Deployment, event: PromoteRequested, seen: Observation, now: datetime) -> Deployment:
    """Ends the bake because a person who saw it asks; dangers come first."""
    if event.in_phase not in (None, Phase.BAKING):
        return deployment
    if _danger(deployment, seen, now) and not deployment.hold.frozen:
        return _advance(deployment, seen, now)
    is_closing = deployment.traffic.closing and not deployment.hold.frozen
    is_held = deployment.traffic.drift or deployment.traffic.confirmed_at is None or freeze.forbids(deployment, seen)
    if is_held or is_closing:
        return deployment
    deployment = runs.pass_over(go_on(deployment, now), now)
    return log(_closing(deployment), now, event.person.signed("the bake is ended"))


@leads_to(Phase.ROLLING_BACK)
def roll_back_now(deployment: Deployment, event: RollbackRequested, seen: Observation, now: datetime) -> Deployment:
    """Rolls back because a person asks, even over somebody else's routing."""
    if seen.routing is not None:
        traffic = replace(deployment.traffic.expecting(seen.routing), drift="")
        deployment = replace(deployment, traffic=traffic)
    elif deployment.stable is not None:
        deployment = make_again(deployment, now)
    return roll_back(deployment, requested(event), seen, now)


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


@leads_to(Phase.BAKING, Phase.ROLLED_BACK)
def accept_drift(deployment: Deployment, event: AcceptDriftRequested, seen: Observation, now: datetime) -> Deployment:
    """Accepts an external change: if the alias carries the canary alone, the bake begins; anything else ends the
    deployment.
    """
    deployment = note_routing(deployment, seen, now)
    if deployment.traffic.drift and seen.routing is not None and seen.routing == Routing(str(deployment.canary)):
        kept = replace(deployment, traffic=deployment.traffic.accepting(seen.routing))
        return promote(kept, now, event.person.signed("somebody else's routing is kept"), event.person)
    return keep_drift(deployment, event, seen, now)


@leads_to(Phase.ROLLED_BACK)
def keep_drift(deployment: Deployment, event: AcceptDriftRequested, seen: Observation, now: datetime) -> Deployment:
    """Ends the deployment on the single version that somebody else gave the alias; two versions cannot be kept."""
    deployment = note_routing(deployment, seen, now)
    if not deployment.traffic.drift or seen.routing is None or seen.routing.canary is not None:
        return deployment
    kept = event.person.signed(f"somebody else moved the alias to {seen.routing} and that was kept")
    reason = Reason(Cause.DRIFT, kept, event.person)
    deployment = replace(deployment, reason=reason, traffic=deployment.traffic.accepting(seen.routing))
    return enter(deployment, Phase.ROLLED_BACK, now, reason.text)


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


def _danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:
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
        return log(_closing(deployment), now, "the bake is over")
    if seen.alias is not None and alias_description.is_armed(seen.alias):
        return deployment
    reason = Reason(Cause.PROMOTED, f"version {deployment.canary} is live{callers.lacking(deployment, seen)}")
    return enter(replace(deployment, reason=reason), Phase.SUCCEEDED, now, reason.text)


def _closing(deployment: Deployment) -> Deployment:
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
