"""Reads from CloudWatch how many requests through an alias were slow, and how many throttled; one call per look.

Note: the canary's percentiles are never read. Each version's requests over a threshold set in advance are counted by
the statistic ``TC(240:)``, the trimmed count, which leaves out requests of 240 ms or less. Source: CloudWatch user
guide, statistics definitions, the lower bound is exclusive, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from controller.aws.cloudwatch.series import Query, Series, SeriesReader, counts
from controller.aws.cloudwatch.series import Question as SeriesQuestion
from controller.aws.errors import translating
from controller.core.gates.latency import Question
from controller.core.gates.throttles import MINUTES
from controller.core.model import Target
from controller.core.model.observation import DurationMetrics, Throttles
from controller.core.statistics import alias_past
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.history import LOOK_BACK
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import counted, has_ended
from controller.core.statistics.slow_requests import ENOUGH, Measure, SlowRequests, Threshold, milliseconds

_DURATION = "Duration"
_HOUR = timedelta(hours=1)
_MIN_DURATION = timedelta(microseconds=1)
"""Every request takes longer: if none is counted over it, the alias has no trimmed counts."""


class Durations:
    """Counts slow and throttled requests."""

    def __init__(self, reader: SeriesReader) -> None:
        self._reader = reader

    def read(self, target: Target, question: Question, now: datetime) -> DurationMetrics:
        """Returns the answers that CloudWatch has; timeouts are read elsewhere."""
        queries = tuple(_queries(question))
        if not queries:
            return DurationMetrics()
        with translating(f"reading how long the requests of {target} take"):
            series = self._reader.read(SeriesQuestion(target, queries, _since(question, now), now))
        return DurationMetrics(
            tuple(_thresholds(question, series)),
            {each.measure: tuple(_minutes(each, series, now)) for each in question.counted if _trims(question, series)},
            _throttles(question, series, now),
        )

    def spreads(
        self, target: Target, stable: str, thresholds: Sequence[Threshold], until: datetime
    ) -> Mapping[Measure, float]:
        """Returns how unevenly slow requests came in the day before ``until``, by threshold."""
        statistics = {"requests": "SampleCount"}
        statistics |= {each.measure.value: _slower_than(each.stable_over) for each in thresholds}
        queries = tuple(
            Query(f"{whose}_{name}", _DURATION, version, statistic)
            for whose, version in (("own", stable), ("alias", None))
            for name, statistic in statistics.items()
        )
        with translating(f"reading how long the requests of {target} took in the day before"):
            series = self._reader.read(SeriesQuestion(target, queries, until - LOOK_BACK, until))

        def served(whose: str, measure: Measure) -> tuple[ServedMinute, ...]:
            requests, slow = series.get(f"{whose}_requests", {}), series.get(f"{whose}_{measure.value}", {})
            return tuple(ServedMinute(began, *counts(requests, slow, began)) for began in sorted(requests))

        return {
            each.measure: alias_past.spread_of_share(served("own", each.measure), served("alias", each.measure), until)
            for each in thresholds
        }


def _queries(question: Question) -> Iterator[Query]:
    percentiles = [measure.value for measure in question.unset if measure in ENOUGH]
    for statistic in [*percentiles, *(["SampleCount"] if percentiles else [])]:
        yield Query(f"hour_{statistic}", _DURATION, question.stable, statistic, _HOUR)
    versions = {"canary": question.canary, "stable": question.stable} if question.counted else {}
    for name, version in versions.items():
        yield Query(f"{name}_requests", _DURATION, version, "SampleCount")
    if question.counted and {each.measure for each in question.counted} == {Measure.TIMEOUTS}:
        yield Query("trimmed", _DURATION, question.stable, _slower_than(_MIN_DURATION))
    for each in question.counted:
        over = each.threshold
        yield Query(f"canary_{each.measure.value}", _DURATION, question.canary, _slower_than(over.canary_over))
        yield Query(f"stable_{each.measure.value}", _DURATION, question.stable, _slower_than(over.stable_over))
    if question.throttles_since:
        yield Query("throttled", "Throttles", None)
        yield Query("served", "Invocations", None)


def _slower_than(time: timedelta) -> str:
    return f"TC({milliseconds(time):.10g}:)"


def _since(question: Question, now: datetime) -> datetime:
    """Returns the earliest point needed by any part of the question; later parts leave out older points."""
    hour = [now - _HOUR for measure in question.unset if measure in ENOUGH]
    throttles = [question.throttles_since] if question.throttles_since else []
    return min([*hour, *(each.next_after for each in question.counted), *throttles])


def _thresholds(question: Question, series: Mapping[str, Series]) -> Iterator[Threshold]:
    """Yields the percentiles with enough requests.

    As reported, but undocumented, an hour's period begins with the range, and a short period may follow: the period
    with more requests counts. AWS does not document whether an alias without weights has series of its version. If it
    has none, the hour fills up with the stable version's traffic beside the canary. Source: boto3 issue 3457, 2022-10;
    Lambda developer guide, metrics for aliases, 2026-11.
    """
    samples = series.get("hour_SampleCount", {})
    if not samples:
        return
    began = max(samples, key=lambda each: (samples[each], each))
    for measure in question.unset:
        percentile = series.get(f"hour_{measure.value}", {}).get(began)
        if percentile is not None and samples[began] >= ENOUGH[measure]:
            over = timedelta(milliseconds=percentile)
            yield Threshold(measure, over, over)


def _trims(question: Question, series: Mapping[str, Series]) -> bool:
    """Do trimmed counts of durations exist, so that no point means 0?

    Half of the stable version's requests are over its p50 by definition, and all are over next to nothing. If none of
    these is counted, nothing is known of slow requests, and the minutes are asked for again. Source: CloudWatch user
    guide, statistics definitions: Lambda is missing in the list of services with trimmed statistics, 2026-11.
    """
    measures = {each.measure for each in question.counted}
    if Measure.P50 in measures:
        return any(series.get(f"{version}_p50") for version in ("canary", "stable"))
    return measures != {Measure.TIMEOUTS} or bool(series.get("trimmed"))


def _minutes(slow_requests: SlowRequests, series: Mapping[str, Series], now: datetime) -> Iterator[CountedMinute]:
    """Yields the new minutes that can no longer change.

    A request is counted after its end, in the minute of its beginning. Source: Lambda developer guide, viewing metrics
    for functions: the timestamp reflects when the function was invoked, 2026-11.
    """
    canary, stable = series.get("canary_requests", {}), series.get("stable_requests", {})
    seen = sorted(began for began in canary.keys() | stable.keys() if slow_requests.wants(began))
    for place, began in enumerate(seen):
        if has_ended(began, len(seen) - 1 - place, slow_requests.settles_in, now):
            yield CountedMinute(
                began,
                Minute(
                    *counts(canary, series.get(f"canary_{slow_requests.measure.value}", {}), began),
                    *counts(stable, series.get(f"stable_{slow_requests.measure.value}", {}), began),
                ),
            )


def _throttles(question: Question, series: Mapping[str, Series], now: datetime) -> Throttles:
    """Returns the throttles of the alias, since a throttled request reaches no version.

    Source: Lambda developer guide, metrics for functions, Throttles and Invocations, 2026-11.
    """
    since = question.throttles_since
    if since is None:
        return Throttles()
    throttled, served = series.get("throttled", {}), series.get("served", {})
    seen = sorted(began for began in throttled.keys() | served.keys() if began >= since)
    last = tuple(counted(seen, now))[-MINUTES:]
    return Throttles(
        sum(round(throttled.get(began, 0)) for began in last),
        sum(round(served.get(began, 0)) for began in last),
        len(last),
    )
