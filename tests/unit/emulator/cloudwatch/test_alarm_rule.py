"""What an alarm watches is read, or refused as CloudWatch refuses it."""

from __future__ import annotations

from typing import Any

import pytest

from local.emulator.rules.cloudwatch.alarm_rule import Comparison, MissingData, RuleError, read_rule


def single(**changes: Any) -> dict[str, Any]:
    alarm = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "shop"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {name: value for name, value in (alarm | changes).items() if value is not None}


def math(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    alarm = single(Namespace=None, MetricName=None, Dimensions=None, Statistic=None, Period=None)
    return alarm | {"Metrics": list(entries)} | changes


def stat(identifier: str, period: int = 60, **changes: Any) -> dict[str, Any]:
    named = {"Namespace": "AWS/Lambda", "MetricName": identifier}
    entry = {
        "Id": identifier,
        "MetricStat": {"Metric": named, "Period": period, "Stat": "Sum"},
        "ReturnData": False,
    }
    return entry | changes


def statistic(identifier: str, name: str) -> dict[str, Any]:
    entry = stat(identifier)
    return entry | {"MetricStat": entry["MetricStat"] | {"Stat": name}}


RATE = {"Id": "r", "Expression": "100 * e / i"}


def test_an_alarm_on_one_metric_watches_it() -> None:
    rule = read_rule(single())
    assert (rule.period, rule.queries[0].metric and rule.queries[0].metric.stat, rule.needed) == (60, "Sum", 3)
    assert (rule.comparison, rule.missing_data) == (Comparison.GREATER, MissingData.MISSING)


def test_datapoints_to_alarm_is_m_of_n() -> None:
    assert read_rule(single(DatapointsToAlarm=2)).needed == 2


def test_a_percentile_is_the_statistic_where_it_is_given() -> None:
    (query,) = read_rule(single(Statistic="Average", ExtendedStatistic="p99")).queries
    assert query.metric and query.metric.stat == "p99"


def test_a_math_alarm_watches_the_entry_that_returns_data() -> None:
    rule = read_rule(math(stat("e"), stat("i"), RATE))
    assert (rule.watched, rule.period) == ("r", 60)


@pytest.mark.parametrize(
    ("alarm", "said"),
    [
        (single(Period=45), "Period must be"),
        (single(Statistic=None), "Statistic is required"),
        (single(ExtendedStatistic="PR(5:)"), r"the statistic 'PR\(5:\)' cannot be computed here"),
        (math(statistic("e", "TC(:)"), RATE), r"the statistic 'TC\(:\)' cannot be computed here"),
        (single(MetricName=None), "MetricName is required"),
        (single(Threshold=None), "Threshold is required"),
        (single(EvaluationPeriods=None), "EvaluationPeriods must be 1 or more"),
        (single(DatapointsToAlarm=4), "between 1 and EvaluationPeriods \\(3\\), not 4"),
        (single(ComparisonOperator="GreaterThanUpperThreshold"), "anomaly bands cannot be evaluated here"),
        (single(TreatMissingData="nonBreaching"), "TreatMissingData must be one of .*notBreaching"),
        (math(stat("e"), stat("i", ReturnData=True), RATE), "exactly one of Metrics .* not 2"),
        (math(stat("e")), "exactly one of Metrics .* not 0"),
        (math(stat("e"), stat("i", 300), RATE), "the same Period"),
        (math(stat("e"), RATE), "uses 'i', which is not an id"),
        (single(Metrics=[RATE]), "either MetricName or Metrics"),
    ],
)
def test_an_alarm_that_cannot_be_evaluated_is_refused(alarm: dict[str, Any], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        read_rule(alarm)


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        (Comparison.GREATER, [6]),
        (Comparison.GREATER_OR_EQUAL, [5, 6]),
        (Comparison.LESS, [4]),
        (Comparison.LESS_OR_EQUAL, [4, 5]),
    ],
)
def test_a_comparison_says_what_breaches(comparison: Comparison, breaching: list[int]) -> None:
    assert [value for value in (4, 5, 6) if comparison.breached(value, 5)] == breaching
