"""The gate of the sample ratio: does the canary get the share of requests promised by its weight?

Too many requests hold the step: callers bypass the alias, or somebody else moved it. Too few may be requests lost
before they are counted; ``enough_requests`` treats these as missing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import hold
from controller.core.model import Deployment, Phase
from controller.core.model.deployment.timeline import say
from controller.core.model.observation import Observation
from controller.core.statistics import shift
from controller.core.statistics.sample_ratio import SampleRatio


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with the canary's share in this step's complete minutes."""
    if not seen.minutes or deployment.phase is not Phase.SHIFTING or deployment.evidence.shift.past is None:
        return deployment
    complete = shift.complete(seen.minutes, deployment.evidence.shift.past.settles_in, now)
    found = SampleRatio.of([minute for minute in complete if minute.is_whole], deployment.traffic.confirmed_at)
    if found == deployment.evidence.sample_ratio:
        return deployment
    was_odd = holds(deployment, seen, now)
    deployment = deployment.with_evidence(replace(deployment.evidence, sample_ratio=found))
    odd = holds(deployment, seen, now)
    return say(deployment, now, f"held: {odd}") if odd and not was_odd else deployment


def holds(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Returns an excess of requests for the canary, beyond its weight, in words; None without one."""
    weight = _weight(deployment)
    if weight is None or not deployment.evidence.sample_ratio.is_too_large(weight):
        return None
    found, canary, stable = deployment.evidence.sample_ratio, deployment.canary, deployment.stable
    words = found.in_words(canary, weight)
    if not found.stable:
        return f"{words}: Lambda may be unable to start version {stable}; send promote to give {canary} all traffic"
    return f"{words}: callers bypass the alias, or somebody else moved it"


def too_few(deployment: Deployment, now: datetime) -> str | None:
    """Returns a lack of requests for the canary, below its weight, once the hold is over; None without one."""
    weight, ends = _weight(deployment), hold.ends(deployment)
    if weight is None or ends is None or now < ends or not deployment.evidence.sample_ratio.is_too_small(weight):
        return None
    words = deployment.evidence.sample_ratio.in_words(deployment.canary, weight)
    return f"{words}: Lambda may be unable to start it, and loses its requests before it counts them"


def _weight(deployment: Deployment) -> int | None:
    traffic, counted = deployment.traffic, deployment.evidence.sample_ratio
    is_of_this_step = deployment.phase is Phase.SHIFTING and counted.since == traffic.confirmed_at
    return deployment.manifest.strategy.steps[traffic.step].weight if is_of_this_step else None
