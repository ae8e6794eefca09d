"""Reads what a metric alarm watches and when it fires, from a request or a stored alarm. Pure.

Note: an alarm watches either one metric (MetricName, Namespace, ...) or the one entry of ``Metrics`` whose ReturnData
is true. Both become the same list of queries here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local.emulator.rules.cloudwatch.queries import (
    Query,
    QueryError,
    Range,
    compute,
    period_of,
    read_metric,
    read_queries,
)

SINGLE = "m"
"""The id of the only query of an alarm on one metric. It is never shown."""


class RuleError(ValueError):
    """The alarm is refused; the message says why."""


class Comparison(Enum):
    """When a value breaches the threshold."""

    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    GREATER = "GreaterThanThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"

    def breached(self, value: float, threshold: float) -> bool:
        return _OPERATORS[self](value, threshold)


class MissingData(Enum):
    """What a period without a value counts as."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """What is watched and when it is an alarm. ``period`` is in AWS's seconds. ``needed`` is how many of the evaluated
    datapoints must breach: all of them, where the request does not set DatapointsToAlarm.
    """

    queries: tuple[Query, ...]
    watched: str
    period: int
    evaluation_periods: int
    needed: int
    threshold: float
    comparison: Comparison
    missing_data: MissingData

    def breached(self, value: float) -> bool:
        return self.comparison.breached(value, self.threshold)


def read_rule(alarm: Mapping[str, Any]) -> AlarmRule:
    """Reads the rule of an alarm in AWS's spelling; numbers may be text. Raises RuleError.

    Alarms on anomaly bands are refused: AWS evaluates them, the embedded CloudWatch cannot.
    """
    try:
        queries = _queries(alarm)
        watched = _watched(queries)
        compute(queries, Range(lambda _: {}, lambda _: ()))
    except QueryError as refused:
        raise RuleError(str(refused)) from None
    except KeyError as absent:
        raise RuleError(f"The parameter {absent.args[0]} is required.") from None
    periods, needed = int(alarm.get("EvaluationPeriods") or 0), alarm.get("DatapointsToAlarm")
    if periods < 1:
        raise RuleError("EvaluationPeriods must be 1 or more")
    if needed is not None and not 1 <= int(needed) <= periods:
        raise RuleError(f"DatapointsToAlarm must be between 1 and EvaluationPeriods ({periods}), not {needed}")
    return AlarmRule(
        queries=queries,
        watched=watched.id,
        period=period_of(queries, watched),
        evaluation_periods=periods,
        needed=periods if needed is None else int(needed),
        threshold=_threshold(alarm),
        comparison=_comparison(alarm),
        missing_data=_missing_data(alarm),
    )


_OPERATORS: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.GREATER_OR_EQUAL: operator.ge,
    Comparison.GREATER: operator.gt,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
}


def _queries(alarm: Mapping[str, Any]) -> tuple[Query, ...]:
    entries = alarm.get("Metrics")
    if not entries:
        stat = str(alarm.get("ExtendedStatistic") or alarm["Statistic"])
        metric = read_metric(alarm, int(alarm["Period"]), stat, alarm.get("Unit") or None)
        return (Query(SINGLE, metric, None, None, True),)
    if alarm.get("MetricName"):
        raise QueryError("an alarm has either MetricName or Metrics, not both")
    queries = read_queries(entries)
    if len({query.metric.period for query in queries if query.metric}) > 1:
        raise QueryError("all metrics of an alarm must have the same Period")
    return queries


def _watched(queries: tuple[Query, ...]) -> Query:
    watched = [query for query in queries if query.return_data]
    if len(watched) != 1:
        raise QueryError(f"exactly one of Metrics must have ReturnData true, not {len(watched)}")
    return watched[0]


def _threshold(alarm: Mapping[str, Any]) -> float:
    if alarm.get("Threshold") in (None, ""):
        raise RuleError("The parameter Threshold is required.")
    return float(alarm["Threshold"])


def _comparison(alarm: Mapping[str, Any]) -> Comparison:
    name = alarm.get("ComparisonOperator")
    try:
        return Comparison(name)
    except ValueError:
        known = ", ".join(comparison.value for comparison in Comparison)
        raise RuleError(
            f"ComparisonOperator must be one of {known} (anomaly bands cannot be evaluated here), not {name}"
        ) from None


def _missing_data(alarm: Mapping[str, Any]) -> MissingData:
    name = alarm.get("TreatMissingData") or MissingData.MISSING.value
    try:
        return MissingData(name)
    except ValueError:
        raise RuleError(
            f"TreatMissingData must be one of {', '.join(m.value for m in MissingData)}, not {name}"
        ) from None
