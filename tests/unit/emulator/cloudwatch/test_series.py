"""Samples become the points that CloudWatch would show."""

from __future__ import annotations

import math

import pytest

from local.emulator.rules.cloudwatch.series import Grid, MetricStat, by_window, series, start_of
from local.emulator.rules.cloudwatch.statistics import Sample

MINUTES = Grid(60)


def sample(time: float, value: float, count: float = 1, unit: str = "None") -> Sample:
    return Sample(time, count, value * count, value, value, unit)


def metric(stat: str = "Sum", unit: str | None = None) -> MetricStat:
    return MetricStat("AWS/Lambda", "Errors", (("FunctionName", "shop"),), 60, stat, unit)


def test_a_window_starts_at_a_whole_multiple_of_its_length() -> None:
    assert start_of(125.9, 60) == 120.0
    assert start_of(5.9, 2) == 4.0


def test_the_starts_of_a_range_leave_out_its_end() -> None:
    assert Grid(60, first=1).starts(180) == [60.0, 120.0]


@pytest.mark.parametrize("length", [1, 7])
def test_starts_and_windows_agree_on_every_timestamp(length: int) -> None:
    """Also where the window is no whole number of seconds, as with a minute of 1.3 seconds, and where it is several of
    them: points of different periods meet in metric math."""
    times = [1795440000.0 + step * 0.37 for step in range(500)]
    grid = Grid(1.3, length, math.floor(times[0] / 1.3))
    starts = grid.starts(times[-1] + 1)
    assert {grid.start_of(time) for time in times} <= set(starts)
    assert set(starts) <= set(Grid(1.3, 1, grid.first).starts(times[-1] + 1))


def test_windows_of_several_steps_start_at_the_first_one() -> None:
    """Five minutes from 00:02 on, not from 00:00."""
    grid = Grid(60, 5, 2)
    assert grid.starts(800) == [120.0, 420.0, 720.0]
    assert [grid.start_of(time) for time in (120, 419.9, 420)] == [120.0, 120.0, 420.0]


def test_a_range_counts_whole_steps() -> None:
    grid = Grid(60, 5, 2)
    assert [grid.counts(time, end=190) for time in (119.9, 120, 239.9, 240)] == [False, True, True, False]


def test_a_sum_is_taken_for_each_window_that_has_samples() -> None:
    assert series([sample(1, 2), sample(59, 3), sample(130, 4)], metric(), MINUTES) == {0.0: 5.0, 120.0: 4.0}


def test_only_samples_of_the_unit_asked_for_count() -> None:
    samples = [sample(1, 2, unit="Count"), sample(2, 5, unit="Seconds")]
    assert series(samples, metric(unit="Count"), MINUTES) == {0.0: 2.0}
    assert by_window(samples, MINUTES)[0.0] == samples
