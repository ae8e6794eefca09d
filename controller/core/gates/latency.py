"""The gates of latency and timeouts: has the canary more slow requests than the stable version explains?

Rules of the file:

- only minutes in which both versions serve are judged, since others have nothing to compare. A shift's last minutes
  become complete, and are judged, after the promotion;
- a minute is judged once none of its requests can still be running, by the longer Timeout of both versions.

Note: a percentile that cannot be used yet is no outage of CloudWatch. Every look tries again to set the threshold, and
nothing waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core.gates import throttles
from controller.core.gates.errors import judgement_report
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.observation import DurationMetrics, Observation
from controller.core.statistics.shift import MINUTE
from controller.core.statistics.slow_requests import ENOUGH, Measure, SlowRequests, Threshold, milliseconds

UNREADABLE = "CloudWatch does not tell durations and throttles, or Lambda the timeouts"
_LATENCY = (Measure.P50, Measure.P99)


@dataclass(frozen=True, slots=True)
class Question:
    """The question of one look: thresholds to set, measures to count, and throttles, if ``throttles_since``."""

    canary: str
    stable: str
    unset: tuple[Measure, ...]
    counted: tuple[SlowRequests, ...]
    throttles_since: datetime | None


def measures(deployment: Deployment) -> tuple[Measure, ...]:
    """Returns the active gates' definitions of a slow request: during the shift, and after the promotion while the
    shift's last minutes are still to be judged.
    """
    if deployment.phase is Phase.BAKING:
        return tuple(each.measure for each in deployment.evidence.slow_requests if each.complete_at)
    if deployment.phase is not Phase.SHIFTING:
        return ()
    gates = deployment.manifest.gates
    return (*(_LATENCY if gates.latency else ()), *((Measure.TIMEOUTS,) if gates.timeouts is not None else ()))


def watches(deployment: Deployment) -> bool:
    """Is there something to look at every minute? Not for a first deployment, which has no version to go back to."""
    return deployment.stable is not None and bool(measures(deployment) or throttles.are_counted(deployment))


def question(deployment: Deployment, now: datetime) -> Question | None:
    """Returns the question for AWS, None if nothing is due; the first is due once the alias was seen to carry the
    step.
    """
    canary, stable, confirmed_at = deployment.canary, deployment.stable, deployment.traffic.confirmed_at
    if not watches(deployment) or canary is None or stable is None or confirmed_at is None:
        return None
    wanted = measures(deployment)
    known = {each.measure for each in deployment.evidence.slow_requests}
    return Question(
        canary,
        stable,
        unset=tuple(measure for measure in wanted if measure not in known),
        counted=tuple(each for each in deployment.evidence.slow_requests if each.measure in wanted),
        throttles_since=throttles.since(deployment, confirmed_at, now),
    )


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with this look's minutes judged, and new thresholds set."""
    if deployment.phase is Phase.BAKING:
        return _with_rest(deployment, seen.durations)
    if seen.durations is None or deployment.traffic.confirmed_at is None or deployment.phase is not Phase.SHIFTING:
        return deployment
    known = {each.measure for each in deployment.evidence.slow_requests}
    new = (each for each in seen.durations.thresholds if each.measure not in known)
    steps, spreads, settles_in = (deployment.traffic.confirmed_at,), seen.durations.spreads, seen.durations.settles_in
    set_now = (
        SlowRequests(each, now, steps, spread=spreads.get(each.measure, 1.0), settles_in=settles_in) for each in new
    )
    slow_requests = (*_judged(deployment, deployment.traffic.confirmed_at, seen.durations), *set_now)
    return deployment.with_evidence(replace(deployment.evidence, slow_requests=slow_requests))


def with_end(deployment: Deployment, promoted_at: datetime) -> Deployment:
    """Returns the deployment with its shift ended, so that the last minutes are judged once complete."""
    if deployment.manifest.strategy.bake == timedelta(0):
        return deployment
    slow_requests = (
        # A measure already proved is judged no further: a person promoted in spite of it.
        each if _is_proved(deployment, each) else replace(each, complete_at=promoted_at + each.settles_in)
        for each in deployment.evidence.slow_requests
    )
    return deployment.with_evidence(replace(deployment.evidence, slow_requests=tuple(slow_requests)))


def _with_rest(deployment: Deployment, found: DurationMetrics | None) -> Deployment:
    if found is None or not measures(deployment):
        return deployment
    # Only the shift's minutes: from the promotion on the canary has all requests.
    minutes = {
        measure: tuple(minute for minute in all_of_them if minute.began + MINUTE <= deployment.phase_since)
        for measure, all_of_them in found.minutes.items()
    }
    last = (each.steps[-1] for each in deployment.evidence.slow_requests)
    slow_requests = tuple(_judged(deployment, max(last), replace(found, minutes=minutes)))
    return deployment.with_evidence(replace(deployment.evidence, slow_requests=slow_requests))


def danger(deployment: Deployment, _seen: Observation, _now: datetime) -> Reason | None:
    """Returns the proof that the canary has more slow requests, or more timeouts; None without proof."""
    wanted = measures(deployment)
    for each in deployment.evidence.slow_requests:
        if each.measure in wanted and _is_proved(deployment, each):
            cause = Cause.TIMEOUTS if each.measure is Measure.TIMEOUTS else Cause.LATENCY
            return Reason(cause, each.in_words(deployment.canary, deployment.stable))
    return None


def _is_proved(deployment: Deployment, slow_requests: SlowRequests) -> bool:
    significance = significance_of(deployment, slow_requests.measure)
    return significance is not None and slow_requests.judgement.is_worse(significance)


def holds(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Returns that slow requests of the shift may still be running, None once they are judged."""
    complete_at = max((each.complete_at for each in deployment.evidence.slow_requests if each.complete_at), default=now)
    if deployment.phase is not Phase.BAKING or now >= complete_at or deployment.traffic.closing:
        return None
    when = complete_at.isoformat(timespec="seconds")
    return f"slow requests of the shift may still be running; they are judged when all have ended, at {when}"


def significance_of(deployment: Deployment, measure: Measure) -> float | None:
    """Returns the measure's significance, None if its gate is off."""
    gates = deployment.manifest.gates
    if measure is Measure.TIMEOUTS:
        return gates.timeouts
    return gates.latency.significance / len(_LATENCY) if gates.latency else None


def rolls_back_at(deployment: Deployment, measure: Measure) -> float | None:
    """Returns the logarithm of the sufficient evidence, None if the gate is off."""
    significance = significance_of(deployment, measure)
    return -math.log(significance) if significance else None


def no_data(deployment: Deployment, measure: Measure) -> str:
    """Returns why a measure has no threshold yet."""
    if measure is Measure.TIMEOUTS:
        return "Lambda has not told the timeouts of both versions yet"
    return f"{ENOUGH[measure]:,} requests of version {deployment.stable} in one hour have not been counted yet"


def uncounted(measure: Measure) -> str:
    """Returns why a measure with a threshold has judged nothing yet."""
    return f"CloudWatch has counted no minute of requests over the {measure.value} of both versions yet"


def _judged(deployment: Deployment, confirmed_at: datetime, found: DurationMetrics) -> Iterator[SlowRequests]:
    latency = deployment.manifest.gates.latency
    for each in deployment.evidence.slow_requests:
        skip = latency.skip_invocations if latency and each.measure in _LATENCY else 0
        yield each.in_step(confirmed_at).after(found.minutes.get(each.measure, ()), skip)


def report(deployment: Deployment) -> dict[str, object]:
    """Returns the gates' evidence for ``status``; None before the first percent, and if they are off."""
    by_percentile = {measure.value: _measured(deployment, measure) for measure in _LATENCY}
    return {
        "latency": by_percentile if all(by_percentile.values()) else None,
        "timeouts": _measured(deployment, Measure.TIMEOUTS),
    }


def _measured(deployment: Deployment, measure: Measure) -> dict[str, object] | None:
    enough = rolls_back_at(deployment, measure)
    if enough is None or deployment.traffic.since is None:
        return None
    found = next((each for each in deployment.evidence.slow_requests if each.measure is measure), None)
    if found is None:
        return {"no_data": no_data(deployment, measure)}
    seen = {**_over(found.threshold), "left_out": found.skipped, **judgement_report(found.judgement, "slow", enough)}
    return seen if found.judgement.until else {**seen, "no_data": uncounted(measure)}


def _over(threshold: Threshold) -> dict[str, object]:
    canary, stable = milliseconds(threshold.canary_over), milliseconds(threshold.stable_over)
    return {"over_ms": canary if canary == stable else {"canary": canary, "stable": stable}}
