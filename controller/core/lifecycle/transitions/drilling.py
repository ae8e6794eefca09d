"""Parts of transitions that only a drill has: its alarm, why it goes back, and what it has found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.manual import drill as gate
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.deployment.timeline import log, say


def begin_alarm(deployment: Deployment, now: datetime) -> Deployment:
    """Notes that the own alarm is to be set, once the alias was seen to carry the drill's version."""
    drill, is_seen = deployment.drill, deployment.traffic.confirmed_at is not None and not deployment.traffic.drift
    if drill is None or drill.alarm_at or deployment.phase is not Phase.SHIFTING or not is_seen:
        return deployment
    text = f"drill: alarm {deployment.alarms.own} is set to ALARM"
    deployment = replace(deployment, drill=replace(drill, alarm_at=now))
    return log(deployment, now, f"{text}, and its event has to bring version {deployment.stable} back")


def judged(deployment: Deployment, reason: Reason) -> tuple[Deployment, Reason]:
    """Returns a deployment about to go back, and the reason: a drill's own alarm speaks against nobody."""
    drill = deployment.drill
    if drill is None or drill.alarm_at is None:
        return deployment, reason
    if reason.cause is Cause.DRILL:
        return replace(deployment, drill=replace(drill, heard=False)), reason
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
    found = gate.in_words(deployment)
    return say(deployment, now, found) if found else deployment
