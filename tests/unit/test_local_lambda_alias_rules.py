"""An alias draws versions by weight, and points only where AWS lets it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.gaps.lambda_alias_rules import Pointing, Version, choose, refusal

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
VERSIONS = {"1": Version("role"), "2": Version("role"), "3": Version("role")}


def code_of(pointing: Pointing, versions: dict[str, Version] = VERSIONS) -> str | None:
    found = refusal(ARN, pointing, versions)
    return None if found is None else found.code


@pytest.mark.parametrize(("draw", "version"), [(0.0, "2"), (0.2999, "2"), (0.3, "1"), (0.9999, "1")])
def test_a_draw_below_the_weight_is_the_weighted_version(draw: float, version: str) -> None:
    assert choose("1", {"2": 0.3}, draw) == version


@given(draw=st.floats(0, 1, exclude_max=True))
def test_without_weights_every_draw_is_the_aliass_own_version(draw: float) -> None:
    assert choose("1", {}, draw) == "1"


@given(draw=st.floats(0, 1, exclude_max=True))
def test_a_weight_of_nothing_draws_nothing_and_of_one_draws_all(draw: float) -> None:
    assert (choose("1", {"2": 0.0}, draw), choose("1", {"2": 1.0}, draw)) == ("1", "2")


def test_many_draws_come_close_to_the_weight() -> None:
    draws = random.Random(7)
    drawn = [choose("1", {"2": 0.05}, draws.random()) for _ in range(20_000)]
    assert 900 <= drawn.count("2") <= 1100


@pytest.mark.parametrize(
    "pointing",
    [
        Pointing("1"),
        Pointing("$LATEST"),
        Pointing("1", {"2": 0.05}),
        Pointing("1", {"2": 0.0}),
        Pointing("1", {"2": 1}),
    ],
)
def test_an_alias_may_point_there(pointing: Pointing) -> None:
    assert refusal(ARN, pointing, VERSIONS) is None


@pytest.mark.parametrize(
    ("pointing", "code"),
    [
        (Pointing("9"), "ResourceNotFoundException"),
        (Pointing("1", {"9": 0.1}), "ResourceNotFoundException"),
        (Pointing("1", {"2": 1.01}), "ValidationException"),
        (Pointing("1", {"2": -0.01}), "ValidationException"),
        (Pointing("1", {"$LATEST": 0.1}), "ValidationException"),
        (Pointing("1", {"live": 0.1}), "ValidationException"),
        (Pointing("1", {"2": 0.1, "3": 0.1}), "InvalidParameterValueException"),
        (Pointing("1", {"1": 0.1}), "InvalidParameterValueException"),
        (Pointing("$LATEST", {"1": 0.1}), "InvalidParameterValueException"),
    ],
)
def test_an_alias_may_not_point_there(pointing: Pointing, code: str) -> None:
    assert code_of(pointing) == code


def test_a_malformed_weight_is_named_before_an_absent_version() -> None:
    assert code_of(Pointing("9", {"8": 2.0})) == "ValidationException"


def test_a_whole_number_is_shown_as_aws_shows_it() -> None:
    found = refusal(ARN, Pointing("1", {"2": 2}), VERSIONS)
    assert found is not None
    assert "Value '{2=2.0}'" in found.message


@pytest.mark.parametrize(
    ("unlike", "code"),
    [
        (Version("another role"), "InvalidParameterValueException"),
        (Version("role", "a queue"), "InvalidParameterValueException"),
        (Version("role", state="Pending"), "ResourceConflictException"),
    ],
)
def test_versions_that_differ_so_cannot_share_an_alias(unlike: Version, code: str) -> None:
    assert code_of(Pointing("1", {"2": 0.1}), {"1": Version("role"), "2": unlike}) == code
    assert code_of(Pointing("2", {"1": 0.1}), {"1": Version("role"), "2": unlike}) == code


def test_a_pending_version_may_be_the_only_one() -> None:
    assert code_of(Pointing("1"), {"1": Version("role", state="Pending")}) is None
