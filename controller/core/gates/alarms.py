"""The gate of alarms: one that fires brings the stable version back. The own alarm's numbers are in ``own_alarm``.

An alarm that fired before the first percent is disarmed until it has calmed down; ``already_alarming`` may say that it
holds the deployment instead.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.traffic.enough_requests import has_both_versions
from controller.core.manifest.settings import AlreadyAlarming
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.observation import AlarmState, Observation


def is_guarded(deployment: Deployment) -> bool:
    """Do alarms count now? Not for a first deployment: there is nothing that they could bring back."""
    return (deployment.phase.serves or deployment.phase is Phase.TESTING) and not deployment.is_first


def already_firing(deployment: Deployment, seen: Observation) -> frozenset[str]:
    """Returns the named alarms that fire before the deployment has moved any traffic."""
    alarms = seen.alarms or {}
    return frozenset(name for name in deployment.manifest.gates.alarms if alarms.get(name) is AlarmState.FIRING)


def note(deployment: Deployment, seen: Observation, _now: datetime) -> Deployment:
    """Returns the deployment with the alarms that have not calmed down yet."""
    alarms = seen.alarms or {}
    still = frozenset(name for name in deployment.alarms.disarmed if not alarms.get(name, AlarmState.MISSING).is_calm)
    if still == deployment.alarms.disarmed:
        return deployment
    return replace(deployment, alarms=replace(deployment.alarms, disarmed=still))


def danger(deployment: Deployment, seen: Observation, _now: datetime) -> Reason | None:
    """Returns that an armed alarm is firing, None where none is."""
    states = seen.alarms or {}
    armed = (name for name in deployment.alarm_names if name not in deployment.alarms.disarmed)
    name = next((name for name in armed if states.get(name) is AlarmState.FIRING), None)
    return Reason(Cause.ALARM, f"alarm {name} is firing") if name else None


def holds(deployment: Deployment, seen: Observation, _now: datetime) -> str | None:
    """Is an alarm firing before any traffic was moved, where ``already_alarming`` says block?"""
    if deployment.manifest.gates.already_alarming is not AlreadyAlarming.BLOCK:
        return None
    names = already_firing(deployment, seen) - deployment.alarms.overridden
    return f"alarm {min(names)} is already firing, and already_alarming is block" if names else None


def without_data(deployment: Deployment, seen: Observation) -> list[str]:
    """Returns the alarms that guard the deployment and have no data to go by; they protect from nothing.

    Its own alarm is OK without data, so it is one of them until both versions have had requests in one minute.
    """
    if not is_guarded(deployment):
        return []
    states = seen.alarms or {}
    silent = {name for name in deployment.alarm_names if states.get(name) is AlarmState.INSUFFICIENT_DATA}
    if deployment.phase is Phase.SHIFTING and not (deployment.evidence.has_data or has_both_versions(deployment, seen)):
        silent.add(deployment.alarms.own)
    return [name for name in deployment.alarm_names if name in silent]
