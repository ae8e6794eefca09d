"""CloudWatch: how long the requests through an alias took, and how many were throttled; one call answers a look.

Note: no percentile of the canary is ever read. What counts is how many requests of each version took longer than a
threshold that was set before: the statistic ``TC(240:)``, the trimmed count, which leaves out what took 240 ms or less.
Source: CloudWatch user guide, statistics definitions, the lower bound is exclusive, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from controller.aws.cloudwatch.series import CloudWatchMetrics, Query, Series, counts, read
from controller.aws.errors import translating
from controller.core.gates.latency import Question
from controller.core.gates.throttles import MINUTES
from controller.core.model import Target
from controller.core.model.observation import Pace, Throttles
from controller.core.statistics import alias_past
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.history import LOOK_BACK
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import counted, has_ended
from controller.core.statistics.slow_requests import ENOUGH, Measure, Slowness, Threshold, milliseconds

_DURATION = "Duration"
_HOUR = timedelta(hours=1)
_SHORTEST = timedelta(microseconds=1)
"""Every request takes longer: where none is counted that does, there are no trimmed counts."""


class Durations:
    """Counts slow requests and throttled ones."""

    def __init__(self, client: CloudWatchMetrics) -> None:
        self._client = client

    def pace(self, target: Target, asked: Question, now: datetime) -> Pace:
        """Returns what the question asks for, as far as CloudWatch has it; timeouts are not CloudWatch's."""
        queries = tuple(_queries(asked))
        if not queries:
            return Pace()
        with translating(f"reading how long the requests of {target} take"):
            series = read(self._client, target, queries, _since(asked, now), now)
        return Pace(
            tuple(_yardsticks(asked, series)),
            {each.measure: tuple(_minutes(each, series, now)) for each in asked.counted if _trims(asked, series)},
            _throttles(asked, series, now),
        )

    def spreads(
        self, target: Target, stable: str, thresholds: Sequence[Threshold], until: datetime
    ) -> Mapping[Measure, float]:
        """Returns how unevenly slow requests came in the day before ``until``, by each threshold."""
        statistics = {"requests": "SampleCount"}
        statistics |= {each.measure.value: _slower_than(each.stable_over) for each in thresholds}
        queries = [
            Query(f"{whose}_{name}", _DURATION, version, statistic)
            for whose, version in (("own", stable), ("alias", None))
            for name, statistic in statistics.items()
        ]
        with translating(f"reading how long the requests of {target} took in the day before"):
            series = read(self._client, target, queries, until - LOOK_BACK, until)

        def served(whose: str, measure: Measure) -> tuple[ServedMinute, ...]:
            requests, slow = series.get(f"{whose}_requests", {}), series.get(f"{whose}_{measure.value}", {})
            return tuple(ServedMinute(began, *counts(requests, slow, began)) for began in sorted(requests))

        return {
            each.measure: alias_past.spread_of_share(served("own", each.measure), served("alias", each.measure), until)
            for each in thresholds
        }


def _queries(asked: Question) -> Iterator[Query]:
    percentiles = [measure.value for measure in asked.unset if measure in ENOUGH]
    for statistic in [*percentiles, *(["SampleCount"] if percentiles else [])]:
        yield Query(f"hour_{statistic}", _DURATION, asked.stable, statistic, _HOUR)
    versions = {"canary": asked.canary, "stable": asked.stable} if asked.counted else {}
    for name, version in versions.items():
        yield Query(f"{name}_requests", _DURATION, version, "SampleCount")
    if asked.counted and {each.measure for each in asked.counted} == {Measure.TIMEOUTS}:
        yield Query("trimmed", _DURATION, asked.stable, _slower_than(_SHORTEST))
    for each in asked.counted:
        over = each.threshold
        yield Query(f"canary_{each.measure.value}", _DURATION, asked.canary, _slower_than(over.canary_over))
        yield Query(f"stable_{each.measure.value}", _DURATION, asked.stable, _slower_than(over.stable_over))
    if asked.throttles_since:
        yield Query("throttled", "Throttles", None)
        yield Query("served", "Invocations", None)


def _slower_than(time: timedelta) -> str:
    return f"TC({milliseconds(time):.10g}:)"


def _since(asked: Question, now: datetime) -> datetime:
    """The earliest point that anything of the question needs; what is read too early is left out later."""
    hour = [now - _HOUR for measure in asked.unset if measure in ENOUGH]
    throttles = [asked.throttles_since] if asked.throttles_since else []
    return min([*hour, *(each.next_after for each in asked.counted), *throttles])


def _yardsticks(asked: Question, series: Mapping[str, Series]) -> Iterator[Threshold]:
    """Yields the percentiles that are of enough requests.

    A period of an hour is reported, and not documented, to begin where the range does, and a short one may follow: of
    two periods the one with more requests is taken. Nor is it documented whether an alias without weights has series of
    its version. Where it has none, the hour fills up with what the stable version serves beside the canary. Source:
    boto3 issue 3457, 2022-10; Lambda developer guide, metrics for aliases, 2026-11.
    """
    samples = series.get("hour_SampleCount", {})
    if not samples:
        return
    began = max(samples, key=lambda each: (samples[each], each))
    for measure in asked.unset:
        percentile = series.get(f"hour_{measure.value}", {}).get(began)
        if percentile is not None and samples[began] >= ENOUGH[measure]:
            over = timedelta(milliseconds=percentile)
            yield Threshold(measure, over, over)


def _trims(asked: Question, series: Mapping[str, Series]) -> bool:
    """Are there trimmed counts of durations at all, so that no point means 0?

    Half of the stable version's requests are over its p50 by definition, and all are over next to nothing: where no
    such request is counted, nothing is known of slow ones. What is left out now is asked for again. Source: CloudWatch
    user guide, statistics definitions: Lambda is not among the services that are said to have trimmed statistics,
    2026-11.
    """
    measures = {each.measure for each in asked.counted}
    if Measure.P50 in measures:
        return any(series.get(f"{version}_p50") for version in ("canary", "stable"))
    return measures != {Measure.TIMEOUTS} or bool(series.get("trimmed"))


def _minutes(slowness: Slowness, series: Mapping[str, Series], now: datetime) -> Iterator[CountedMinute]:
    """Yields the minutes that are new and will not change any more.

    A request is counted in the minute in which it began, once it has ended. Source: Lambda developer guide, viewing
    metrics for functions: the timestamp reflects when the function was invoked, 2026-11.
    """
    canary, stable = series.get("canary_requests", {}), series.get("stable_requests", {})
    seen = sorted(began for began in canary.keys() | stable.keys() if slowness.wants(began))
    for place, began in enumerate(seen):
        if has_ended(began, len(seen) - 1 - place, slowness.settles_in, now):
            yield CountedMinute(
                began,
                Minute(
                    *counts(canary, series.get(f"canary_{slowness.measure.value}", {}), began),
                    *counts(stable, series.get(f"stable_{slowness.measure.value}", {}), began),
                ),
            )


def _throttles(asked: Question, series: Mapping[str, Series], now: datetime) -> Throttles:
    """A throttled request reaches no version: it is counted at the alias. Source: Lambda developer guide, metrics for
    functions, Throttles and Invocations, 2026-11.
    """
    since = asked.throttles_since
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
