"""The gate of throttles: are too many requests through the alias turned away?

Note: both versions share the function's limit, so throttles say nothing about the canary alone. The gate looks at the
newest counted minutes of the alias.
"""

from __future__ import annotations

from datetime import timedelta

from controller.core.manifest.settings import OnTimeout
from controller.core.model import Deployment, percent
from controller.core.model.observation import Observation
from controller.core.statistics.slow_requests import minutes_in_words

THROTTLED_MINUTES = 5
"""How many counted minutes the gate of throttles goes by."""
LOOK_BACK = timedelta(minutes=THROTTLED_MINUTES + 2)
"""Those minutes, the one that may still grow, and the one that has not ended."""


def counts(deployment: Deployment) -> bool:
    """Are throttles looked at now?"""
    return deployment.phase.serves and deployment.manifest.gates.throttles is not None


def throttled(deployment: Deployment, seen: Observation, then: OnTimeout) -> str | None:
    """Returns in words that too many are throttled, None where not, or where the manifest wants another ``then``."""
    gate = deployment.manifest.gates.throttles
    if gate is None or gate.then is not then or seen.pace is None or not seen.pace.throttles.is_over(gate.most):
        return None
    found = seen.pace.throttles
    return (
        f"{found.throttled:,} of {found.throttled + found.served:,} requests ({found.share:.3g} %) for"
        f" {deployment.target} were throttled in the last {minutes_in_words(found.minutes)},"
        f" allowed: {percent(gate.most)}; both versions share that limit"
    )
