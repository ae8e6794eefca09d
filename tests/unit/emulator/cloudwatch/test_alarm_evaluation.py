"""An alarm's state follows CloudWatch's two tables of missing data. 0 is a good period, X a breaching one, -
has no value."""

from __future__ import annotations

from typing import Any

import pytest

from local.emulator.rules.cloudwatch.alarm_evaluation import Datapoint, State, Verdict, evaluation_times, judge
from local.emulator.rules.cloudwatch.alarm_rule import AlarmRule, read_rule


def rule(treat: str = "missing", periods: int = 3, needed: int | None = 3) -> AlarmRule:
    alarm: dict[str, Any] = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60}
    alarm |= {"EvaluationPeriods": periods, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}
    return read_rule(alarm | {"TreatMissingData": treat, "DatapointsToAlarm": needed})


def range_of(text: str) -> list[Datapoint]:
    values = {"0": 0.0, "X": 1.0, "-": None}
    return [Datapoint(place * 60.0, values[word]) for place, word in enumerate(text.split())]


def verdict(text: str, treat: str, needed: int = 3) -> Verdict | None:
    return judge(rule(treat, needed=needed), range_of(text))


def state(text: str, treat: str, needed: int = 3) -> str:
    found = verdict(text, treat, needed)
    return found.state.value if found else "kept"


TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 - X - X", "OK OK OK OK"),
        ("0 - - - -", "OK OK OK OK"),
        ("- - - - 0", "OK OK OK OK"),
        ("- - - - -", "INSUFFICIENT_DATA kept ALARM OK"),
        ("0 X X - X", "ALARM ALARM ALARM ALARM"),
        ("- - - - X", "INSUFFICIENT_DATA kept ALARM OK"),
        ("X - - - -", "ALARM kept ALARM OK"),
        ("- - X - -", "ALARM kept ALARM OK"),
    ],
)
def test_three_of_three(text: str, expected: str) -> None:
    assert [state(text, treat) for treat in TREATMENTS] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 - X - X", "ALARM ALARM ALARM ALARM"),
        ("0 0 X 0 X", "ALARM ALARM ALARM ALARM"),
        ("0 - X - -", "OK OK ALARM OK"),
        ("- - - - 0", "OK OK ALARM OK"),
        ("- - - X -", "ALARM kept ALARM OK"),
        ("- - - - X", "INSUFFICIENT_DATA kept ALARM OK"),
    ],
)
def test_two_of_three(text: str, expected: str) -> None:
    assert [state(text, treat, needed=2) for treat in TREATMENTS] == expected.split()


def test_a_single_breaching_period_does_not_trip_two_of_three() -> None:
    assert state("0 0 0 0 X", "missing", needed=2) == "OK"


def test_a_breaching_period_fires_a_one_of_one_alarm_until_it_leaves_the_range() -> None:
    one = rule("notBreaching", periods=1, needed=1)
    states = [judge(one, range_of(text)) for text in ("- - X", "- X -", "X - -", "- - -")]
    assert [found.state for found in states if found] == [State.ALARM, State.ALARM, State.ALARM, State.OK]


def test_a_good_period_ends_the_alarm_at_once() -> None:
    found = judge(rule("notBreaching", periods=1, needed=1), range_of("- X 0"))
    assert found is not None
    assert found.state is State.OK


def test_the_verdict_names_what_decided() -> None:
    found = verdict("0 - X - X", "missing")
    assert found is not None
    assert [point.time for point in found.values] == [0.0, 120.0, 240.0]
    assert found.filled == ()


def test_missing_periods_stand_in_only_as_often_as_needed_newest_first() -> None:
    found = verdict("- 0 - - -", "breaching")
    assert found is not None
    assert [point.time for point in found.filled] == [180.0, 240.0]


def test_only_complete_periods_are_evaluated() -> None:
    assert evaluation_times(rule(periods=1, needed=1), 60, 600.0) == [420.0, 480.0, 540.0]
    assert evaluation_times(rule(periods=1, needed=1), 60, 659.9) == [420.0, 480.0, 540.0]


def test_a_scaled_period_is_a_shorter_window() -> None:
    assert evaluation_times(rule(periods=1, needed=1), 2, 601.0) == [594.0, 596.0, 598.0]
