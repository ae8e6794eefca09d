"""The gate of alarms: which of a deployment's alarms fire, and whether one of them keeps it from starting.

Example: ``already_alarming`` is block and the alarm checkout-5xx fires before the first percent: the deployment waits.

An unreadable alarm is not a bad canary: it holds, for a bounded time, and then ``on_failure`` decides.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.gates import latency
from controller.core.gates.enough_requests import uncounted
from controller.core.gates.errors import judges
from controller.core.manifest.settings import AlreadyAlarming
from controller.core.model import Deployment, Phase
from controller.core.model.observation import AlarmState, Observation


def is_guarded(deployment: Deployment) -> bool:
    """Do alarms count now? Not for a first deployment: there is nothing that they could bring back."""
    return (deployment.phase.serves or deployment.phase is Phase.TESTING) and not deployment.is_first


def firing(deployment: Deployment, seen: Observation) -> str | None:
    """Returns the name of an armed alarm that is firing, None where none is."""
    alarms = seen.alarms or {}
    armed = (name for name in deployment.alarm_names if name not in deployment.disarmed)
    return next((name for name in armed if alarms.get(name) is AlarmState.FIRING), None)


def already_firing(deployment: Deployment, seen: Observation) -> frozenset[str]:
    """Returns the named alarms that fire before the deployment has moved any traffic."""
    alarms = seen.alarms or {}
    return frozenset(name for name in deployment.manifest.gates.alarms if alarms.get(name) is AlarmState.FIRING)


def blocked(deployment: Deployment, seen: Observation, _now: datetime) -> str | None:
    """Does an alarm that fires already keep the deployment from its first percent?"""
    if deployment.manifest.gates.already_alarming is not AlreadyAlarming.BLOCK:
        return None
    names = already_firing(deployment, seen) - deployment.overridden
    return f"alarm {min(names)} is firing already and already_alarming is block" if names else None


def unreadable(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns what cannot be read, None where all can. A deleted alarm is an unreadable one."""
    if seen.unreadable:
        return "CloudWatch does not answer for the alarms"
    if judges(deployment) and seen.minutes is None:
        return "CloudWatch does not count the requests of both versions"
    lacking = uncounted(deployment, seen, now)
    if lacking:
        return lacking
    if seen.pace is None:
        return latency.UNREADABLE
    missing = [name for name in deployment.alarm_names if (seen.alarms or {}).get(name) is AlarmState.MISSING]
    return f"alarm {missing[0]} does not exist any more" if missing else None


def unread(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Is there something that was not read in this look, or cannot be read?"""
    if seen.alarms is None and not seen.unreadable and not deployment.is_first:
        return "the alarms have not been read in this look"
    return unreadable(deployment, seen, now)
