"""Reads what a metric alarm watches and when it fires, from a request or a stored alarm. Pure.

What a newcomer would get wrong: an alarm watches either one metric (MetricName, Namespace, ...) or the one
entry of ``Metrics`` whose ReturnData is true. Both become the same list of queries here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local.gaps.metric_queries import (
    Query,
    QueryError,
    Range,
    compute,
    period_of,
    read_metric,
    read_queries,
    refused_statistic,
)
from local.gaps.metric_statistics import BASIC_STATISTICS

SINGLE = "m"
"""The id of the only query of an alarm on one metric. It is never shown."""


class RuleError(ValueError):
    """The alarm is refused; the message says why."""


class Comparison(Enum):
    """When a value breaches the threshold, and CloudWatch's words for it."""

    GREATER_OR_EQUAL = ("GreaterThanOrEqualToThreshold", "greater than or equal to")
    GREATER = ("GreaterThanThreshold", "greater than")
    LESS = ("LessThanThreshold", "less than")
    LESS_OR_EQUAL = ("LessThanOrEqualToThreshold", "less than or equal to")

    @property
    def words(self) -> str:
        return self.value[1]

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
    """What is watched and when it is an alarm. ``period`` is in AWS's seconds. ``statistic`` is None for an
    expression.

    ``datapoints_to_alarm`` None means that the request did not set it: all of ``evaluation_periods`` must
    breach, and CloudWatch words its reasons otherwise.
    """

    queries: tuple[Query, ...]
    watched: str
    period: int
    statistic: str | None
    evaluation_periods: int
    datapoints_to_alarm: int | None
    threshold: float
    comparison: Comparison
    missing_data: MissingData

    @property
    def needed(self) -> int:
        """How many of the evaluated datapoints must breach."""
        return self.datapoints_to_alarm or self.evaluation_periods

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
        statistic=watched.metric.stat if watched.metric and not alarm.get("Metrics") else None,
        evaluation_periods=periods,
        datapoints_to_alarm=None if needed is None else int(needed),
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
        metric = read_metric(alarm, int(alarm["Period"]), _statistic(alarm), alarm.get("Unit") or None)
        return (Query(SINGLE, metric, None, None, True),)
    if alarm.get("MetricName"):
        raise QueryError("an alarm has either MetricName or Metrics, not both")
    queries = read_queries(entries, "Metrics")
    if len({query.metric.period for query in queries if query.metric}) > 1:
        raise QueryError("all metrics of an alarm must have the same Period")
    return queries


def _statistic(alarm: Mapping[str, Any]) -> str:
    """Returns the one statistic. Raises QueryError for one that PutMetricAlarm refuses.

    Source of the texts: of ExtendedStatistic a measurement in us-east-1, 2026-09-13, by the rules of cdk_preflight; of
    Statistic LocalStack 2026.3. That both are a ValidationError is not documented.
    """
    extended = alarm.get("ExtendedStatistic")
    if not extended:
        name = str(alarm["Statistic"])
        if name not in BASIC_STATISTICS:
            allowed = "Member must satisfy enum value set: [Maximum, SampleCount, Sum, Minimum, Average]"
            where = f"Value '{name}' at 'statistic' failed to satisfy constraint"
            raise QueryError(f"1 validation error detected: {where}: {allowed}")
        return name
    unsupported = f"The value {extended} for parameter ExtendedStatistic is not supported."
    refused = unsupported if extended in BASIC_STATISTICS else refused_statistic(extended, unsupported)
    if refused:
        raise QueryError(refused)
    return str(extended)


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
    for comparison in Comparison:
        if comparison.value[0] == name:
            return comparison
    known = ", ".join(comparison.value[0] for comparison in Comparison)
    raise RuleError(f"ComparisonOperator must be one of {known} (anomaly bands cannot be evaluated here), not {name}")


def _missing_data(alarm: Mapping[str, Any]) -> MissingData:
    name = alarm.get("TreatMissingData") or MissingData.MISSING.value
    try:
        return MissingData(name)
    except ValueError:
        raise RuleError(
            f"TreatMissingData must be one of {', '.join(m.value for m in MissingData)}, not {name}"
        ) from None
