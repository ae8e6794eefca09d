"""Samples become the points that CloudWatch would show."""

from __future__ import annotations

import pytest

from local.gaps.metric_series import MetricStat, Sample, by_window, series, start_of, starts, statistic


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 4),
        ("Sum", 10),
        ("Average", 2.5),
        ("Minimum", 1),
        ("Maximum", 4),
        ("p50", 2.5),
        ("p100", 4),
    ],
)
def test_every_statistic(name: str, expected: float) -> None:
    assert statistic([sample(0, value) for value in (1, 2, 3, 4)], name) == expected


def test_a_value_published_several_times_counts_as_often() -> None:
    assert statistic([sample(0, 1, count=99), sample(0, 100)], "p50") == 1
    assert statistic([sample(0, 1, count=3), sample(0, 5)], "Average") == 2


def test_a_percentile_of_negative_or_summed_values_does_not_exist() -> None:
    assert statistic([sample(0, -1)], "p90") is None
    assert statistic([Sample(0, 2, 5, 1, 4)], "p90") is None


def test_no_samples_have_no_statistic() -> None:
    assert statistic([], "Sum") is None


@pytest.mark.parametrize("name", ["tm90", "p101", "sum", ""])
def test_an_unknown_statistic_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"the statistic '{name}' is not known"):
        statistic([sample(0, 1)], name)
