"""A statistic is computed by CloudWatch's name and rules, and a name that is none is known as such."""

from __future__ import annotations

import pytest

from local.gaps.metric_statistics import NoStatistic, Sample, is_computed, is_left_out, is_percentile, statistic


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
    ("name", "expected"),
    [
        ("TC(80:500)", 2),  # not the 80, the 500
        ("TC(80:)", 3),
        ("TC(:80)", 2),
        ("TC(500:)", 1),
        ("TC(500.5:1e3)", 1),
        ("TC(79.9999999999:80.)", 1),
        ("TC(1000:2000)", 0),
        ("PR(80:500)", 40),
        ("PR(80:)", 60),
        ("PR(:80)", 40),
        ("PR(1000:)", 0),
        ("PR(:1000)", 100),
    ],
)
def test_a_range_leaves_out_its_lower_bound_and_has_its_upper_one(name: str, expected: float) -> None:
    assert of(name, 10, 80, 81, 500, 501) == expected


@pytest.mark.parametrize("bounds", [("0.1", "0.5"), ("1", "3"), ("80", "500")])
def test_ranges_that_meet_share_no_value_and_lose_none(bounds: tuple[str, str]) -> None:
    """A histogram's bins, as CloudWatch's own page makes them of PR."""
    first, second = bounds
    values = [0.05, 0.1, 0.3, 0.5, 1, 2, 3, 80, 81, 500, 501]
    for kind, whole in (("TC", len(values)), ("PR", 100)):
        bins = [of(f"{kind}({part})", *values) for part in (f":{first}", f"{first}:{second}", f"{second}:")]
        assert sum(part or 0 for part in bins) == pytest.approx(whole)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tc90", 9), ("TC(:90%)", 9), ("TC(10%:)", 9), ("TC(10%:90%)", 8), ("tc0", 0), ("tc100", 10), ("tc29", 2)],
)
def test_percents_trim_the_lowest_and_the_highest_values(name: str, expected: float) -> None:
    assert of(name, *range(1, 11)) == expected


def test_a_share_that_floats_miss_is_exact() -> None:
    """0.29 * 100 is 28.999... to a float."""
    assert of("tc29", *range(100)) == 29


def test_a_value_published_several_times_counts_as_often() -> None:
    many = [sample(1, count=99), sample(100)]
    assert statistic(many, "p50") == 1
    assert statistic([sample(1, count=3), sample(5)], "Average") == 2
    assert [statistic(many, name) for name in ("TC(:1)", "TC(1:)", "PR(:1)", "tc50")] == [99, 1, 99, 50]


@pytest.mark.parametrize("name", ["p90", "TC(1:9)", "TC(1:)", "PR(:9)", "tc90"])
def test_there_is_none_of_negative_or_summed_values(name: str) -> None:
    assert statistic([sample(-1), sample(1)], name) is None
    assert statistic([Sample(0, 2, 5, 1, 4)], name) is None
    assert statistic([Sample(0, 2, 4, 2, 2)], name) is not None


@pytest.mark.parametrize("name", ["Sum", "p99", "TC(1:)", "PR(1:)"])
def test_no_samples_have_no_statistic(name: str) -> None:
    assert statistic([], name) is None
    assert statistic([sample(1, count=0)], name) is None


MALFORMED = [
    "",
    "sum",
    "p",
    "p101",
    "P99",
    "p-1",
    "TC",
    "TC()",
    "TC(5)",
    "TC(:)",
    "TC(5:1)",
    "TC(5:5)",
    "TC(-5:5)",
    "TC(.5:1)",
    "TC(1:2:3)",
    "TC(1 : 2)",
    "TC(a:b)",
    "TC(1.00000000001:2)",
    "TC(10%:90)",
    "TC(90%:10%)",
    "TC(:101%)",
    "TC(1:2",
    "tc(1:2)",
    "TC90",
    "tc101",
    "tc",
    "PR(:)",
    "PR(10%:90%)",
    "pr90",
    "PR90",
    "TC(1:2)\n",
    "TC(\u0661:\u0662)",
]


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_name_is_no_statistic(name: str) -> None:
    assert not is_computed(name)
    assert not is_left_out(name)
    with pytest.raises(NoStatistic):
        of(name, 1)


@pytest.mark.parametrize("name", ["tm99", "TM(2%:98%)", "TM(150:1000)", "TM(150:)", "wm98", "ts90", "TS(80%:)", "IQM"])
def test_a_statistic_that_is_left_out_is_known_as_cloudwatchs(name: str) -> None:
    assert is_left_out(name)
    assert not is_computed(name)


def test_a_percentile_is_told_from_other_names() -> None:
    assert [is_percentile(name) for name in ("p50", "p99.99", "tc99", "TC(1:)", "Sum")] == [
        True,
        True,
        False,
        False,
        False,
    ]
