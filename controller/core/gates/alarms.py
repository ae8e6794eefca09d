"""The gate of alarms: a firing alarm brings the stable version back. The own alarm's numbers are in ``own_alarm``.

An alarm already firing before the first percent is disarmed until it has calmed down; with ``already_alarming: block``
it holds the deployment instead.

A tick asks ``danger``. The event of an alarm is answered by ``lifecycle.transitions.shifting.answer_alarm``, or by the
alias alone: ``routing.alias_description.way_back``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates.manual import drill
from controller.core.gates.traffic.enough_requests import has_both_versions
from controller.core.manifest.settings import AlreadyAlarming
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.observation import AlarmState, Observation


def is_guarded(deployment: Deployment) -> bool:
    """Do alarms count now? Not for a first deployment, which has no version to go back to."""
    return (deployment.phase.serves or deployment.phase is Phase.TESTING) and not deployment.is_first


def already_firing(deployment: Deployment, seen: Observation) -> frozenset[str]:
    """Returns the named alarms that fire before the deployment has moved any traffic."""
    alarms = seen.alarms or {}
    return frozenset(name for name in deployment.manifest.gates.alarms if alarms.get(name) is AlarmState.FIRING)


def note(deployment: Deployment, seen: Observation, _now: datetime) -> Deployment:
    """Returns the deployment with those alarms armed again that have calmed down."""
    alarms = seen.alarms or {}
    still = frozenset(name for name in deployment.alarms.disarmed if not alarms.get(name, AlarmState.MISSING).is_calm)
    if still == deployment.alarms.disarmed:
        return deployment
    return replace(deployment, alarms=replace(deployment.alarms, disarmed=still))


def danger(deployment: Deployment, seen: Observation, _now: datetime) -> Reason | None:
    """Returns the reason of a firing, armed alarm, None without one."""
    states = seen.alarms or {}
    armed = (name for name in deployment.alarm_names if name not in deployment.alarms.disarmed)
    counted = (name for name in armed if not drill.waits_for_event_of(deployment, name))
    name = next((name for name in counted if states.get(name) is AlarmState.FIRING), None)
    return Reason(Cause.ALARM, f"alarm {name} is firing") if name else None


def holds(deployment: Deployment, seen: Observation, _now: datetime) -> str | None:
    """Returns the alarm that blocks the start of traffic, None if none does."""
    if deployment.manifest.gates.already_alarming is not AlreadyAlarming.BLOCK:
        return None
    names = already_firing(deployment, seen) - deployment.alarms.overridden
    return f"alarm {min(names)} is already firing, and already_alarming is block" if names else None


def without_data(deployment: Deployment, seen: Observation) -> list[str]:
    """Returns the guarding alarms that have no data and therefore protect nothing."""
    if not is_guarded(deployment):
        return []
    states = seen.alarms or {}
    silent = {name for name in deployment.alarm_names if states.get(name) is AlarmState.INSUFFICIENT_DATA}
    # The own alarm is OK without data. It has data once both versions had requests in one minute.
    if deployment.phase is Phase.SHIFTING and not (deployment.evidence.has_data or has_both_versions(deployment, seen)):
        silent.add(deployment.alarms.own)
    return [name for name in deployment.alarm_names if name in silent]
