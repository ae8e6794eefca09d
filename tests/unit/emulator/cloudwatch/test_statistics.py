"""A statistic is computed by CloudWatch's name and rules, and a name that is none is known as such."""

from __future__ import annotations

import pytest

from local.emulator.rules.cloudwatch.statistics import NoStatistic, Sample, is_computed, statistic


def sample(value: float, count: float = 1) -> Sample:
    return Sample(0, count, value * count, value, value)


def of(name: str, *values: float) -> float | None:
    return statistic([sample(value) for value in values], name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 4),
        ("Sum", 10),
        ("Average", 2.5),
        ("Minimum", 1),
        ("Maximum", 4),
        ("p50", 2.5),
        ("p0", 1),
        ("p100", 4),
        ("p99.9", 3.997),
    ],
)
def test_every_statistic_of_all_values(name: str, expected: float) -> None:
    assert of(name, 1, 2, 3, 4) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"), [("TC(80:)", 3), ("TC(500.5:)", 1), ("TC(79.9999999999:)", 4), ("TC(1e3:)", 0)]
)
def test_a_trimmed_count_leaves_out_its_bound(name: str, expected: float) -> None:
    assert of(name, 10, 80, 81, 500, 501) == expected


def test_a_value_published_several_times_counts_as_often() -> None:
    many = [sample(1, count=99), sample(100)]
    assert statistic(many, "p50") == 1
    assert statistic([sample(1, count=3), sample(5)], "Average") == 2
    assert statistic(many, "TC(1:)") == 1


@pytest.mark.parametrize("name", ["p90", "TC(1:)"])
def test_there_is_none_of_negative_or_summed_values(name: str) -> None:
    assert statistic([sample(-1), sample(1)], name) is None
    assert statistic([Sample(0, 2, 5, 1, 4)], name) is None
    assert statistic([Sample(0, 2, 4, 2, 2)], name) is not None


@pytest.mark.parametrize("name", ["Sum", "p99", "TC(1:)"])
def test_no_samples_have_no_statistic(name: str) -> None:
    assert statistic([], name) is None
    assert statistic([sample(1, count=0)], name) is None


@pytest.mark.parametrize(
    "name",
    ["", "sum", "p", "p101", "P99", "p-1", "TC", "TC()", "TC(5)", "TC(:)", "TC(-5:)", "TC(.5:)", "TC(1 :)", "TC(a:)",
     "TC(1.00000000001:)", "TC(1:2)", "TC(1:", "tc(1:)", "TC(1:)\n", "TC(\u0661:)", "PR(1:)", "tm99", "IQM"],
)  # fmt: skip
def test_another_name_is_no_statistic(name: str) -> None:
    assert not is_computed(name)
    with pytest.raises(NoStatistic):
        of(name, 1)
