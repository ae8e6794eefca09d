"""Evaluates a CloudWatch metric math expression over time series. Pure: it reads no metric and no clock.

A value is a scalar (float) or a time series (timestamp -> value). The rules are CloudWatch's:
- arithmetic and comparisons give a point where either side has one; the side without counts as 0;
- a point that divides by zero, or is no finite number, is dropped;
- comparisons and logic give 1 or 0;
- MAX and SUM of an array of series give a series: in each period that of the members with a point;
- IF drops a point that its condition lacks, gives 0 where the branch taken is the first and has no point, and
  drops the point where the branch taken is the second and has none. Both branches are evaluated, point by
  point, so a division by zero in the branch not taken costs nothing;
- EPOCH gives, at each time of the range, the second at which its period began, with or without a point there;
- FILL gives a metric's points, and the number at each time of the range without one;
- the result must be one time series.
Source: CloudWatch user guide "Using math expressions with CloudWatch metrics", 2023-06.

Note: a missing point is not a point of value 0 everywhere. ``m1 > 0`` has no point where m1 has none, so an alarm on it
sees missing data there.

Left out: all that no expression of the controller uses. It is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from local.emulator.rules.cloudwatch.math_syntax import Array, Binary, Call, MathError, Name, Node, Number

Series = Mapping[float, float]
Value = float | Series


def evaluate(expression: Node, series: Mapping[str, Series], times: Sequence[float]) -> Series:
    """Returns the series that the expression gives.

    ``series`` holds what the ids in the expression stand for. ``times`` are all timestamps of the range asked
    for, ascending; EPOCH gives a value at each of them. Raises MathError for an unknown id or function, wrong
    arguments, or a result that is not one time series.
    """
    result = _Evaluation(series, times).value(expression)
    if not isinstance(result, Mapping):
        raise MathError("an expression must give one time series, this one gives a scalar")
    return result


class _Evaluation:
    """One evaluation: what ids stand for and the range asked for."""

    def __init__(self, series: Mapping[str, Series], times: Sequence[float]) -> None:
        self._series = series
        self._times = times

    def value(self, node: Node) -> Value:
        match node:
            case Number(number):
                return number
            case Name(identifier):
                return self._named(identifier)
            case Binary(symbol, left, right):
                return _operated(_OPERATORS[symbol], self.value(left), self.value(right))
            case Array():
                raise MathError("an array may only be the argument of MAX or SUM")
            case Call():
                return self._called(node)

    def _called(self, call: Call) -> Value:
        match call:
            case Call("IF", (condition, first, second)):
                return _chosen(self.value(condition), self.value(first), self.value(second))
            case Call("EPOCH", (of,)):
                self.value(of)
                return {time: time for time in self._times}
            case Call("FILL", (Name(identifier), Number(number))):
                series = self._named(identifier)
                return {time: series.get(time, number) for time in self._times}
            case Call("MAX", (Array(members),)):
                return self._reduced(max, members)
            case Call("SUM", (Array(members),)):
                return self._reduced(sum, members)
        known = "IF(condition, first, second), EPOCH(m), FILL(m, number), MAX([...]) and SUM([...])"
        raise MathError(f"{call.function} of {len(call.arguments)} arguments is not computed here, only {known}")

    def _named(self, identifier: str) -> Series:
        if identifier not in self._series:
            raise MathError(f"the expression uses {identifier!r}, which is not an id of this request")
        return self._series[identifier]

    def _reduced(self, reduce: Callable[[list[float]], float], members: tuple[Node, ...]) -> Series:
        series = [value for value in map(self.value, members) if isinstance(value, Mapping)]
        if len(series) < len(members):
            raise MathError("an array holds time series only, no scalar")
        times = {time for each in series for time in each}
        return _points(times, lambda time: reduce([each[time] for each in series if time in each]))


def _operated(operate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if not isinstance(left, Mapping) and not isinstance(right, Mapping):
        return operate(left, right)
    times = {time for side in (left, right) if isinstance(side, Mapping) for time in side}
    return _points(times, lambda time: operate(_at(left, time), _at(right, time)))


def _chosen(condition: Value, first: Value, second: Value) -> Value:
    if not isinstance(condition, Mapping):
        return first if condition else second
    return _points(condition, lambda time: _at(first, time) if condition[time] else _at(second, time, math.nan))


def _at(value: Value, time: float, missing: float = 0.0) -> float:
    return value.get(time, missing) if isinstance(value, Mapping) else value


def _points(times: Iterable[float], value_at: Callable[[float], float]) -> Series:
    """Builds a series and drops what is no finite number."""
    points = ((time, value_at(time)) for time in sorted(times))
    return {time: value for time, value in points if math.isfinite(value)}


_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else math.nan,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}
