"""Evaluates a CloudWatch metric math expression over time series. Pure: it reads no metric and no clock.

A value is a scalar (float), a time series (timestamp -> value) or an array of these. The rules are
CloudWatch's:
- arithmetic and comparisons give a point where either side has one; the side without counts as 0;
- a point that divides by zero, or is no finite number, is dropped;
- comparisons and logic give 1 or 0;
- MIN, MAX, SUM and AVG of one series give a scalar, of an array a series; AVG of an array counts a missing
  value as 0;
- IF drops a point that its condition lacks, gives 0 where the branch taken is the first and has no point, and
  drops the point where the branch taken is the second and has none. Both branches are evaluated, point by
  point, so a division by zero in the branch not taken costs nothing;
- EPOCH gives, at each time of the range, the second at which its period began, with or without a point there;
- the result must be one time series.
Source: CloudWatch user guide "Using math expressions with CloudWatch metrics", 2023-06.

Note: a missing point is not a point of value 0 everywhere. ``m1 > 0`` has no point where m1 has none, so an alarm on it
sees missing data there; ``FILL(m1, 0) > 0`` has one.

Not documented, so chosen: FILL also fills a series that has no point at all.

Left out: METRICS, SEARCH, anomaly bands, and the functions that ``FUNCTIONS`` does not name. They are refused
by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from local.emulator.rules.cloudwatch.math_syntax import Array, Binary, Call, MathError, Name, Negate, Node, Number, Word

Series = Mapping[float, float]
Scalar = float
Value = Scalar | Series | tuple["Scalar | Series", ...]


def evaluate(expression: Node, series: Mapping[str, Series], times: Sequence[float]) -> Series:
    """Returns the series that the expression gives.

    ``series`` holds what the ids in the expression stand for. ``times`` are all timestamps of the range asked
    for, ascending; FILL gives a value at each of them. Raises MathError for an unknown id or function, wrong
    arguments, or a result that is not one time series.
    """
    result = _Evaluation(series, times).value(expression)
    if not isinstance(result, Mapping):
        kind = "an array" if isinstance(result, tuple) else "a scalar"
        raise MathError(f"an expression must give one time series, this one gives {kind}")
    return result


class _Evaluation:
    """One evaluation: what ids stand for and the range asked for."""

    def __init__(self, series: Mapping[str, Series], times: Sequence[float]) -> None:
        self._series = series
        self.times = times

    def value(self, node: Node) -> Value:
        match node:
            case Number(number):
                return number
            case Name(identifier):
                return self._named(identifier)
            case Negate(operand):
                return _each(self.value(operand), lambda one: _map(one, lambda number: -number))
            case Binary(symbol, left, right):
                return _binary(OPERATORS[symbol], self.value(left), self.value(right))
            case Array(members):
                return tuple(self._member(member) for member in members)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Word(text):
                raise MathError(f"{text} may only be the second argument of FILL")
        raise AssertionError(f"no rule for {node!r}")

    def _named(self, identifier: str) -> Series:
        if identifier not in self._series:
            raise MathError(f"the expression uses {identifier!r}, which is not an id of this request")
        return self._series[identifier]

    def _member(self, node: Node) -> Scalar | Series:
        member = self.value(node)
        if isinstance(member, tuple):
            raise MathError("an array may not hold an array")
        return member

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Value:
        if function not in FUNCTIONS:
            raise MathError(f"unknown function {function}; known here: {', '.join(sorted(FUNCTIONS))}")
        counts, run = FUNCTIONS[function]
        if len(arguments) not in counts:
            raise MathError(f"{function} takes {' or '.join(map(str, counts))} arguments, not {len(arguments)}")
        return run(self, arguments)


def _binary(operate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        raise MathError("an operator takes at most one array")
    if isinstance(left, tuple):
        return tuple(_pair(operate, member, right) for member in left if not isinstance(right, tuple))
    if isinstance(right, tuple):
        return tuple(_pair(operate, left, member) for member in right)
    return _pair(operate, left, right)


def _pair(operate: Callable[[float, float], float], left: Scalar | Series, right: Scalar | Series) -> Scalar | Series:
    if not isinstance(left, Mapping) and not isinstance(right, Mapping):
        return operate(left, right)
    times = {time for side in (left, right) if isinstance(side, Mapping) for time in side}
    return _points(times, lambda time: operate(_at(left, time), _at(right, time)))


def _at(value: Scalar | Series, time: float, missing: float = 0.0) -> float:
    return value.get(time, missing) if isinstance(value, Mapping) else value


def _points(times: Iterable[float], value_at: Callable[[float], float]) -> Series:
    """Builds a series and drops what is no finite number."""
    points = ((time, value_at(time)) for time in sorted(times))
    return {time: value for time, value in points if math.isfinite(value)}


def _map(value: Scalar | Series, change: Callable[[float], float]) -> Scalar | Series:
    if isinstance(value, Mapping):
        return _points(value, lambda time: change(value[time]))
    return change(value)


def _each(value: Value, change: Callable[[Scalar | Series], Scalar | Series]) -> Value:
    return tuple(change(member) for member in value) if isinstance(value, tuple) else change(value)


def _divide(left: float, right: float) -> float:
    return left / right if right else math.nan


def _power(left: float, right: float) -> float:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return math.nan
    return math.nan if isinstance(result, complex) else result


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "^": _power,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}


def _if(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Value:
    condition, *branches = (_single(evaluation.value(argument), "IF") for argument in arguments)
    first, second = branches[0], branches[1] if len(branches) > 1 else {}
    if not isinstance(condition, Mapping):
        return first if condition else second
    return _points(condition, lambda time: _at(first, time) if condition[time] else _at(second, time, math.nan))


def _fill(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Value:
    filled = evaluation.value(arguments[0])
    if arguments[1] == Word("REPEAT"):
        return _each(filled, lambda one: _repeated(_series(one, "FILL"), evaluation.times))
    filler = _single(evaluation.value(arguments[1]), "FILL")

    def fill(one: Scalar | Series) -> Series:
        series = _series(one, "FILL")
        return _points(
            {*series, *evaluation.times},
            lambda time: series[time] if time in series else _at(filler, time, math.nan),
        )

    return _each(filled, fill)


def _repeated(series: Series, times: Sequence[float]) -> Series:
    last, points = math.nan, {}
    for time in sorted({*series, *times}):
        last = series.get(time, last)
        points[time] = last
    return _points(points, points.__getitem__)


def _epoch(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Value:
    return _each(evaluation.value(arguments[0]), lambda _: {time: time for time in evaluation.times})


def _absolute(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Value:
    return _each(evaluation.value(arguments[0]), lambda one: _map(one, abs))


def _reduction(
    name: str, reduce: Callable[[list[float]], float], of_array: Callable[[list[float], int], float]
) -> _Run:
    """A function that makes one number of a series, or one series of an array."""

    def run(evaluation: _Evaluation, arguments: tuple[Node, ...]) -> Value:
        value = evaluation.value(arguments[0])
        if not isinstance(value, tuple):
            points = list(_series(value, name).values())
            return reduce(points) if points else math.nan
        times = {time for member in value if isinstance(member, Mapping) for time in member}
        return _points(times, lambda time: of_array(_present(value, time), len(value)))

    return run


def _present(array: tuple[Scalar | Series, ...], time: float) -> list[float]:
    return [_at(member, time) for member in array if not isinstance(member, Mapping) or time in member]


def _single(value: Value, function: str) -> Scalar | Series:
    if isinstance(value, tuple):
        raise MathError(f"{function} does not take an array here")
    return value


def _series(value: Scalar | Series, function: str) -> Series:
    if not isinstance(value, Mapping):
        raise MathError(f"{function} takes a time series, not a scalar")
    return value


_Run = Callable[[_Evaluation, tuple[Node, ...]], Value]

FUNCTIONS: dict[str, tuple[tuple[int, ...], _Run]] = {
    "IF": ((2, 3), _if),
    "FILL": ((2,), _fill),
    "ABS": ((1,), _absolute),
    "EPOCH": ((1,), _epoch),
    "MIN": ((1,), _reduction("MIN", min, lambda present, _: min(present))),
    "MAX": ((1,), _reduction("MAX", max, lambda present, _: max(present))),
    "SUM": ((1,), _reduction("SUM", sum, lambda present, _: sum(present))),
    "AVG": (
        (1,),
        _reduction("AVG", lambda all_: sum(all_) / len(all_), lambda present, size: sum(present) / size),
    ),
}
