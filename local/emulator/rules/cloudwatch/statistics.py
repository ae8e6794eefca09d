"""Computes a statistic of the values in one window, by CloudWatch's name for it. Pure.

    SampleCount, Average, Sum, Minimum, Maximum    of all values
    p99                                            the value at a percentile, interpolated between two ranks
    TC(80:)                                        trimmed count: how many values are over 80

The last two need raw values: there is none of negative ones, nor of a statistic set whose values differ. Source:
CloudWatch user guide "CloudWatch statistics definitions", 2026-11. How they are written (ten decimals, TC by its case):
CloudWatch service model, AnomalyDetectorMetricStat, botocore 1.43.

Note: a count of 0 is a point. Only a window without any value has none. That is not documented, so chosen.

Left out: all that the controller does not ask for (TC with an upper bound, PR, TM, TS, WM, IQM). They are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BASIC_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
COMPUTED = f"{', '.join(BASIC_STATISTICS)}, p0 to p100, TC(x:)"
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


def _named(name: str) -> _Statistic:
    if name in _BASIC:
        return _BASIC[name]
    for form, read in _FORMS:
        if match := form.fullmatch(name):
            return _of_raw_values(read(match[1]))
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


def _trimmed_count(over: str) -> _Statistic:
    return lambda samples: _count([sample for sample in samples if sample.minimum > float(over)])


_BASIC: dict[str, _Statistic] = {
    "SampleCount": _count,
    "Average": lambda samples: _sum(samples) / _count(samples),
    "Sum": _sum,
    "Minimum": lambda samples: min(sample.minimum for sample in samples),
    "Maximum": lambda samples: max(sample.maximum for sample in samples),
}
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], _Statistic]], ...] = (
    (re.compile(r"p(\d{1,2}(?:\.\d{0,10})?|100(?:\.0{0,10})?)", re.ASCII), _percentile),
    (re.compile(r"TC\((\d+(?:\.\d{0,10})?(?:[eE][+-]?\d+)?):\)", re.ASCII), _trimmed_count),
)
