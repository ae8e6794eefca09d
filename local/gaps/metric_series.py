"""Turns the samples of a metric into a time series: one statistic for each window of time. Pure.

A window is a period of CloudWatch, scaled: with ``Settings(minute=2)`` a period of 60 is a window of 2
seconds. Windows start at whole multiples of their length since 1970, as CloudWatch's minutes do, and a point
carries the start of its window.

What a newcomer would get wrong: points of two metrics meet in metric math by equal timestamps, so every
timestamp comes from ``start_of``; never compute one another way.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class MetricStat:
    """A metric with its exact dimensions, and how to read it. ``period`` is in AWS's seconds, not scaled."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    period: int
    stat: str
    unit: str | None = None


def start_of(time: float, window: float) -> float:
    """Returns the start of the window that ``time`` is in."""
    return math.floor(time / window) * window


def starts(first: float, end: float, window: float) -> list[float]:
    """Returns the starts of the windows from the one ``first`` is in up to, not including, ``end``."""
    index = math.floor(first / window)
    times = []
    while index * window < end:
        times.append(index * window)
        index += 1
    return times


def by_window(samples: Iterable[Sample], window: float, unit: str | None = None) -> dict[float, list[Sample]]:
    """Returns the samples of each window that has any; with ``unit`` only those published in it."""
    windows: defaultdict[float, list[Sample]] = defaultdict(list)
    for sample in samples:
        if unit in (None, sample.unit):
            windows[start_of(sample.time, window)].append(sample)
    return dict(sorted(windows.items()))


def series(samples: Iterable[Sample], metric: MetricStat, window: float) -> dict[float, float]:
    """Returns the metric's statistic of each window that has samples. Raises ValueError for an unknown
    statistic.
    """
    points = {time: statistic(inside, metric.stat) for time, inside in by_window(samples, window, metric.unit).items()}
    return {time: value for time, value in points.items() if value is not None}


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """Returns a statistic of the samples; None where there is none: no samples, or percentiles of negative or
    summed values.

    Raises ValueError for a statistic that is not known here.
    """
    require_statistic(name)
    counted = [sample for sample in samples if sample.count > 0]
    if not counted:
        return None
    if percent := _PERCENTILE.fullmatch(name):
        return _percentile(counted, float(percent[1]))
    count, total = sum(sample.count for sample in counted), sum(sample.total for sample in counted)
    return {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count,
        "Minimum": min(sample.minimum for sample in counted),
        "Maximum": max(sample.maximum for sample in counted),
    }[name]


def require_statistic(name: str) -> None:
    """Raises ValueError unless ``statistic`` knows the name."""
    percent = _PERCENTILE.fullmatch(name)
    if name not in BASIC_STATISTICS and not (percent and float(percent[1]) <= 100):
        raise ValueError(f"the statistic {name!r} is not known here; use {', '.join(BASIC_STATISTICS)} or p0 to p100")


BASIC_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d+)?)")


def _percentile(samples: Sequence[Sample], percent: float) -> float | None:
    """Interpolates between two ranks. There is none of negative values, nor of summed ones that differ.

    Source: CloudWatch user guide "CloudWatch statistics definitions", 2023-06.
    """
    if any(sample.minimum < 0 or sample.minimum != sample.maximum for sample in samples):
        return None
    ordered = sorted((sample.minimum, sample.count) for sample in samples)
    rank = percent / 100 * max(sum(count for _, count in ordered) - 1, 0)
    below, above = _at_rank(ordered, math.floor(rank)), _at_rank(ordered, math.floor(rank) + 1)
    return below + (rank - math.floor(rank)) * (above - below)


def _at_rank(ordered: Sequence[tuple[float, float]], rank: int) -> float:
    seen = 0.0
    for value, count in ordered:
        seen += count
        if rank < seen:
            return value
    return ordered[-1][0]
