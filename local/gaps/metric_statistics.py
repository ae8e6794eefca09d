"""Computes a statistic of the values in one window, by CloudWatch's name for it. Pure.

    SampleCount, Average, Sum, Minimum, Maximum    of all values
    p99                                            the value at a percentile, interpolated between two ranks
    TC(80:500), TC(80:), TC(:500)                  trimmed count: how many values are over 80 and at most 500
    tc90, TC(10%:90%)                              how many are left without the highest tenth, or without both tenths
    PR(80:500), PR(80:), PR(:500)                  percentile rank: how many percent are over 80 and at most 500

The lower bound is exclusive, the upper one inclusive. All but the first line need raw values: there is none of
negative ones, nor of a statistic set whose values differ. Source: CloudWatch user guide "CloudWatch statistics
definitions", 2026-11. How they are written (at least one bound, PR without percents, ten decimals, TC and tc by their
case): CloudWatch service model, AnomalyDetectorMetricStat, botocore 1.43.

What a newcomer would get wrong: a count of 0 is a point. Only a window without any value has none.

Not documented, so chosen: that count of 0; a range whose lower bound is not below its upper one is refused; of N values
the lowest x % are the first x * N / 100, rounded down, and what is left without the highest y % is rounded down, too.

Left out: TM, TS, WM, IQM. ``is_left_out`` knows them, so that they are refused as what they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

BASIC_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
COMPUTED = f"{', '.join(BASIC_STATISTICS)}, p0 to p100, TC and PR"
"""What is computed here, for messages."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A published value, or several published together. ``minimum == maximum`` where it is one value,
    ``count`` times.
    """

    time: float
    count: float
    total: float
    minimum: float
    maximum: float
    unit: str = "None"


Samples = Sequence[Sample]
_Statistic = Callable[[Samples], float | None]


class NoStatistic(ValueError):
    """No statistic of this name is computed here."""


def statistic(samples: Samples, name: str) -> float | None:
    """Returns a statistic of the samples; None where there is none: no samples, or no raw values where it needs them.

    Raises NoStatistic.
    """
    compute = _named(name)
    counted = [sample for sample in samples if sample.count > 0]
    return compute(counted) if counted else None


def is_computed(name: str) -> bool:
    """Says whether ``statistic`` knows the name."""
    try:
        _named(name)
    except NoStatistic:
        return False
    return True


def is_percentile(name: str) -> bool:
    return _PERCENTILE.fullmatch(name) is not None


def is_left_out(name: str) -> bool:
    """Says whether the name is that of a statistic which CloudWatch computes and this file does not."""
    return _LEFT_OUT.fullmatch(name) is not None


def _named(name: str) -> _Statistic:
    if name in _BASIC:
        return _BASIC[name]
    for form, read in _FORMS:
        if match := form.fullmatch(name):
            return _of_raw_values(read(*match.groups()))
    raise NoStatistic(f"the statistic {name!r} is not computed here; use {COMPUTED}")


def _of_raw_values(compute: _Statistic) -> _Statistic:
    def of_raw_values(samples: Samples) -> float | None:
        if any(sample.minimum < 0 or sample.minimum != sample.maximum for sample in samples):
            return None
        return compute(samples)

    return of_raw_values


def _count(samples: Samples) -> float:
    return sum(sample.count for sample in samples)


def _sum(samples: Samples) -> float:
    return sum(sample.total for sample in samples)


def _percentile(percent: str) -> _Statistic:
    def percentile(samples: Samples) -> float:
        ordered = sorted((sample.minimum, sample.count) for sample in samples)
        rank = float(percent) / 100 * max(_count(samples) - 1, 0)
        below, above = _at_rank(ordered, math.floor(rank)), _at_rank(ordered, math.floor(rank) + 1)
        return below + (rank - math.floor(rank)) * (above - below)

    return percentile


def _at_rank(ordered: Sequence[tuple[float, float]], rank: int) -> float:
    seen = 0.0
    for value, count in ordered:
        seen += count
        if rank < seen:
            return value
    return ordered[-1][0]


def _trimmed_count(over: str | None, to: str | None) -> _Statistic:
    lower, upper = _bounds(over, to)
    return lambda samples: _count([sample for sample in samples if lower < sample.minimum <= upper])


def _percentile_rank(over: str | None, to: str | None) -> _Statistic:
    inside = _trimmed_count(over, to)
    return lambda samples: 100 * (inside(samples) or 0.0) / _count(samples)


def _trimmed_count_by_percent(over: str | None, to: str | None) -> _Statistic:
    _bounds(over, to)
    lowest, kept = (Fraction(percent) / 100 for percent in (over or "0", to or "100"))

    def trimmed_count(samples: Samples) -> float:
        count = Fraction(_count(samples))
        return float(math.floor(kept * count) - math.floor(lowest * count))

    return trimmed_count


def _bounds(over: str | None, to: str | None) -> tuple[float, float]:
    """Returns the bounds of a range; an open one is infinite. At least one is closed, and the range is not empty."""
    lower, upper = float(over or "-inf"), float(to or "inf")
    if not (over or to) or lower >= upper:
        raise NoStatistic(f"no value can be over {lower} and at most {upper}")
    return lower, upper


_BASIC: dict[str, _Statistic] = {
    "SampleCount": _count,
    "Average": lambda samples: _sum(samples) / _count(samples),
    "Sum": _sum,
    "Minimum": lambda samples: min(sample.minimum for sample in samples),
    "Maximum": lambda samples: max(sample.maximum for sample in samples),
}
_VALUE = r"\d+(?:\.\d{0,10})?(?:[eE][+-]?\d+)?"
_PERCENT = r"\d{1,2}(?:\.\d{0,10})?|100(?:\.0{0,10})?"
_RANGE = rf"\(({_VALUE})?:({_VALUE})?\)"
_PERCENT_RANGE = rf"\((?:({_PERCENT})%)?:(?:({_PERCENT})%)?\)"
_PERCENTILE = re.compile(rf"p({_PERCENT})", re.ASCII)
_FORMS: tuple[tuple[re.Pattern[str], Callable[..., _Statistic]], ...] = (
    (_PERCENTILE, _percentile),
    (re.compile(rf"TC{_RANGE}", re.ASCII), _trimmed_count),
    (re.compile(rf"PR{_RANGE}", re.ASCII), _percentile_rank),
    (re.compile(rf"TC{_PERCENT_RANGE}", re.ASCII), _trimmed_count_by_percent),
    (re.compile(rf"()tc({_PERCENT})", re.ASCII), _trimmed_count_by_percent),
)
_LEFT_OUT = re.compile(rf"IQM|(?:tm|ts|wm)(?:{_PERCENT})|(?:TM|TS|WM)(?:{_RANGE}|{_PERCENT_RANGE})", re.ASCII)
