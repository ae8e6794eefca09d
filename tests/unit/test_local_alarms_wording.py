"""Reasons are worded as CloudWatch words them. The sentences are those of recorded alarms, with the times of
the test."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.gaps.alarms_evaluation import Datapoint, State, Verdict, judge
from local.gaps.alarms_rules import AlarmRule, read_rule
from local.gaps.alarms_wording import reason, reason_data, timestamp

START = datetime(2026, 11, 23, 10, 19, tzinfo=UTC).timestamp()


def rule(**changes: Any) -> AlarmRule:
    alarm: dict[str, Any] = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60}
    alarm |= {"EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}
    return read_rule(alarm | changes)


def range_of(*values: float | None) -> list[Datapoint]:
    """The newest one starts at 10:19."""
    first = START - 60 * (len(values) - 1)
    return [Datapoint(first + 60 * place, value, value and 9.0) for place, value in enumerate(values)]


def judged(of: AlarmRule, *values: float | None) -> Verdict:
    verdict = judge(of, range_of(*values))
    assert verdict is not None
    return verdict


def said(of: AlarmRule, *values: float | None) -> str:
    return reason(of, judged(of, *values))


def test_one_of_one_breaching() -> None:
    assert said(rule(DatapointsToAlarm=1), None, None, 45.0) == (
        "Threshold Crossed: 1 out of the last 1 datapoints [45.0 (23/11/26 10:19:00)]"
        " was greater than the threshold (5.0)"
        " (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_one_of_one_good() -> None:
    assert said(rule(DatapointsToAlarm=1), None, None, 1.0) == (
        "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (23/11/26 10:19:00)]"
        " was not greater than the threshold (5.0)"
        " (minimum 1 datapoint for ALARM -> OK transition)."
    )


def test_without_datapoints_to_alarm_there_is_no_minimum() -> None:
    assert said(rule(EvaluationPeriods=3), None, None, 7.0, 8.0, 9.0) == (
        "Threshold Crossed: 3 datapoints"
        " [9.0 (23/11/26 10:19:00), 8.0 (23/11/26 10:18:00), 7.0 (23/11/26 10:17:00)]"
        " were greater than the threshold (5.0)."
    )


def test_only_the_datapoints_that_agree_are_named() -> None:
    assert said(rule(EvaluationPeriods=3), None, None, 7.0, 8.0, 1.0) == (
        "Threshold Crossed: 1 datapoint [1.0 (23/11/26 10:19:00)] was not greater than the threshold (5.0)."
    )


def test_two_of_three_that_end_need_two_good_ones() -> None:
    assert said(rule(EvaluationPeriods=3, DatapointsToAlarm=2), None, None, 7.0, 1.0, 2.0) == (
        "Threshold Crossed: 2 out of the last 3 datapoints [2.0 (23/11/26 10:19:00), 1.0 (23/11/26 10:18:00)]"
        " were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition)."
    )


def test_missing_datapoints_that_count_are_named() -> None:
    twenty = rule(EvaluationPeriods=20, DatapointsToAlarm=1, TreatMissingData="notBreaching")
    assert said(twenty, *[None] * 21, 613.0) == (
        "Threshold Crossed: 1 out of the last 20 datapoints [613.0 (23/11/26 10:19:00)]"
        " was greater than the threshold (5.0) and 19 missing datapoints were treated as [NonBreaching]"
        " (minimum 1 datapoint for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"TreatMissingData": "notBreaching", "DatapointsToAlarm": 1},
            (
                "Threshold Crossed: no datapoints were received for 1 period"
                " and 1 missing datapoint was treated as [NonBreaching]."
            ),
        ),
        (
            {"TreatMissingData": "breaching", "EvaluationPeriods": 2},
            (
                "Threshold Crossed: no datapoints were received for 2 periods"
                " and 2 missing datapoints were treated as [Breaching]."
            ),
        ),
        ({}, "Insufficient Data: 1 datapoint was unknown."),
        ({"EvaluationPeriods": 5}, "Insufficient Data: 5 datapoints were unknown."),
    ],
)
def test_no_datapoint_at_all(changes: dict[str, Any], words: str) -> None:
    of = rule(**changes)
    assert said(of, *[None] * (of.evaluation_periods + 2)) == words


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        ("GreaterThanOrEqualToThreshold", "was greater than or equal to the threshold (5.0)."),
        ("LessThanOrEqualToThreshold", "was less than or equal to the threshold (5.0)."),
    ],
)
def test_every_comparison_has_its_words(comparison: str, words: str) -> None:
    assert said(rule(ComparisonOperator=comparison), None, None, 5.0).endswith(words)


def test_the_data_of_a_reason_names_the_statistic_and_the_datapoints_oldest_first() -> None:
    of = rule(EvaluationPeriods=2, DatapointsToAlarm=2)
    assert json.loads(reason_data(of, judged(of, None, None, 7.0, 9.0), START + 108.551)) == {
        "version": "1.0",
        "queryDate": "2026-11-23T10:20:48.551+0000",
        "startDate": "2026-11-23T10:18:00.000+0000",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [7.0, 9.0],
        "threshold": 5.0,
        "evaluatedDatapoints": [
            {"timestamp": "2026-11-23T10:19:00.000+0000", "sampleCount": 9.0, "value": 9.0},
            {"timestamp": "2026-11-23T10:18:00.000+0000", "sampleCount": 9.0, "value": 7.0},
        ],
    }


def test_the_data_of_missing_datapoints_has_no_start_and_no_values() -> None:
    of = rule(TreatMissingData="breaching")
    content = json.loads(reason_data(of, judged(of, None, None, None), START + 60))
    assert "startDate" not in content
    assert content["recentDatapoints"] == []
    assert content["evaluatedDatapoints"] == [{"timestamp": "2026-11-23T10:19:00.000+0000"}]


def test_the_data_of_an_expression_has_neither_statistic_nor_counts() -> None:
    entry = {
        "Id": "m",
        "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"},
    }
    of = rule(MetricName=None, Metrics=[entry | {"ReturnData": False}, {"Id": "r", "Expression": "m + 0"}])
    verdict = Verdict(State.ALARM, (Datapoint(START, 9.0),), ())
    content = json.loads(reason_data(of, verdict, START + 60))
    assert "statistic" not in content
    assert content["evaluatedDatapoints"] == [{"timestamp": "2026-11-23T10:19:00.000+0000", "value": 9.0}]


def test_a_timestamp_has_milliseconds_and_an_offset_without_a_colon() -> None:
    assert timestamp(START + 0.5) == "2026-11-23T10:19:00.500+0000"
