"""Decides the state of a metric alarm from the datapoints of its evaluation range. Pure.

CloudWatch looks at more periods than EvaluationPeriods (N). Where at least N of them have a value, the N
newest values decide and missing ones do not matter. Where fewer have one, each value counts and
TreatMissingData stands in for the rest, up to N. ALARM needs DatapointsToAlarm (M) breaching ones. For
``missing`` and ``ignore`` fewer are enough in one case ("premature transition"): the values all breach, and
the oldest is at least M periods old; ``ignore`` then keeps the state. Source: CloudWatch user guide "How
alarm state is evaluated when data is missing", 2023-06; its two tables are the unit test.

Note: with TreatMissingData=notBreaching a single breaching minute keeps a 1-out-of-1 alarm firing until that minute
leaves the evaluation range, not for one minute only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from local.emulator.rules.cloudwatch.alarm_rule import AlarmRule, MissingData
from local.emulator.rules.cloudwatch.series import start_of

MORE_PERIODS = 2
"""How many periods CloudWatch looks at beyond EvaluationPeriods. It names no number; its tables show 5 for N
= 3."""


class State(Enum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One period of the range. ``value`` None means that it has none."""

    time: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, the values that decided, oldest first, and how many missing ones were counted besides."""

    state: State
    values: tuple[Datapoint, ...]
    filled: tuple[Datapoint, ...]


def evaluation_times(rule: AlarmRule, window: float, now: float) -> list[float]:
    """Returns the starts of the complete windows of the evaluation range, oldest first. The window at hand is
    never one.
    """
    current = round(start_of(now, window) / window)
    return [index * window for index in range(current - rule.evaluation_periods - MORE_PERIODS, current)]


def judge(rule: AlarmRule, range_: Sequence[Datapoint]) -> Verdict | None:
    """Returns what the range, oldest first, says; None means that the alarm keeps its state."""
    values = [point for point in range_ if point.value is not None]
    if len(values) >= rule.evaluation_periods:
        newest = tuple(values[-rule.evaluation_periods :])
        state = State.ALARM if _breaching(rule, newest) >= rule.needed else State.OK
        return Verdict(state, newest, ())
    missing = [point for point in range_ if point.value is None]
    filled = tuple(missing[len(missing) - (rule.evaluation_periods - len(values)) :])
    state_or_none = _with_missing(rule, range_, values, len(filled))
    return None if state_or_none is None else Verdict(state_or_none, tuple(values), filled)


def _with_missing(
    rule: AlarmRule, range_: Sequence[Datapoint], values: Sequence[Datapoint], filled: int
) -> State | None:
    breaching = _breaching(rule, values)
    match rule.missing_data:
        case MissingData.BREACHING:
            return State.ALARM if breaching + filled >= rule.needed else State.OK
        case MissingData.NOT_BREACHING:
            return State.ALARM if breaching >= rule.needed else State.OK
    if breaching >= rule.needed:
        return State.ALARM
    if breaching < len(values):
        return State.OK
    if rule.missing_data is MissingData.IGNORE:
        return None
    return State.ALARM if values and _age(range_, values[0]) >= rule.needed else State.INSUFFICIENT_DATA


def _breaching(rule: AlarmRule, points: Sequence[Datapoint]) -> int:
    return sum(point.value is not None and rule.breached(point.value) for point in points)


def _age(range_: Sequence[Datapoint], point: Datapoint) -> int:
    """The newest period is 1 period old."""
    return len(range_) - range_.index(point)
