"""What a look found out is noted here, before anything is decided: alarms, requests of both versions, their share.

What a newcomer would get wrong: nothing here ends or holds a deployment. ``shifting`` asks ``gates`` what the notes
come to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import enough_requests, errors, hold, own_alarm, sample_ratio, team_metrics
from controller.core.gates.alarms import unreadable
from controller.core.gates.own_alarm import READ_AT_MOST, least_errors
from controller.core.lifecycle.transitions.edits import log, say
from controller.core.model import Deployment, Phase
from controller.core.model.observation import AlarmState, Observation
from controller.core.routing.desired import wanted
from controller.core.statistics import shift
from controller.core.statistics.before_after import NOTHING_KNOWN
from controller.core.statistics.sample_ratio import Share


def note_sights(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with everything that this look says of the canary."""
    deployment = team_metrics.note(_note_past(note_alarms(deployment, seen, now), seen), seen, now)
    if deployment.phase is Phase.BAKING:
        return _note_bake(_note_end(_note_before(deployment, seen, now), seen, now), seen, now)
    return _note_sight(_note_minutes(deployment, seen, now), seen)


def note_alarms(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with which alarms have not calmed down yet, and since when there is something that
    cannot be read.
    """
    alarms = seen.alarms or {}
    still = frozenset(name for name in deployment.disarmed if not alarms.get(name, AlarmState.MISSING).is_calm)
    if unreadable(deployment, seen, now) is None:
        since = None if seen.alarms is not None else deployment.unreadable_since
    else:
        since = deployment.unreadable_since or now
    if (still, since) == (deployment.disarmed, deployment.unreadable_since):
        return deployment
    return replace(deployment, disarmed=still, unreadable_since=since)


def _note_past(deployment: Deployment, seen: Observation) -> Deployment:
    if seen.past is None or deployment.shift.past is not None:
        return deployment
    return replace(deployment, shift=replace(deployment.shift, past=seen.past))


def _note_minutes(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    if seen.minutes and errors.judges(deployment) and deployment.serving_since:
        noted = deployment.shift
        if not noted.steps:  # an older release began it
            noted = noted.in_step(deployment.serving_since, deployment.manifest.strategy.steps[deployment.step].weight)
        look = noted.passing_over if deployment.foreign else noted.after_look
        looked = look(seen.minutes, now)
        deployment = deployment if looked == deployment.shift else replace(deployment, shift=looked)
    return _note_share(deployment, seen, now)


def _note_share(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    if not seen.minutes or deployment.phase is not Phase.SHIFTING or deployment.shift.past is None:
        return deployment
    complete = shift.complete(seen.minutes, deployment.shift.past.settles_in, now)
    share = Share.of([minute for minute in complete if minute.is_whole], deployment.live_at)
    if share == deployment.share:
        return deployment
    was_odd = sample_ratio.odd_share(deployment, seen, now)
    deployment = replace(deployment, share=share)
    odd = sample_ratio.odd_share(deployment, seen, now)
    return say(deployment, now, f"held: {odd}") if odd and not was_odd else deployment


def _note_end(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    gate = deployment.manifest.gates.errors
    if seen.ended is None or not hold.end_is_due(deployment, seen.baked, now):
        return deployment
    # The gate may be off beside metrics of the team's own; or a person promoted in spite of what it had seen.
    if gate is None or deployment.shift.odds >= errors.enough_in_shift(gate):
        return replace(deployment, shift=deployment.shift.without_end())
    return replace(deployment, shift=deployment.shift.after_end(seen.ended, deployment.phase_since))


def _note_sight(deployment: Deployment, seen: Observation) -> Deployment:
    if deployment.sighted or not enough_requests.sees(deployment, seen):
        return deployment
    return replace(deployment, sighted=True)


def _note_before(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Notes what its own alarm goes by in the bake; that nothing is known is said, and is not taken for no errors."""
    if not own_alarm.wants_before(deployment):
        return deployment
    given_up = deployment.live_at is not None and now - deployment.live_at >= READ_AT_MOST
    before = seen.stable_before or (NOTHING_KNOWN if given_up else None)
    if before is None:
        return deployment
    deployment = replace(deployment, stable_before=before)
    if before.is_enough:
        return deployment
    known = f"{before.requests} requests" if seen.stable_before else "no answer of CloudWatch"
    text = (
        f"{known} to say how often version {deployment.stable} failed before: in the bake the deployment's own alarm"
        " fires only where over 90% of the requests fail, and then the bytes are not quarantined"
    )
    return log(deployment, now, text)


def _note_bake(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    # All that came through the alias is counted, so it is the canary's only while the alias carries nothing else.
    past = deployment.shift.past
    if deployment.foreign or seen.routing != wanted(deployment) or past is None:
        return deployment
    bake = deployment.bake
    if seen.before is not None:
        bake = bake.with_before(seen.before, least_errors(past.history))
    new = [minute for minute in seen.baked if deployment.live_at and minute.began >= deployment.live_at]
    bake = bake.after(shift.complete(new, past.settles_in, now), past.history)
    return deployment if bake == deployment.bake else replace(deployment, bake=bake)
