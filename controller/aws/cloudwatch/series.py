"""Reads time series of aliases from CloudWatch: all series of a look in one call, or those of many looks.

Note: a call has one range for all of its series. Questions of many deployments are asked in the range that covers them
all, and each answer is cut to its own: the series are the same as if asked alone.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from controller.aws.cloudwatch.alarms import alias_dimensions
from controller.aws.errors import translating
from controller.core.manifest.settings import MetricGate
from controller.core.model import Refused, Target, Transient
from controller.core.statistics.shift import MINUTE

_MAX_QUERIES = 500
"""Source: CloudWatch API reference, GetMetricData, MetricDataQueries, 2026-11."""
_MAX_POINTS = 90_000
"""How many points a second an account may ask for, of ranges that begin more than three hours ago; of later ones, twice
as many. AWS estimates them by range and period. Source: CloudWatch user guide, service quotas, GetMetricData, 2026-11.
"""
_TO_BE_INSIDE = timedelta(seconds=1)
"""Added to the end of a range: EndTime itself is left out. Source: CloudWatch API reference, GetMetricData, 2026-11."""

Series = Mapping[datetime, float]
"""A metric's points, by the beginning of their period."""


class CloudWatchMetrics(Protocol):
    """The botocore CloudWatch client's call used here."""

    def get_metric_data(self, **parameters: object) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Query:
    """One series of AWS/Lambda: a ``version``'s part of the alias's traffic, or the whole alias's for None.

    With ``gate`` it is one of the team's own series.
    """

    name: str
    metric: str
    version: str | None
    statistic: str = "Sum"
    period: timedelta = MINUTE
    gate: MetricGate | None = None

    def dimensions(self, target: Target) -> list[dict[str, str]]:
        if self.gate is None:
            return alias_dimensions(target, self.version)
        named = [*self.gate.dimensions, (self.gate.version, str(self.version))]
        return [{"Name": name, "Value": value} for name, value in named]


@dataclass(frozen=True, slots=True)
class Question:
    """Some series of one target, from ``since`` to ``until``."""

    target: Target
    queries: tuple[Query, ...]
    since: datetime
    until: datetime

    @property
    def range(self) -> tuple[datetime, datetime] | None:
        """The range that the answer depends on; None if minutes of a longer range serve as well."""
        # An hour's period begins with the range that is asked for.
        by_minute = all(query.period == MINUTE for query in self.queries)
        return None if by_minute else (self.since, self.until)


Answer = Mapping[str, Series]
"""The series of a question, by the names of its queries; a series without points is empty or missing."""


class SeriesReader(Protocol):
    """Answers one question. The caller translates the errors."""

    def read(self, question: Question) -> Answer: ...


class CloudWatchSeries:
    """Reads series by GetMetricData. ``minute`` is the length of AWS's minutes; ``sleep`` takes seconds."""

    def __init__(
        self, client: CloudWatchMetrics, minute: timedelta = MINUTE, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._minute = minute
        self._sleep = sleep

    def read(self, question: Question) -> Answer:
        """Returns the answer, all pages of it.

        The first point may begin before ``since``. Source: CloudWatch API reference, GetMetricData, StartTime is
        rounded down, 2026-11.
        """
        found: dict[str, dict[datetime, float]] = defaultdict(dict)
        queried = [_query(query, query.name, question.target) for query in question.queries]
        for result in self._results(queried, question.since, question.until):
            if not _is_read(result):
                status = result["StatusCode"]
                raise Transient(f"CloudWatch did not read {result['Id']} ({status}); it is asked again")
            _add(found[str(result["Id"])], result)
        return found

    def read_many(self, questions: Iterable[Question]) -> dict[Question, Answer]:
        """Returns the answers to many questions, by as few calls as CloudWatch allows.

        A question without its whole answer is left out; none is asked twice. Never raises Transient or Refused.
        """
        found: dict[Question, Answer] = {}
        pause = 0.0
        for batch in _batches(questions):
            self._sleep(pause)
            pause = _points(batch) / _MAX_POINTS
            try:
                with translating(f"reading the metrics of {len(batch)} deployments"):
                    found |= self._read_together(batch)
            except Refused:
                # One refused query refuses the whole call, so each question is asked by itself.
                found |= self._one_by_one(batch)
            except Transient:
                break  # CloudWatch throttles or is away: the next tick asks again
        return found

    def _read_together(self, batch: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        queried = [
            _query(query, f"{query.name}_{place}", question.target)
            for place, question in enumerate(batch)
            for query in question.queries
        ]
        series: dict[str, dict[datetime, float]] = defaultdict(dict)
        unread: set[str] = set()
        since, until = min(each.since for each in batch), max(each.until for each in batch)
        for result in self._results(queried, since, until):
            if _is_read(result):
                _add(series[str(result["Id"])], result)
            else:
                unread.add(str(result["Id"]))
        for place, question in enumerate(batch):
            ids = {query.name: f"{query.name}_{place}" for query in question.queries}
            if unread.isdisjoint(ids.values()):
                yield question, {name: self._inside(series[each], question) for name, each in ids.items()}

    def _one_by_one(self, batch: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
        for question in batch:
            try:
                with translating(f"reading the metrics of {question.target}"):
                    yield question, self.read(question)
            except Refused:
                continue
            except Transient:
                return

    def _inside(self, series: Series, question: Question) -> Series:
        """Returns the points that CloudWatch gives if the question is asked by itself."""
        begins, ends = question.since - self._minute, question.until + _TO_BE_INSIDE
        return {began: value for began, value in series.items() if question.range or begins < began < ends}

    def _results(
        self, queried: Sequence[Mapping[str, object]], since: datetime, until: datetime
    ) -> Iterator[Mapping[str, object]]:
        more: dict[str, object] = {}
        while True:
            answer = self._client.get_metric_data(
                MetricDataQueries=queried, StartTime=since, EndTime=until + _TO_BE_INSIDE, **more
            )
            yield from cast("list[Mapping[str, object]]", answer.get("MetricDataResults", []))
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}


def _batches(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Yields the questions of each call: together at most 500 queries, and ranges as alike as they come."""
    in_order = sorted(dict.fromkeys(questions), key=lambda each: (each.range is not None, each.since, each.until))
    batch: list[Question] = []
    for question in in_order:
        together = [*batch, question]
        is_full = sum(len(each.queries) for each in together) > _MAX_QUERIES or _points(together) > _MAX_POINTS
        if batch and (is_full or question.range != batch[0].range):
            yield batch
            together = [question]
        batch = together
    if batch:
        yield batch


def _points(batch: Sequence[Question]) -> float:
    """Returns how many points a call may return for these questions: one a minute of the whole range."""
    since, until = min(each.since for each in batch), max(each.until for each in batch)
    return sum(len(each.queries) for each in batch) * ((until - since) / MINUTE)


def counts(requests: Series, bad: Series, began: datetime) -> tuple[int, int]:
    """Returns a period's requests and the bad ones among them."""
    served = round(requests.get(began, 0))
    # A request may be counted as bad before it is counted at all; bad requests never exceed requests.
    return served, min(round(bad.get(began, 0)), served)


def _query(query: Query, name: str, target: Target) -> dict[str, object]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": query.gate.namespace if query.gate else "AWS/Lambda",
                "MetricName": query.metric,
                "Dimensions": query.dimensions(target),
            },
            "Period": int(query.period.total_seconds()),
            "Stat": query.statistic,
        },
    }


def _is_read(result: Mapping[str, object]) -> bool:
    # Source: CloudWatch API reference, MetricDataResult: Complete, PartialData (more comes), InternalError, Forbidden.
    return result.get("StatusCode") not in ("InternalError", "Forbidden")


def _add(points: dict[datetime, float], result: Mapping[str, object]) -> None:
    moments = cast("list[datetime]", result.get("Timestamps", []))
    values = cast("list[float]", result.get("Values", []))
    for moment, value in zip(moments, values, strict=True):
        began = moment.astimezone(UTC)
        points[began] = points.get(began, 0) + value
