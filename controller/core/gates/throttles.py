"""The gate of throttles: too many throttled requests hold a step, or roll back.

Throttles say nothing about the canary's bytes, because both versions share the function's limit. They count in the
bake, too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from controller.core.manifest.settings import OnTimeout
from controller.core.model import Cause, Deployment, Reason, percent
from controller.core.model.observation import Observation
from controller.core.statistics.slow_requests import minutes_in_words

MINUTES = 5
"""The number of newest counted minutes to look at."""
_LOOK_BACK = timedelta(minutes=MINUTES + 2)
"""``MINUTES``, one minute that may still grow, and the current minute."""


def are_counted(deployment: Deployment) -> bool:
    """Are throttles counted now? Not for a first deployment, which has no version to go back to."""
    is_on = deployment.phase.serves and deployment.manifest.gates.throttles is not None
    return is_on and deployment.stable is not None


def since(deployment: Deployment, confirmed_at: datetime, now: datetime) -> datetime | None:
    """Returns the time from which throttles are counted, None if they are not."""
    return max(confirmed_at, now - _LOOK_BACK) if are_counted(deployment) else None


def danger(deployment: Deployment, seen: Observation, _now: datetime) -> Reason | None:
    """Returns too many throttled requests as a reason, if the gate says rollback."""
    throttled = _throttled(deployment, seen, OnTimeout.ROLLBACK)
    return Reason(Cause.THROTTLES, throttled) if throttled else None


def holds(deployment: Deployment, seen: Observation, _now: datetime) -> str | None:
    """Returns too many throttled requests, if the gate says hold."""
    return _throttled(deployment, seen, OnTimeout.HOLD)


def _throttled(deployment: Deployment, seen: Observation, then: OnTimeout) -> str | None:
    gate = deployment.manifest.gates.throttles
    if (
        gate is None
        or gate.then is not then
        or seen.durations is None
        or not seen.durations.throttles.is_over(gate.limit)
    ):
        return None
    found = seen.durations.throttles
    return (
        f"{found.throttled:,} of {found.throttled + found.served:,} requests ({found.share:.3g} %) for"
        f" {deployment.target} were throttled in the last {minutes_in_words(found.minutes)},"
        f" allowed: {percent(gate.limit)}; both versions share that limit"
    )


def report(deployment: Deployment, seen: Observation) -> dict[str, object] | None:
    """Returns the step's last minutes for ``status``; None if the gate is off, or nothing is counted yet."""
    gate = deployment.manifest.gates.throttles
    if gate is None or seen.durations is None or not seen.durations.throttles.minutes:
        return None
    found = seen.durations.throttles
    return {
        "minutes": found.minutes,
        "throttled": found.throttled,
        "served": found.served,
        "allowed": percent(gate.limit),
        "then": gate.then.value,
    }
