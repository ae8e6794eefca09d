"""CloudWatch's metrics of Lambda: what came through an alias, by the version that served it, and when it shows.

    a request of 10:00:30 that takes 20 ms    stamped 10:00, can be read from 10:02 on
    a request of 10:00:30 that takes 5 min    stamped 10:00, can be read from 10:07 on

Rules of the file:
- points carry the start of the minute in which their request began; Lambda sends them when it has ended. Source: Lambda
  developer guide, types of metrics and viewing metrics, 2023-10;
- they can be read when the minute in which they were sent has been over for as long as ``lag``. Source: facts 2.4.
"""

from __future__ import annotations

import copy
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from local.emulator.rules.cloudwatch.queries import QueryError, Range, compute, read_queries
from local.emulator.rules.cloudwatch.series import Grid, MetricStat, series
from local.emulator.rules.cloudwatch.statistics import Sample
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal

MINUTE = 60
NAMESPACE = "AWS/Lambda"
_Dimensions = tuple[tuple[str, str], ...]
_Values = Counter[float]
"""How often each value came in a minute."""
_MOST_QUERIES = 500
"""Source: facts 2.3."""


@dataclass(frozen=True)
class Invoked:
    """Invocations of one kind: did they fail, how long did each take, how many were there?

    ``weighted``: did the alias that they came through have weights? ``is_counted`` False is an error without an
    invocation, as a version might have one that fails while it starts. Whether AWS counts so is not documented.
    """

    failed: bool = False
    seconds: float = 0.02
    times: int = 1
    weighted: bool = True
    is_counted: bool = True


@dataclass(frozen=True)
class Later:
    """The points of a series come ``by`` that much later; of each minute only that ``share`` does."""

    by: timedelta
    share: float = 1.0

    def of(self, values: _Values, end: float, until: float) -> _Values:
        """Returns the values of a minute that was over at ``end`` which can be read at ``until``."""
        if end > until:
            return Counter()
        if end + self.by.total_seconds() <= until:
            return values
        return Counter({value: times - round(times * self.share) for value, times in values.items()})


_NO_LATER = Later(timedelta(0))


class _Slow(NamedTuple):
    """Values of requests that began in one minute and ended in a later one, both by their starts."""

    began: float
    ended: float
    value: float
    times: int


class Metrics:
    """All points: for each metric and set of dimensions the values of each minute, by the minute's start.

    How this CloudWatch is, and a test may change it:
    ``page`` is how many points one answer of GetMetricData holds at most.
    ``later`` are versions, by their numbers, whose series come later than all others. Each series comes by itself.
    Source: CloudWatch user guide, metric math, FILL, 2023-06, which warns of the newest point.
    ``always_by_version``: has an alias without weights series with the dimension ExecutedVersion, too? Not documented.
    ``unread`` are functions whose series cannot be read now, while those of others can. Source: CloudWatch API
    reference, MetricDataResult, StatusCode InternalError, 2026-11.
    ``trims``: does AWS/Lambda have trimmed statistics, as TC(99:)? The user guide's list does not name it, 2026-11.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lag = timedelta(minutes=1)
        self.page = 100_800
        self.later: dict[str, Later] = {}
        self.always_by_version = True
        self.trims = True
        self.unread: set[str] = set()
        self._values: dict[tuple[str, _Dimensions], dict[float, _Values]] = defaultdict(lambda: defaultdict(Counter))
        self._slow: dict[tuple[str, _Dimensions], list[_Slow]] = {}
        self._moment: datetime | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Metrics:
        made = Metrics(copy.deepcopy(self._clock, memo))
        made.lag, made.page, made.later = self.lag, self.page, dict(self.later)
        made.always_by_version, made.trims, made.unread = self.always_by_version, self.trims, set(self.unread)
        for metric, minutes in self._values.items():
            made._values[metric].update({minute: Counter(values) for minute, values in minutes.items()})
        made._slow = {metric: list(values) for metric, values in self._slow.items()}
        return made

    def count(self, name: str, qualifier: str, version: str, invoked: Invoked) -> None:
        """Counts invocations that begin now: by function, by resource and, through an alias, by version.

        Source of the three sets of dimensions: facts 2.1; sorted as CloudWatch compares them, by name.
        """
        function, resource = ("FunctionName", name), ("Resource", f"{name}:{qualifier}")
        sets: list[_Dimensions] = [(function,), (function, resource)]
        is_alias = not qualifier.isdecimal() and qualifier != "$LATEST"
        if is_alias and (invoked.weighted or self.always_by_version):
            sets.append((("ExecutedVersion", version), function, resource))
        for dimensions in sets:
            if invoked.is_counted:
                self._add(("Invocations", dimensions), 1.0, invoked)
                self._add(("Duration", dimensions), 1000 * invoked.seconds, invoked)
            self._add(("Errors", dimensions), float(invoked.failed), invoked)

    def total(self, name: str, alias: str, version: str, counts: tuple[int, int]) -> None:
        """Counts the requests of this minute that a version served through an alias, and the failures among them: their
        sums only, where no statistic but Sum is asked for, so that a day costs no time.
        """
        function, resource = ("FunctionName", name), ("Resource", f"{name}:{alias}")
        minute = _minute_of(self._clock.now.timestamp())
        for dimensions in ((function,), (function, resource), (("ExecutedVersion", version), function, resource)):
            for metric, value in zip(("Invocations", "Errors"), counts, strict=True):
                self._values[metric, dimensions][minute][float(value)] += 1

    def publish(self, namespace: str, name: str, dimensions: Mapping[str, str], value: float) -> None:
        """Somebody publishes a point of a metric of their own now."""
        minute = _minute_of(self._clock.now.timestamp())
        self._values[f"{namespace} {name}", tuple(sorted(dimensions.items()))][minute][value] += 1

    def throttle(self, name: str, alias: str, times: int) -> None:
        """Counts requests that Lambda turns away now: before it draws a version, so by none.

        Source: Lambda developer guide, types of metrics: throttled requests are no invocations, 2026-11.
        """
        self._add(("Throttles", (("FunctionName", name), ("Resource", f"{name}:{alias}"))), 1.0, Invoked(times=times))

    def _add(self, metric: tuple[str, _Dimensions], value: float, invoked: Invoked) -> None:
        now = self._clock.now.timestamp()
        began, ended = _minute_of(now), _minute_of(now + invoked.seconds)
        if began == ended:
            self._values[metric][began][value] += invoked.times
        else:
            self._slow.setdefault(metric, []).append(_Slow(began, ended, value, invoked.times))

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Within the block nothing can be read that could not be read at that moment."""
        self._moment = moment
        try:
            yield
        finally:
            self._moment = None

    def points(self, metric: MetricStat, grid: Grid, until: datetime) -> dict[float, float]:
        """Returns the statistic of each window from the grid's begin on that has been counted ``until`` then."""
        if metric.namespace == NAMESPACE and metric.stat.startswith("TC") and not self.trims:
            return {}
        name = metric.name if metric.namespace == NAMESPACE else f"{metric.namespace} {metric.name}"
        asked, counted = until.timestamp(), self._counted_until()
        later = self.later.get(dict(metric.dimensions).get("ExecutedVersion", ""), _NO_LATER)
        samples = [
            Sample(began, times, value * times, value, value)
            for began, ended, values in self._sent((name, metric.dimensions))
            if grid.begin <= began and began + MINUTE <= asked
            for value, times in later.of(values, ended + MINUTE, counted).items()
            if times
        ]
        return series(samples, metric, grid)

    def failed(self, name: str, alias: str, version: str, ended_by: datetime) -> dict[float, tuple[int, int]]:
        """Returns of the requests that the version served through the alias how many there were and how many of them
        failed, by minute: of all that had ended by then, whether or not they can be read.
        """
        dimensions = (("ExecutedVersion", version), ("FunctionName", name), ("Resource", f"{name}:{alias}"))
        found: dict[float, tuple[int, int]] = {}
        for began, ended, values in self._sent(("Errors", dimensions)):
            if ended < ended_by.timestamp():
                served, failed = found.get(began, (0, 0))
                failures = sum(value * times for value, times in values.items())
                found[began] = served + values.total(), failed + round(failures)
        return found

    def _sent(self, metric: tuple[str, _Dimensions]) -> Iterator[tuple[float, float, _Values]]:
        """Yields values of a metric, with the starts of the minutes in which their requests began and ended."""
        yield from ((minute, minute, values) for minute, values in self._values.get(metric, {}).items())
        yield from ((each.began, each.ended, Counter({each.value: each.times})) for each in self._slow.get(metric, ()))

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
        unread = {query.id for query in queries if query.metric and not self.unread.isdisjoint(_named(query.metric))}
        page = self._paged(results, int(asked.get("NextToken", 0)))
        for result in page["MetricDataResults"]:
            if result["Id"] in unread:
                result.update(Timestamps=[], Values=[], StatusCode="InternalError")
        return page

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
        return ((self._moment or self._clock.now) - self.lag).timestamp()


def _minute_of(time: float) -> float:
    return math.floor(time / MINUTE) * MINUTE


def _named(metric: MetricStat) -> set[str]:
    return {value for name, value in metric.dimensions if name == "FunctionName"}


def _result(name: str, label: str, points: list[tuple[float, float]]) -> Json:
    return {
        "Id": name,
        "Label": label,
        "Timestamps": [datetime.fromtimestamp(time, UTC) for time, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }
