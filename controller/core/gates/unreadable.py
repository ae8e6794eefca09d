"""The gate of unreadable facts: alarms, counts, durations. An unreadable alarm is no proof of a bad canary.

So the gate holds for a limited time, and then ``on_failure`` decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import errors, latency
from controller.core.gates.traffic import enough_requests
from controller.core.model import Cause, Deployment, Reason
from controller.core.model.observation import UNREADABLE_TIMEOUT, AlarmState, Observation


def what(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the unreadable thing, None if all are readable. A deleted alarm counts as unreadable."""
    if seen.unreadable:
        return "the alarms cannot be read from CloudWatch"
    if errors.judges(deployment) and seen.minutes is None:
        return "the requests of both versions cannot be read from CloudWatch"
    uncounted = enough_requests.uncounted(deployment, seen, now)
    if uncounted:
        return uncounted
    if seen.durations is None:
        return latency.UNREADABLE
    missing = [name for name in deployment.alarm_names if (seen.alarms or {}).get(name) is AlarmState.MISSING]
    return f"alarm {missing[0]} does not exist any more" if missing else None


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with the time since which something has been unreadable."""
    if what(deployment, seen, now) is None:
        since = None if seen.alarms is not None else deployment.evidence.unreadable_since
    else:
        since = deployment.evidence.unreadable_since or now
    return deployment.with_evidence(replace(deployment.evidence, unreadable_since=since))


def danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:
    """Returns what has been unreadable for too long, None if nothing has."""
    since = deployment.evidence.unreadable_since
    if since is None or now - since < UNREADABLE_TIMEOUT:
        return None
    words = what(deployment, seen, now) or "alarms were unreadable"
    return Reason(Cause.ALARMS_UNREADABLE, f"{words}, for {UNREADABLE_TIMEOUT} now")


def holds(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Is there something that cannot be read, or was not read in this look?"""
    if seen.alarms is None and not seen.unreadable and not deployment.is_first:
        return "the alarms have not been read in this look"
    return what(deployment, seen, now)
