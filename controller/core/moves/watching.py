"""What a look found out is noted here, before anything is decided: alarms, requests of both versions, their share.

What a newcomer would get wrong: nothing here ends or holds a deployment. ``traffic`` asks ``gates`` what the notes
come to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core import gates
from controller.core.model import Deployment, Phase
from controller.core.moves.steps import say
from controller.core.observation import AlarmState, Observation
from controller.core.plan import wanted


def note_sights(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with everything that this look says of the canary."""
    deployment = note_alarms(deployment, seen, now)
    if deployment.phase is Phase.BAKING:
        return _note_bake(deployment, seen)
    return _note_sight(_note_minutes(deployment, seen, now), seen)


def note_alarms(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with which alarms still wait for their first OK, and since when there is something that
    cannot be read.
    """
    alarms = seen.alarms or {}
    still = frozenset(name for name in deployment.disarmed if alarms.get(name) is not AlarmState.OK)
    if gates.unreadable(deployment, seen, now) is None:
        since = None if seen.alarms is not None else deployment.unreadable_since
    else:
        since = deployment.unreadable_since or now
    if (still, since) == (deployment.disarmed, deployment.unreadable_since):
        return deployment
    return replace(deployment, disarmed=still, unreadable_since=since)


def _note_minutes(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    new = tuple(minute for minute in seen.minutes or () if deployment.judgement.is_new(minute.began))
    if not new:
        return deployment
    share = deployment.share.after(new, deployment.live_at)
    was_odd = gates.odd_share(deployment, seen, now)
    deployment = replace(deployment, judgement=deployment.judgement.after(new), share=share)
    odd = gates.odd_share(deployment, seen, now)
    return say(deployment, now, f"held: {odd}") if odd and not was_odd else deployment


def _note_sight(deployment: Deployment, seen: Observation) -> Deployment:
    if deployment.sighted or not gates.sees(deployment, seen):
        return deployment
    return replace(deployment, sighted=True)


def _note_bake(deployment: Deployment, seen: Observation) -> Deployment:
    # All that came through the alias is counted, so it is the canary's only while the alias carries nothing else.
    if deployment.foreign or seen.routing != wanted(deployment):
        return deployment
    bake = deployment.bake if seen.before is None else deployment.bake.with_before(seen.before)
    bake = bake.after(minute for minute in seen.baked if deployment.live_at and minute.began >= deployment.live_at)
    return deployment if bake == deployment.bake else replace(deployment, bake=bake)
