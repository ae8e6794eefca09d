"""The gate of a drill: its own alarm is set to ALARM by hand, and the alarm's event has to bring the old version back.

Rules of the file: a look that reads the alarm does not count it as firing, for then nobody would notice that its events
do not come. Without the event the drill goes back by itself, and says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, span, written
from controller.core.model.deployment.timeline import log, say
from controller.core.model.observation import Observation
from controller.core.routing import alias_description

WAIT = timedelta(minutes=3)
"""How long the alarm's event may take; usually it comes within seconds."""
NOT_HEARD = "the way back by alarm does NOT work: see the stack's rule for alarms, and its dead letters"


def waits_for_event_of(deployment: Deployment, alarm: str) -> bool:
    """Must the alarm be heard by its event, and not read by a look?"""
    return _alarm_at(deployment) is not None and alarm == deployment.alarms.own


def danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:
    """Returns that the alarm's event has not come in time, None before, and for every other deployment."""
    alarm_at, own = _alarm_at(deployment), deployment.alarms.own
    since = alarm_at if _is_set(deployment) else deployment.traffic.confirmed_at
    has_come = seen.alias is not None and alias_description.tells_of(seen.alias, deployment)
    if alarm_at is None or since is None or has_come or now - since < WAIT:
        return None
    if not _is_set(deployment):
        return Reason(Cause.DRILL, f"alarm {own} could not be set to ALARM in {span(WAIT)}, so nothing is proved")
    return Reason(Cause.DRILL, f"no event of alarm {own} has come in {span(WAIT)}: {NOT_HEARD}")


def holds(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns what a drill waits for, None for every other deployment: a drill takes no further step."""
    if deployment.drill is None or deployment.phase is not Phase.SHIFTING:
        return None
    alarm_at = _alarm_at(deployment)
    if alarm_at is None:
        return f"drill: alarm {deployment.alarms.own} is to be set"
    event, at = f"the event of alarm {deployment.alarms.own}", (alarm_at + WAIT).isoformat(timespec="seconds")
    return f"drill: {event} has to bring version {deployment.stable} back; without it the drill goes back at {at}"


def in_words(deployment: Deployment) -> str | None:
    """Returns what the drill has found, None before its end."""
    drill = deployment.drill
    if drill is None or drill.took is None:
        return None
    back = f"version {deployment.stable} was seen back {drill.took.total_seconds():.1f} s after the alarm was set"
    if drill.heard:
        return f"drill: {back}, by the alarm's event: the way back by alarm works"
    return f"drill: {back}, but {NOT_HEARD if drill.heard is False else 'not by the alarm, so nothing is proved'}"


def begin_alarm(deployment: Deployment, now: datetime) -> Deployment:
    """Notes that the own alarm is to be set now, once the alias was seen to carry the drill's version; again, until it
    is set.
    """
    drill, is_seen = deployment.drill, deployment.traffic.confirmed_at is not None and not deployment.traffic.drift
    if drill is None or _is_set(deployment) or deployment.phase is not Phase.SHIFTING or not is_seen:
        return deployment
    deployment = replace(deployment, drill=replace(drill, alarm_at=now))
    if drill.alarm_at:
        return deployment
    text = f"drill: alarm {deployment.alarms.own} is set to ALARM"
    return log(deployment, now, f"{text}, and its event has to bring version {deployment.stable} back")


def judged(deployment: Deployment, reason: Reason) -> tuple[Deployment, Reason]:
    """Returns a deployment about to go back, and the reason: a drill's own alarm speaks against nobody."""
    drill = deployment.drill
    if drill is None or drill.alarm_at is None:
        return deployment, reason
    if reason.cause is Cause.DRILL:
        return replace(deployment, drill=replace(drill, heard=False if _is_set(deployment) else None)), reason
    # The alias's description may have cut the text.
    if reason.cause is not Cause.ALARM or not f"alarm {deployment.alarms.own} is firing".startswith(reason.text):
        return deployment, reason
    heard = replace(deployment, drill=replace(drill, heard=True))
    return heard, Reason(Cause.DRILL, f"{reason.text}, as the drill has set it")


def note_back(deployment: Deployment, now: datetime) -> Deployment:
    """Notes, and tells people, what the drill has found, once the alias was seen back."""
    drill = deployment.drill
    if drill is None or drill.back_at or deployment.traffic.confirmed_at is None:
        return deployment
    deployment = replace(deployment, drill=replace(drill, back_at=now))
    found = in_words(deployment)
    return say(deployment, now, found) if found else deployment


def report(deployment: Deployment) -> dict[str, object] | None:
    """Returns the drill's state for ``status``; None for every other deployment."""
    drill = deployment.drill
    if drill is None:
        return None
    return {
        "alarm_at": written(drill.alarm_at),
        "back_at": written(drill.back_at),
        "seconds": round(drill.took.total_seconds(), 1) if drill.took else None,
        "heard": drill.heard,
        "in_words": in_words(deployment),
    }


def _is_set(deployment: Deployment) -> bool:
    return Milestone.DRILL_ALARM_SET in deployment.done


def _alarm_at(deployment: Deployment) -> datetime | None:
    # A drill whose version a person has accepted with all traffic bakes like any other.
    return deployment.drill.alarm_at if deployment.drill and deployment.phase is Phase.SHIFTING else None
