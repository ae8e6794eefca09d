"""Turns the samples of a metric into a time series: one statistic for each window of time. Pure.

A window is a period of CloudWatch, scaled: with ``Settings(minute=2)`` a period of 60 is a window of 2
seconds. Windows start at whole multiples of their length since 1970, as CloudWatch's minutes do, and a point
carries the start of its window.

What a newcomer would get wrong: points of two metrics meet in metric math by equal timestamps, so every
timestamp comes from ``start_of``; never compute one another way.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from local.gaps.metric_statistics import Sample, statistic


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
    """Returns the metric's statistic of each window that has samples. Raises NoStatistic."""
    points = {time: statistic(inside, metric.stat) for time, inside in by_window(samples, window, metric.unit).items()}
    return {time: value for time, value in points.items() if value is not None}
