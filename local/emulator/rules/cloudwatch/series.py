"""Turns the samples of a metric into a time series: one statistic for each window of time. Pure.

A window is a period of CloudWatch, scaled: with ``Settings(minute=2)`` a period of 60 is a window of 2 seconds. A
point carries the start of its window. ``Grid`` says where windows start: an alarm's at whole multiples of their length
since 1970, those of a request at its StartTime.

Note: points of two metrics meet in metric math by equal timestamps, so every timestamp comes from ``start_of`` or a
``Grid``, which give the same ones; never compute one another way.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from local.emulator.rules.cloudwatch.statistics import Sample, statistic


@dataclass(frozen=True, slots=True)
class MetricStat:
    """A metric with its exact dimensions, and how to read it. ``period`` is in AWS's seconds, not scaled."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    period: int
    stat: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Windows of ``length`` steps of ``step`` seconds each. One of them starts with step ``first``, counted since
    1970.
    """

    step: float
    length: int = 1
    first: int = 0

    @property
    def begin(self) -> float:
        return self.first * self.step

    def start_of(self, time: float) -> float:
        """Returns the start of the window that ``time`` is in."""
        number = self._number(time)
        return (number - (number - self.first) % self.length) * self.step

    def counts(self, time: float, end: float) -> bool:
        """Says whether ``time`` is in a step of the range that begins with the grid. Steps count as a whole."""
        number = self._number(time)
        return number >= self.first and number * self.step < end

    def starts(self, end: float) -> list[float]:
        """Returns the starts of the windows from the first one up to, not including, ``end``."""
        number, times = self.first, []
        while number * self.step < end:
            times.append(number * self.step)
            number += self.length
        return times

    def _number(self, time: float) -> int:
        return math.floor(time / self.step)


def start_of(time: float, window: float) -> float:
    """Returns the start of the window that ``time`` is in, where windows start at multiples of their length."""
    return Grid(window).start_of(time)


def by_window(samples: Iterable[Sample], grid: Grid, unit: str | None = None) -> dict[float, list[Sample]]:
    """Returns the samples of each window that has any; with ``unit`` only those published in it."""
    windows: defaultdict[float, list[Sample]] = defaultdict(list)
    for sample in samples:
        if unit in (None, sample.unit):
            windows[grid.start_of(sample.time)].append(sample)
    return dict(sorted(windows.items()))


def series(samples: Iterable[Sample], metric: MetricStat, grid: Grid) -> dict[float, float]:
    """Returns the metric's statistic of each window that has samples. Raises NoStatistic."""
    points = {time: statistic(inside, metric.stat) for time, inside in by_window(samples, grid, metric.unit).items()}
    return {time: value for time, value in points.items() if value is not None}
