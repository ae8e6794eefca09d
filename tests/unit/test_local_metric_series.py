"""Samples become the points that CloudWatch would show."""

from __future__ import annotations

from local.gaps.metric_series import MetricStat, by_window, series, start_of, starts
from local.gaps.metric_statistics import Sample


def sample(time: float, value: float, count: float = 1, unit: str = "None") -> Sample:
    return Sample(time, count, value * count, value, value, unit)


def metric(stat: str = "Sum", unit: str | None = None) -> MetricStat:
    return MetricStat("AWS/Lambda", "Errors", (("FunctionName", "shop"),), 60, stat, unit)


def test_a_window_starts_at_a_whole_multiple_of_its_length() -> None:
    assert start_of(125.9, 60) == 120.0
    assert start_of(5.9, 2) == 4.0


def test_the_starts_of_a_range_leave_out_its_end() -> None:
    assert starts(61, 180, 60) == [60.0, 120.0]


def test_starts_and_windows_agree_on_every_timestamp() -> None:
    """Also where the window is no whole number of seconds, as with a minute of 1.3 seconds."""
    times = [1795440000.0 + step * 0.37 for step in range(500)]
    assert {start_of(time, 1.3) for time in times} <= set(starts(times[0], times[-1] + 1, 1.3))


def test_a_sum_is_taken_for_each_window_that_has_samples() -> None:
    assert series([sample(1, 2), sample(59, 3), sample(130, 4)], metric(), 60) == {0.0: 5.0, 120.0: 4.0}


def test_only_samples_of_the_unit_asked_for_count() -> None:
    samples = [sample(1, 2, unit="Count"), sample(2, 5, unit="Seconds")]
    assert series(samples, metric(unit="Count"), 60) == {0.0: 2.0}
    assert by_window(samples, 60, None)[0.0] == samples
