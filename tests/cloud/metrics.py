"""CloudWatch's metrics of Lambda: what came through an alias, by the version that served it, and when it shows.

What a newcomer would get wrong: a minute shows only when it has been over for as long as ``lag``, and its points carry
the start of the minute. Source: facts 2.1 and 2.4.
"""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.gaps.metric_queries import QueryError, Range, compute, read_queries
from local.gaps.metric_series import Grid, MetricStat, series
from local.gaps.metric_statistics import Sample
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal

MINUTE = 60
NAMESPACE = "AWS/Lambda"
_Dimensions = tuple[tuple[str, str], ...]
_Series = dict[float, list[float]]
_MOST_QUERIES = 500
"""Source: facts 2.3."""


@dataclass(frozen=True)
class Invoked:
    """Invocations of one kind: did they fail, how long did each take, how many were there?"""

    failed: bool = False
    seconds: float = 0.02
    times: int = 1


class Metrics:
    """All points: for each metric and set of dimensions the values of each minute, by the minute's start.

    ``page`` is how many points one answer of GetMetricData holds at most.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lag = timedelta(minutes=1)
        self.page = 100_800
        self._values: dict[tuple[str, _Dimensions], _Series] = defaultdict(lambda: defaultdict(list))

    def __deepcopy__(self, memo: dict[int, Any]) -> Metrics:
        made = Metrics(copy.deepcopy(self._clock, memo))
        made.lag, made.page = self.lag, self.page
        for metric, minutes in self._values.items():
            made._values[metric].update({minute: list(values) for minute, values in minutes.items()})
        return made

    def count(self, name: str, qualifier: str, version: str, invoked: Invoked) -> None:
        """Counts invocations that begin now: by function, by resource and, through an alias, by version.

        Source of the three sets of dimensions: facts 2.1; sorted as CloudWatch compares them, by name.
        """
        minute = math.floor(self._clock.now.timestamp() / MINUTE) * MINUTE
        function, resource = ("FunctionName", name), ("Resource", f"{name}:{qualifier}")
        sets: list[_Dimensions] = [(function,), (function, resource)]
        if not qualifier.isdecimal() and qualifier != "$LATEST":
            sets.append((("ExecutedVersion", version), function, resource))
        for dimensions in sets:
            self._values["Invocations", dimensions][minute].extend([1.0] * invoked.times)
            self._values["Errors", dimensions][minute].extend([float(invoked.failed)] * invoked.times)
            self._values["Duration", dimensions][minute].extend([1000 * invoked.seconds] * invoked.times)

    def points(self, metric: MetricStat, grid: Grid, until: datetime) -> dict[float, float]:
        """Returns the statistic of each window from the grid's begin on that has been counted ``until`` then."""
        last = min(until.timestamp(), self._counted_until())
        samples = [
            Sample(minute, 1, value, value, value)
            for minute, values in self._values.get((metric.name, metric.dimensions), {}).items()
            if metric.namespace == NAMESPACE and grid.begin <= minute < until.timestamp() and minute + MINUTE <= last
            for value in values
        ]
        return series(samples, metric, grid)

    def data(self, asked: Json) -> Json:
        """Answers GetMetricData. Source: CloudWatch API reference, GetMetricData, 2026-11: StartTime is rounded down to
        the minute, EndTime is exclusive, the newest point comes first unless asked otherwise.
        """
        if len(asked["MetricDataQueries"]) > _MOST_QUERIES:
            raise Refusal(
                400, "ValidationError", f"The collection MetricDataQueries must not have more than {_MOST_QUERIES}"
            )
        start = math.floor(asked["StartTime"].timestamp() / MINUTE)
        end = asked["EndTime"]

        def grid(period: int) -> Grid:
            return Grid(MINUTE, max(period // MINUTE, 1), start)

        try:
            queries = read_queries(asked["MetricDataQueries"])
            reading = Range(
                lambda metric: self.points(metric, grid(metric.period), end),
                lambda period: grid(period).starts(end.timestamp()),
            )
            found = compute(queries, reading)
        except QueryError as refused:
            raise Refusal(400, refused.code, str(refused)) from None
        results = []
        for query in queries:
            if query.return_data:
                newest_first = asked.get("ScanBy") != "TimestampAscending"
                points = sorted(found[query.id].items(), reverse=newest_first)
                results.append(_result(query.id, query.shown_label, points))
        return self._paged(results, int(asked.get("NextToken", 0)))

    def _paged(self, results: list[Json], start: int) -> Json:
        """Cuts the answer where a page is full. Source: CloudWatch API reference, MetricDataResult: PartialData says
        that more of it comes, 2026-11.
        """
        page, more = [], False
        for result in results:
            left = result["Timestamps"][start + self.page :]
            end = start + self.page
            status = "PartialData" if left else "Complete"
            page.append(
                {
                    **result,
                    "Timestamps": result["Timestamps"][start:end],
                    "Values": result["Values"][start:end],
                    "StatusCode": status,
                }
            )
            more = more or bool(left)
        return {"MetricDataResults": page, "Messages": [], **({"NextToken": str(start + self.page)} if more else {})}

    def _counted_until(self) -> float:
        return (self._clock.now - self.lag).timestamp()


def _result(name: str, label: str, points: list[tuple[float, float]]) -> Json:
    return {
        "Id": name,
        "Label": label,
        "Timestamps": [datetime.fromtimestamp(time, UTC) for time, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }
