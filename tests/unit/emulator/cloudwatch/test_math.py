"""Metric math gives what CloudWatch's documentation says, point by point. ``-`` below is a missing point."""

from __future__ import annotations

import pytest

from local.emulator.rules.cloudwatch.math import evaluate
from local.emulator.rules.cloudwatch.math_syntax import MathError, parse

TIMES = [0.0, 60.0, 120.0, 180.0, 240.0]
COMPARED = (
    "IF(canary_errors >= 3, 100*canary_errors/canary_invocations"
    " - 2*IF(FILL(stable_invocations,0) > 0, 100*FILL(stable_errors,0)/FILL(stable_invocations,0), 0), 0)"
)


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
        ("a ^ 2", "4 1 4"),
        ("-a", "-2 -1 -2"),
        ("10 - a", "8 9 8"),
        ("a + 1", "3 2 3"),
    ],
)
def test_arithmetic_counts_the_missing_side_as_zero(expression: str, expected: str) -> None:
    assert result(expression, a="2 1 2 -", b="1 - 3 -") == points(expected)


def test_a_point_that_divides_by_zero_is_dropped() -> None:
    assert result("a / b", a="1 1 1", b="2 0 -") == points("0.5 - -")


def test_a_point_that_is_no_real_number_is_dropped() -> None:
    assert result("(0 - a) ^ 0.5", a="0 1") == points("0 -")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("metric1 < metric2", "0 0 1 0"),
        ("metric1 >= 30", "1 0 0 0"),
        ("metric1 > 15 AND metric2 > 15", "1 0 0 0"),
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
        ("IF(metric1, 5)", "5 5 - - -"),
        ("IF(1, metric2, metric3)", "30 - 0 0 30"),
        ("IF(0, metric2, metric3)", "0 0 20 - 20"),
        ("IF(0, metric2)", "- - - - -"),
    ],
)
def test_if_chooses_point_by_point(expression: str, expected: str) -> None:
    """The tables of the user guide, and its rules for a scalar condition."""
    metrics = {"metric1": "1 1 0 0 -", "metric2": "30 - 0 0 30", "metric3": "0 0 20 - 20"}
    assert result(expression, **metrics) == points(expected)


def test_a_division_by_zero_in_the_branch_not_taken_costs_nothing() -> None:
    assert result("IF(i > 0, 100 * e / i, 7)", e="1 1", i="4 0") == points("25 7")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("FILL(a, 0)", "0 2 0 4 0"),
        ("FILL(a, REPEAT)", "- 2 2 4 4"),
        ("FILL(a, b)", "1 2 1 4 -"),
        ("FILL(nothing, 3)", "3 3 3 3 3"),
        ("FILL(a, MIN(a))", "2 2 2 4 2"),
    ],
)
def test_fill_gives_a_point_to_every_time_of_the_range(expression: str, expected: str) -> None:
    assert result(expression, a="- 2 - 4 -", b="1 1 1 1 -", nothing="") == points(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("SUM([a, b])", "1 5 3"),
        ("AVG([a, b])", "0.5 2.5 1.5"),
        ("MIN([a, b])", "1 2 3"),
        ("MAX([a, b])", "1 3 3"),
        ("SUM(100 / [a, b])", "100 83.33333333333334 33.333333333333336"),
        ("MAX(ABS(-[a, b]))", "1 3 3"),
        ("MAX([a, 2])", "2 2 -"),
    ],
)
def test_a_function_of_an_array_gives_a_series(expression: str, expected: str) -> None:
    assert result(expression, a="1 2 -", b="- 3 3") == points(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a - MIN(a)", "0 1 3"),
        ("a / SUM(a)", "0.1 0.3 0.6"),
        ("a * 0 + MAX(a)", "6 6 6"),
        ("a * 0 + AVG(a)", "3 3 3"),
    ],
)
def test_a_function_of_one_series_gives_a_scalar(expression: str, expected: str) -> None:
    series = {
        "a - MIN(a)": "1 2 4",
        "a * 0 + AVG(a)": "1 2 6",
        "a / SUM(a)": "1 3 6",
        "a * 0 + MAX(a)": "1 3 6",
    }
    assert result(expression, a=series[expression]) == pytest.approx(points(expected))


def test_abs_takes_away_the_sign() -> None:
    assert result("ABS(a)", a="-1 2") == points("1 2")


def test_epoch_is_the_time_of_every_period_with_or_without_a_point() -> None:
    assert result("EPOCH(a)", a="7 - 7") == points("0 60 120 180 240")
    assert result("IF(EPOCH(a) >= 180, a)", a="7 8 - 9") == points("- - - 9 0")


def test_a_canary_is_compared_with_stable() -> None:
    metrics = {
        "canary_errors": "5 5 2 4 -",
        "canary_invocations": "10 10 10 10 -",
        "stable_errors": "1 - 0 90 0",
        "stable_invocations": "100 - 100 90 100",
    }
    assert result(COMPARED, **metrics) == points("48 50 0 -160 -")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("RATE(a)", "unknown function RATE; known here: ABS, AVG, EPOCH, FILL, IF, MAX, MIN, SUM"),
        ("a + c", "uses 'c', which is not an id"),
        ("5", "gives a scalar"),
        ("SUM(a)", "gives a scalar"),
        ("[a, a]", "gives an array"),
        ("IF(a)", "IF takes 2 or 3 arguments, not 1"),
        ("IF([a], 1, 0)", "IF does not take an array"),
        ("FILL(1, 0)", "FILL takes a time series"),
        ("FILL(a, LINEAR)", "LINEAR may only"),
        ("[a] + [a]", "at most one array"),
        ("SUM([[a]])", "may not hold an array"),
    ],
)
def test_what_cannot_be_computed_is_refused(expression: str, said: str) -> None:
    with pytest.raises(MathError, match=said):
        result(expression, a="1")
