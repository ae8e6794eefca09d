"""GetMetricData: exact dimensions, scaled periods, expressions.

MiniStack answers expressions with an error, takes a metric without dimensions for all metrics of its name,
and knows whole seconds only. Rules of the answers are in ``queries`` and ``series`` of ``rules.cloudwatch``; here is
the reading of the store, as CloudWatch does it:
- StartTime is rounded down to the minute, or to the period where that is shorter; EndTime is exclusive;
- the first window starts there and not at a multiple of the period: from 12:04:30 on, a period of an hour gives points
  of 12:04, 13:04, ...;
- GetMetricData gives the newest point first unless asked otherwise.
Source: CloudWatch API reference, GetMetricData, 2026-11; that windows start at StartTime:
boto/boto3 issue 3457, 2022-10, with a table.

Note: StartTime and EndTime are wall-clock times and are not scaled; only minutes and periods are. With a minute of 2
seconds, an hour holds 1800 points of period 60, and a period of 3600 lasts 120 seconds.

Not documented, so chosen: a minute that begins before EndTime counts as a whole, a later one not at all, also where the
last window reaches beyond EndTime.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ministack.services import cloudwatch

from local.emulator.patches.cloudwatch.wire import PARAMETERS, Answer, answer, in_json, refusal
from local.emulator.patches.fault_injection import faults
from local.emulator.patches.patching import replace
from local.emulator.rules.cloudwatch.queries import Query, QueryError, Range, compute, read_queries
from local.emulator.rules.cloudwatch.series import Grid, MetricStat, series
from local.emulator.rules.cloudwatch.statistics import Sample
from local.settings import Settings

MINUTE = 60
_MOST_QUERIES = 500
"""Source: CloudWatch user guide, quotas, 2023; the code and the text of the refusal are not recorded anywhere."""


def install(settings: Settings) -> None:
    def get_metric_data(asked: Mapping[str, Any]) -> Answer:
        try:
            return answer(_metric_data(asked, settings))
        except QueryError as refused:
            return refusal(refused.code, str(refused))
        except KeyError as absent:
            return refusal("MissingRequiredParameterException", f"The parameter {absent.args[0]} is required.")

    replace(cloudwatch, "_get_metric_data", PARAMETERS, in_json(get_metric_data))


def samples_of(metric: MetricStat, since: float) -> list[Sample]:
    """Returns what was published for exactly this metric since a time, in the account and Region at hand."""
    dimensions, now = dict(metric.dimensions), time.time()
    if metric.stat.startswith("TC") and dimensions.get("FunctionName") in faults.untrimmed:
        return []
    found = cloudwatch._metrics.get((metric.namespace, metric.name, cloudwatch._dims_key(dimensions))) or ()
    sent_before = now - faults.seconds_later(dimensions)
    return [
        _sample(point)
        for point in list(found)
        if point["Timestamp"] >= since and point.get("Sent", point["Timestamp"]) <= sent_before
    ]


def window_of(period: int, settings: Settings) -> float:
    """Returns how many wall-clock seconds a period lasts."""
    return settings.scaled(timedelta(seconds=period)).total_seconds()


def grid_from(start: float, period: int, settings: Settings) -> Grid:
    """Returns the windows of a request that asks for this period from ``start`` on."""
    step = window_of(min(period, MINUTE), settings)
    return Grid(step, max(period // MINUTE, 1), math.floor(start / step))


def _sample(point: Mapping[str, Any]) -> Sample:
    count, total, minimum, maximum = cloudwatch._point_stats(point)
    return Sample(float(point["Timestamp"]), count, total, minimum, maximum, point.get("Unit") or "None")


def _metric_data(asked: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    if len(asked["MetricDataQueries"]) > _MOST_QUERIES:
        raise QueryError(f"The collection MetricDataQueries must not have more than {_MOST_QUERIES} elements")
    queries = read_queries(asked["MetricDataQueries"])
    start, end = _range(asked)
    oldest_first = asked.get("ScanBy") == "TimestampAscending"

    def inside(metric: MetricStat) -> dict[float, float]:
        grid = grid_from(start, metric.period, settings)
        return series(_samples(metric, grid, end), metric, grid)

    def times(period: int) -> list[float]:
        return grid_from(start, period, settings).starts(end)

    computed = compute(queries, Range(inside, times))
    shown = [query for query in queries if query.return_data]
    return {
        "MetricDataResults": [_result(query, computed[query.id], oldest_first) for query in shown],
        "Messages": [],
    }


def _result(query: Query, points: Mapping[float, float], oldest_first: bool) -> dict[str, Any]:
    ordered = sorted(points.items(), reverse=not oldest_first)
    return {
        "Id": query.id,
        "Label": query.shown_label,
        "Timestamps": [time for time, _ in ordered],
        "Values": [value for _, value in ordered],
        "StatusCode": "Complete",
    }


def _samples(metric: MetricStat, grid: Grid, end: float) -> list[Sample]:
    return [sample for sample in samples_of(metric, grid.begin) if grid.counts(sample.time, end)]


def _range(asked: Mapping[str, Any]) -> tuple[float, float]:
    start, end = cloudwatch._parse_ts(asked["StartTime"]), cloudwatch._parse_ts(asked["EndTime"])
    if start is None or end is None or start >= end:
        raise QueryError("The parameter StartTime must be less than the parameter EndTime.")
    return start, end
