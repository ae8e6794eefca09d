"""Reads the queries that GetMetricData and math alarms share, and computes what they ask for. Pure.

    [{"Id": "e", "MetricStat": {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors",
                                           "Dimensions": [{"Name": "FunctionName", "Value": "shop"}]},
                                "Period": 60, "Stat": "Sum"}, "ReturnData": false},
     {"Id": "r", "Expression": "100 * e / i", "Label": "error %"}]

Note: an expression may use the id of another expression, before or after it in the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.emulator.rules.cloudwatch.math import Series, evaluate
from local.emulator.rules.cloudwatch.math_syntax import MathError, Node, names, parse
from local.emulator.rules.cloudwatch.series import MetricStat
from local.emulator.rules.cloudwatch.statistics import COMPUTED, is_computed


class QueryError(ValueError):
    """The queries are refused; the message says which and why. ``code`` is AWS's name for it."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Query:
    """One entry: a metric or an expression, never both. ``label`` None means that none was given."""

    id: str
    metric: MetricStat | None
    expression: str | None
    label: str | None
    return_data: bool

    @property
    def shown_label(self) -> str:
        """The label of the answer. CloudWatch makes one where none is given."""
        return self.label or (self.metric.name if self.metric else self.id)


def read_queries(entries: Sequence[Mapping[str, Any]]) -> tuple[Query, ...]:
    """Reads the entries as they stand in a request. Raises QueryError."""
    queries = tuple(_query(entry) for entry in entries)
    for query in queries:
        if sum(other.id == query.id for other in queries) > 1:
            raise QueryError(f"the id {query.id!r} is used more than once")
    return queries


def read_metric(entry: Mapping[str, Any], period: int, stat: str, unit: str | None) -> MetricStat:
    """Reads ``{"Namespace": ..., "MetricName": ..., "Dimensions": [{"Name": ..., "Value": ...}]}``. Raises
    QueryError.
    """
    if not is_computed(stat):
        raise QueryError(f"the statistic {stat!r} cannot be computed here; use {COMPUTED}")
    if period not in (1, 5, 10, 20, 30) and (period <= 0 or period % 60):
        raise QueryError(f"Period must be 1, 5, 10, 20, 30 or a multiple of 60, not {period}")
    dimensions = sorted((each["Name"], each["Value"]) for each in entry.get("Dimensions") or ())
    return MetricStat(entry["Namespace"], entry["MetricName"], tuple(dimensions), period, stat, unit)


def written(query: Query) -> dict[str, Any]:
    """Returns the entry as DescribeAlarms gives it back: what was sent, with ReturnData always there."""
    entry: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data}
    if query.label is not None:
        entry["Label"] = query.label
    if query.metric is None:
        return entry | {"Expression": query.expression}
    metric = query.metric
    stat = {"Metric": _written_metric(metric), "Period": metric.period, "Stat": metric.stat}
    return entry | {"MetricStat": stat | ({"Unit": metric.unit} if metric.unit else {})}


@dataclass(frozen=True, slots=True)
class Range:
    """How to read metrics: ``series(metric)`` reads one, ``times(period)`` are the starts of the range's
    windows.
    """

    series: Callable[[MetricStat], Series]
    times: Callable[[int], Sequence[float]]


def compute(queries: Sequence[Query], range_: Range) -> dict[str, Series]:
    """Returns the series of every query by its id. Raises QueryError, naming the expression that cannot be
    computed.
    """
    return _Computation(queries, range_).all()


def period_of(queries: Sequence[Query], wanted: Query) -> int:
    """Returns the period of a query's points: the longest of the metrics it is made of, 60 where it uses
    none.
    """
    return _Computation(queries, Range(lambda _: {}, lambda _: ())).period(wanted.id)


_ID = re.compile(r"[a-z]\w*", re.ASCII)


def _query(entry: Mapping[str, Any]) -> Query:
    identifier = str(entry.get("Id") or "")
    if not _ID.fullmatch(identifier):
        raise QueryError(
            f"the id {identifier!r} must start with a lower-case letter, then letters, digits, underscores"
        )
    stat, expression = entry.get("MetricStat"), entry.get("Expression")
    if bool(stat) == bool(expression):
        raise QueryError(f"the query {identifier!r} must have either MetricStat or Expression")
    label, returned = entry.get("Label"), str(entry.get("ReturnData", True)).lower() != "false"
    if not stat:
        return Query(identifier, None, str(expression), label, returned)
    metric = read_metric(stat["Metric"], int(stat["Period"]), stat["Stat"], stat.get("Unit"))
    return Query(identifier, metric, None, label, returned)


def _written_metric(metric: MetricStat) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


class _Computation:
    """Computes each query once, when something first asks for it."""

    def __init__(self, queries: Sequence[Query], range_: Range) -> None:
        self._queries = {query.id: query for query in queries}
        self._range = range_
        self._done: dict[str, Series] = {}
        self._trees: dict[str, Node] = {}

    def all(self) -> dict[str, Series]:
        return {identifier: self._series(identifier, ()) for identifier in self._queries}

    def period(self, identifier: str, users: tuple[str, ...] = ()) -> int:
        query = self._queries[identifier]
        if query.metric:
            return query.metric.period
        used = self._used(query, (*users, identifier))
        return max((self.period(other, (*users, identifier)) for other in used), default=60)

    def _series(self, identifier: str, users: tuple[str, ...]) -> Series:
        if identifier not in self._done:
            self._done[identifier] = self._computed(self._queries[identifier], users)
        return self._done[identifier]

    def _computed(self, query: Query, users: tuple[str, ...]) -> Series:
        if query.metric:
            return self._range.series(query.metric)
        users = (*users, query.id)
        used = {other: self._series(other, users) for other in self._used(query, users)}
        times = self._range.times(self.period(query.id))
        try:
            return evaluate(self._tree(query), used, times)
        except MathError as error:
            raise _in_expression(query, str(error)) from None

    def _used(self, query: Query, users: tuple[str, ...]) -> list[str]:
        used = sorted(names(self._tree(query)))
        for other in used:
            if other in users:
                raise _in_expression(query, f"it uses {other!r}, which uses it")
            if other not in self._queries:
                raise _in_expression(query, f"it uses {other!r}, which is not an id of this request")
        return used

    def _tree(self, query: Query) -> Node:
        if query.id not in self._trees:
            try:
                self._trees[query.id] = parse(query.expression or "")
            except MathError as error:
                raise _in_expression(query, str(error)) from None
        return self._trees[query.id]


def _in_expression(query: Query, message: str) -> QueryError:
    return QueryError(f"Error in expression '{query.id}' [{message}]")
