"""Whether anybody reaches the new version: silence in the bake holds it, and an end that no request has proved says so.

Lambda counts neither an invocation nor an error of a version that it cannot start, because the image, the layer or the
key is gone: the version has no points, and no alarm can fire. In the bake it has all traffic. So where an alias had
many requests in the hour before the promotion, and then none for longer than it ever went without in that hour, the
requests are taken for lost. The bake is held, and ends as ``no_traffic`` says. One request is enough to go on.

A first deployment ends as soon as its alias is there, so CloudWatch, which is late by a minute or two, cannot have
counted a request then. A quiet function may go through a whole shift and its bake without one.
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
"""How much from before the promotion is read. The first hour only says when the last request before the second was."""
_HELD, _TAKEN_BACK = math.log(50), math.log(1_000)
"""How improbable the silence must be to hold the bake, and to bring the stable version back: once in so many bakes."""
_MIN_MINUTES = 5
"""How many minutes of that hour must have had requests: one burst of calls says nothing of what comes after it."""


def watches(deployment: Deployment) -> bool:
    """Does the canary have all traffic now, with a version to go back to?"""
    return (
        deployment.phase is Phase.BAKING
        and deployment.stable is not None
        and deployment.traffic.confirmed_at is not None
    )


def is_to_be_counted(deployment: Deployment, now: datetime) -> bool:
    """Is the deployment about to succeed, and has no gate counted a request of the canary on the way?"""
    is_over = (
        deployment.traffic.confirmed_at is not None
        and now >= deployment.traffic.confirmed_at + deployment.manifest.strategy.bake
    )
    return deployment.phase is Phase.BAKING and (deployment.traffic.closing or is_over) and not _is_known(deployment)


def lost(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns in words that no request reaches the canary any more in its bake, None where that is not so."""
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
    """Says what keeps every request of a function away, whichever version it is for."""
    return f"{target.function} is switched off (reserved concurrency 0)"


def waited(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Has the silence lasted for as long as ``no_traffic`` waits, and for as long as a request may run?"""
    silence, past = _silence(deployment, seen, now), deployment.evidence.shift.past
    if silence is None or past is None:
        return False
    return silence.is_sure and now - silence.since >= deployment.manifest.gates.no_traffic.timeout + past.settles_in


@dataclass(frozen=True, slots=True)
class _Silence:
    """Since when no request has come; ``of_all``: not one since the promotion. ``before`` is what the hour had.

    ``is_sure``: by how many minutes of that hour had requests, so long a silence hardly ever comes by chance.
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
    # The embedded AWS has shorter minutes than AWS: a minute is the shortest time from one to the next.
    gaps = [later.began - earlier.began for earlier, later in pairwise(before)]
    minute, longest_gap = min(gaps), max(gaps[-len(hour) :])
    if promoted_at - before[-1].began > longest_gap + minute:
        return None  # The callers had gone while the stable version still served.
    since = max(after[-1].began + minute, confirmed_at) if after else confirmed_at
    # A request is counted when it has ended. The bake does not end before the first one has.
    is_over = now >= confirmed_at + deployment.manifest.strategy.bake
    silent = now - since if is_over and not after else now - since - past.settles_in
    first = max(before[0].began, promoted_at - _HOUR)
    busy = [each.began for each in (*hour, *after)]
    silences = [later for earlier, later in pairwise((first, *busy)) if later - earlier > 1.5 * minute]
    known = round((busy[-1] - first) / minute) + 1
    improbable = _improbable(silent / minute, len(busy), known - len(busy), len(silences))
    # Each silence in the bake was another chance to be so long.
    improbable -= math.log(1 + sum(ended >= promoted_at for ended in silences))
    if silent <= longest_gap - minute or improbable < _HELD:
        return None
    return _Silence(since, not after, sum(each.invocations for each in hour), improbable >= _TAKEN_BACK)


def _improbable(minutes: float, busy: int, silent: int, silences: int) -> float:
    """Returns how improbable so many minutes without a request are, as a logarithm: 4.6 is once in 100 times.

    ``busy`` and ``silent`` count the minutes until then, and ``silences`` how often a busy one was followed by a silent
    one. So silence is taken for likely to last where callers come in bursts: where 48 of 54 silent minutes were
    followed by another, an hour of it comes once in 200 times. Few such minutes say little, and the wait is longer: the
    counts are those of a beta distribution, with half a minute more for what has not been seen.
    """
    lasted = max(0, silent - silences) + 0.5
    begins = math.log((busy + 1) / (silences + 0.5))
    return begins + _rising(silent + 1.5, minutes - 1) - _rising(lasted, minutes - 1)


def _rising(number: float, times: float) -> float:
    """Returns the logarithm of ``number * (number + 1) * ...``, so many times."""
    return math.lgamma(number + max(0.0, times)) - math.lgamma(number)


def lacking(deployment: Deployment, seen: Observation) -> str:
    """Returns in words that nobody is known to have called the canary; empty where somebody has."""
    if _is_known(deployment) or seen.requests:
        return ""
    tests = len(deployment.evidence.tests)
    but_tests = f" but its {tests} tests" if tests > 1 else " but its test" if tests else ""
    untested = "" if tests else f"; it has no tests either, so call {deployment.target} once"
    if seen.requests is None:
        return f"; whether anybody{but_tests} has called it is unknown: its requests could not be counted{untested}"
    return f"; nobody{but_tests} has called it yet, as far as CloudWatch has counted{untested}"


def _is_known(deployment: Deployment) -> bool:
    return (
        deployment.evidence.shift.seen.canary_invocations > 0
        or deployment.evidence.bake.judgement.canary_invocations > 0
    )
