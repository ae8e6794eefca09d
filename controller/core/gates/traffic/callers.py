"""Do callers reach the canary? Silence in the bake holds it, and a deployment that ends without a request says so.

If Lambda cannot start a version, because its image, layer or key is gone, Lambda counts neither invocations nor errors:
the version has no points, and no alarm can fire. In the bake such a version has all traffic. So if an alias had many
requests in the hour before the promotion, and then none for longer than ever in that hour, its requests are assumed
lost. The bake is held, and ends as ``no_traffic`` says. A single request ends the silence.

A first deployment ends as soon as its alias exists, before CloudWatch, a minute or two late, can have counted a
request. A quiet function may go through a whole shift and bake without one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from controller.core.model import Deployment, Phase, Target, span
from controller.core.model.observation import Observation

_HOUR = timedelta(hours=1)
LOOK_BACK = 2 * _HOUR
"""The time before the promotion to read. The first hour only gives the last request before the second hour."""
_HELD, _TAKEN_BACK = math.log(50), math.log(1_000)
"""How improbable the silence must be to hold the bake, and to roll back: once in this many bakes, as a logarithm."""
_MIN_MINUTES = 5
"""The fewest minutes of the hour with requests: a single burst of calls says nothing about later ones."""


def watches(deployment: Deployment) -> bool:
    """Does the canary have all traffic now, with a version to go back to?"""
    is_confirmed = deployment.traffic.confirmed_at is not None
    return deployment.phase is Phase.BAKING and deployment.stable is not None and is_confirmed


def is_to_be_counted(deployment: Deployment, now: datetime) -> bool:
    """Is the deployment about to succeed without a gate having counted a request of the canary?"""
    traffic, bake = deployment.traffic, deployment.manifest.strategy.bake
    is_over = traffic.confirmed_at is not None and now >= traffic.confirmed_at + bake
    return deployment.phase is Phase.BAKING and (traffic.closing or is_over) and not _is_known(deployment)


def lost(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the silence of a bake, in words, if requests no longer reach the canary; None otherwise."""
    silence = _silence(deployment, seen, now)
    if silence is None:
        return None
    which = "no request" if silence.of_all else "no more request"
    return (
        f"{which} has reached version {deployment.canary} for {span(now - silence.since)}, and {deployment.target} had"
        f" {silence.before:,} in the hour before the promotion: Lambda may be unable to start it, and loses its"
        f" requests before it counts them, or {switched_off(deployment.target)}"
    )


def switched_off(target: Target) -> str:
    """Says what keeps all of a function's requests away, for any version."""
    return f"{target.function} is switched off (reserved concurrency 0)"


def waited(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Has the silence lasted for the wait of ``no_traffic`` and the longest request?"""
    silence, past = _silence(deployment, seen, now), deployment.evidence.shift.past
    if silence is None or past is None:
        return False
    return silence.is_sure and now - silence.since >= deployment.manifest.gates.no_traffic.timeout + past.settles_in


@dataclass(frozen=True, slots=True)
class _Silence:
    """The time without requests, from ``since`` on; ``of_all``: since the promotion. ``before`` is the hour's requests.

    ``is_sure``: such a silence hardly ever comes by chance, given how many minutes of the hour had requests.
    """

    since: datetime
    of_all: bool
    before: int
    is_sure: bool


def _silence(deployment: Deployment, seen: Observation, now: datetime) -> _Silence | None:
    past, confirmed_at = deployment.evidence.shift.past, deployment.traffic.confirmed_at
    if not watches(deployment) or deployment.traffic.closing or past is None or confirmed_at is None or not seen.served:
        return None
    promoted_at = deployment.phase_since
    before = [minute for minute in seen.served if minute.began < promoted_at]
    after = [minute for minute in seen.served if minute.began >= promoted_at]
    hour = [minute for minute in before if minute.began >= promoted_at - _HOUR]
    if len(hour) < _MIN_MINUTES:
        return None
    # The embedded AWS has shorter minutes than AWS, so the shortest gap between minutes gives their length.
    gaps = [later.began - earlier.began for earlier, later in pairwise(before)]
    minute, longest_gap = min(gaps), max(gaps[-len(hour) :])
    if promoted_at - before[-1].began > longest_gap + minute:
        return None  # The callers left while the stable version still served.
    since = max(after[-1].began + minute, confirmed_at) if after else confirmed_at
    # A request is counted after its end. The bake does not end before the first has ended.
    is_over = now >= confirmed_at + deployment.manifest.strategy.bake
    silent = now - since if is_over and not after else now - since - past.settles_in
    first = max(before[0].began, promoted_at - _HOUR)
    busy = [each.began for each in (*hour, *after)]
    silences = [later for earlier, later in pairwise((first, *busy)) if later - earlier > 1.5 * minute]
    known = round((busy[-1] - first) / minute) + 1
    improbable = _improbable(silent / minute, len(busy), known - len(busy), len(silences))
    # Each silence in the bake was another chance for a long one.
    improbable -= math.log(1 + sum(ended >= promoted_at for ended in silences))
    if silent <= longest_gap - minute or improbable < _HELD:
        return None
    return _Silence(since, not after, sum(each.invocations for each in hour), improbable >= _TAKEN_BACK)


def _improbable(minutes: float, busy: int, silent: int, silences: int) -> float:
    """Returns how improbable so many minutes without requests are, as a logarithm: 4.6 is once in 100 times.

    ``busy`` and ``silent`` count the minutes so far, ``silences`` the busy minutes followed by a silent one. So with
    callers in bursts silence is likely to last: if 48 of 54 silent minutes were followed by another, an hour of silence
    comes once in 200 times. Few silent minutes say little, so the wait is longer: the counts are those of a beta
    distribution, with half a minute added for unseen cases.
    """
    lasted = max(0, silent - silences) + 0.5
    begins = math.log((busy + 1) / (silences + 0.5))
    return begins + _rising(silent + 1.5, minutes - 1) - _rising(lasted, minutes - 1)


def _rising(number: float, times: float) -> float:
    """Returns the logarithm of ``number * (number + 1) * ...`` with ``times`` factors."""
    return math.lgamma(number + max(0.0, times)) - math.lgamma(number)


def lacking(deployment: Deployment, seen: Observation) -> str:
    """Returns, in words, that nobody is known to have called the canary; empty if somebody has."""
    if _is_known(deployment) or seen.requests:
        return ""
    tests = len(deployment.evidence.tests)
    but_tests = f" but its {tests} tests" if tests > 1 else " but its test" if tests else ""
    untested = "" if tests else f"; it has no tests either, so call {deployment.target} once"
    if seen.requests is None:
        return f"; whether anybody{but_tests} has called it is unknown: its requests could not be counted{untested}"
    return f"; nobody{but_tests} has called it yet, as far as CloudWatch has counted{untested}"


def _is_known(deployment: Deployment) -> bool:
    evidence = deployment.evidence
    return evidence.shift.seen.canary_invocations > 0 or evidence.bake.judgement.canary_invocations > 0
