"""A metric math expression is read as CloudWatch's syntax says, or refused with the place of the error."""

from __future__ import annotations

import pytest

from local.emulator.rules.cloudwatch.math_syntax import (
    Array,
    Binary,
    Call,
    MathError,
    Name,
    Number,
    names,
    parse,
)


def test_multiplication_binds_tighter_than_addition() -> None:
    assert parse("a + b * c") == Binary("+", Name("a"), Binary("*", Name("b"), Name("c")))


def test_operators_of_one_strength_are_read_from_the_left() -> None:
    assert parse("a - b - c") == Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))


def test_comparisons_bind_tighter_than_and_and_and_tighter_than_or() -> None:
    expected = Binary("||", Name("a"), Binary("&&", Binary(">", Name("b"), Number(1.0)), Name("c")))
    assert parse("a || b > 1 && c") == expected


def test_brackets_come_first() -> None:
    assert parse("(a + b) * c") == Binary("*", Binary("+", Name("a"), Name("b")), Name("c"))


def test_upper_case_is_a_function_and_lower_case_an_id() -> None:
    assert parse("SUM([sum, b])") == Call("SUM", (Array((Name("sum"), Name("b"))),))


@pytest.mark.parametrize("text", ["5", "5.", ".5", "0.5e1"])
def test_numbers_have_the_usual_forms(text: str) -> None:
    assert isinstance(parse(text), Number)


def test_the_ids_of_an_expression_are_known() -> None:
    assert names(parse("IF(a > 1, 100 * b / c, [d, 0 - e])")) == {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends too early"),
        ("SUM(a", "ends too early, '\\)' was expected"),
        ("a b", "unexpected 'b' at character 3"),
        ("a + $b", "unexpected '\\$' at character 4"),
        ("a,b", "unexpected ','"),
        ("_a", "unexpected '_a'"),
        ("SUM", "ends too early, '\\(' was expected"),
        ("a" * 2049, "at most 2048 characters"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(MathError, match=said):
        parse(text)
