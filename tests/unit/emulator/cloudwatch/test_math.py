"""Metric math gives what CloudWatch's documentation says, point by point. ``-`` below is a missing point."""

from __future__ import annotations

import pytest

from local.emulator.rules.cloudwatch.math import evaluate
from local.emulator.rules.cloudwatch.math_syntax import MathError, parse

TIMES = [0.0, 60.0, 120.0, 180.0, 240.0]


def points(text: str) -> dict[float, float]:
    """Reads one word per minute: a number, or ``-`` for no point."""
    return {TIMES[place]: float(word) for place, word in enumerate(text.split()) if word != "-"}


def result(expression: str, **metrics: str) -> dict[float, float]:
    return dict(evaluate(parse(expression), {name: points(text) for name, text in metrics.items()}, TIMES))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", "3 1 5"),
        ("a - b", "1 1 -1"),
        ("a * b", "2 0 6"),
        ("b / a", "0.5 0 1.5"),
        ("10 - a", "8 9 8"),
        ("a + 1", "3 2 3"),
    ],
)
def test_arithmetic_counts_the_missing_side_as_zero(expression: str, expected: str) -> None:
    assert result(expression, a="2 1 2 -", b="1 - 3 -") == points(expected)


def test_a_point_that_divides_by_zero_is_dropped() -> None:
    assert result("a / b", a="1 1 1", b="2 0 -") == points("0.5 - -")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metric1 < metric2", "0 0 1 0"),
        ("metric1 >= 30", "1 0 0 0"),
        ("metric1 > 15 && metric2 > 15", "1 0 0 0"),
        ("metric1 == 30 || metric2 == 20", "1 0 1 0"),
        ("metric1 != 0", "1 1 0 0"),
        ("metric1 <= 0", "0 0 1 1"),
    ],
)
def test_comparisons_and_logic_give_one_or_zero(expression: str, expected: str) -> None:
    """The first three are the examples of the user guide."""
    assert result(expression, metric1="30 20 0 0", metric2="20 - 20 -") == points(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(metric1, metric2, metric3)", "30 0 20 - -"),
        ("IF(metric1, 5, metric3)", "5 5 20 - -"),
        ("IF(metric1, metric2, 5)", "30 0 5 5 -"),
        ("IF(1, metric2, metric3)", "30 - 0 0 30"),
        ("IF(0, metric2, metric3)", "0 0 20 - 20"),
    ],
)
def test_if_chooses_point_by_point(expression: str, expected: str) -> None:
    """The tables of the user guide, and its rules for a scalar condition."""
    metrics = {"metric1": "1 1 0 0 -", "metric2": "30 - 0 0 30", "metric3": "0 0 20 - 20"}
    assert result(expression, **metrics) == points(expected)


def test_a_division_by_zero_in_the_branch_not_taken_costs_nothing() -> None:
    assert result("IF(i > 0, 100 * e / i, 7)", e="1 1", i="4 0") == points("25 7")


@pytest.mark.parametrize(("expression", "expected"), [("SUM([a, b])", "1 5 3"), ("MAX([a, 0 * b])", "1 2 0")])
def test_a_function_of_an_array_counts_the_members_that_have_a_point(expression: str, expected: str) -> None:
    assert result(expression, a="1 2 -", b="- 3 3") == points(expected)


def test_epoch_is_the_time_of_every_period_with_or_without_a_point() -> None:
    assert result("EPOCH(a)", a="7 - 7") == points("0 60 120 180 240")
    assert result("IF(EPOCH(a) >= 180, a, 1 / (a - a))", a="7 8 - 9") == points("- - - 9 0")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("RATE(a)", "RATE of 1 arguments is not computed here, only IF"),
        ("FILL(a, a)", "FILL of 2 arguments is not computed here"),
        ("SUM(a)", "SUM of 1 arguments is not computed here"),
        ("IF(a)", "IF of 1 arguments"),
        ("a + c", "uses 'c', which is not an id"),
        ("5", "gives a scalar"),
        ("[a, a]", "an array may only be the argument of MAX or SUM"),
        ("IF([a], 1, 0)", "an array may only be"),
        ("SUM([[a]])", "an array may only be"),
        ("MAX([a, 2])", "an array holds time series only"),
    ],
)
def test_what_cannot_be_computed_is_refused(expression: str, said: str) -> None:
    with pytest.raises(MathError, match=said):
        result(expression, a="1")


def test_fill_gives_the_number_at_each_time_of_the_range_without_a_point() -> None:
    assert result("FILL(a, 0)", a="7 - 7") == points("7 0 7 0 0")
    assert result("b - FILL(a, 0)", a="1 - -", b="3 3 -") == points("2 3 0 0 0")
