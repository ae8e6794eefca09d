"""The evidence is exact, keeps its promise on good canaries, and is finite at any size."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.statistics.hindsight import while_both_served
from controller.core.statistics.sequential_evidence import (  # fmt: skip
    RATIOS,
    CountedMinute,
    Evidence,
    Judgement,
    Minute,
    Worth,
    error_evidence,
)
from tests.builders import after

Counts = tuple[int, int, int, int]


def exactly(minutes: Sequence[Counts]) -> float:
    """Returns the evidence by the definition, in fractions."""
    total = Fraction(0)
    for ratio in map(Fraction, RATIOS):
        running = Fraction(0)
        for number, (canary, bad, stable, worse) in enumerate(minutes, 1):
            running = (running + Fraction(1, number * (number + 1))) * _ratio(canary, bad, stable, worse, ratio)
        total += running + Fraction(1, len(minutes) + 1)
    return math.log(total / len(RATIOS))


def _ratio(canary: int, bad: int, stable: int, worse: int, ratio: Fraction) -> Fraction:
    errors = bad + worse
    if not errors or not canary or not stable:
        return Fraction(1)
    terms = (
        math.comb(canary, j) * math.comb(stable, errors - j) * ratio**j
        for j in range(max(0, errors - stable), min(canary, errors) + 1)
    )
    return ratio**bad * math.comb(canary + stable, errors) / sum(terms, Fraction(0))


@st.composite
def minutes(draw: st.DrawFn) -> Counts:
    canary, stable = draw(st.integers(0, 40)), draw(st.integers(0, 60))
    return canary, draw(st.integers(0, canary)), stable, draw(st.integers(0, stable))


@given(st.lists(minutes(), max_size=8))
def test_the_evidence_is_what_the_definition_says(given_minutes: list[Counts]) -> None:
    assert error_evidence(given_minutes) == pytest.approx(exactly(given_minutes), abs=1e-9)


@pytest.mark.parametrize(
    "silent",
    [(10, 0, 90, 0), (0, 0, 90, 9), (10, 3, 0, 0), (0, 0, 0, 0)],
    ids=["no errors", "no canary", "no stable", "nothing"],
)
def test_a_minute_that_cannot_tell_says_nothing(silent: Counts) -> None:
    assert error_evidence([silent] * 100) == pytest.approx(0, abs=1e-9)


def test_no_requests_are_no_evidence() -> None:
    assert error_evidence([]) == 0


def test_errors_of_the_canary_alone_are_evidence_against_it() -> None:
    assert error_evidence([(10, 3, 90, 0)]) > math.log(50)


def test_errors_of_the_stable_version_speak_for_the_canary() -> None:
    assert error_evidence([(50, 0, 50, 20)]) < 0


def test_a_long_good_record_does_not_hide_a_late_regression() -> None:
    good = [(100, 0, 900, 1)] * 600
    assert error_evidence([*good, *[(100, 5, 900, 1)] * 6]) > math.log(100)


def test_the_running_evidence_is_that_of_all_minutes_together() -> None:
    given_minutes = [(100, 1, 900, 2), (500, 3, 500, 1), (0, 0, 10, 1)]
    evidence = Evidence()
    for each in given_minutes:
        evidence = evidence.after(Minute(*each))
    assert (evidence.minutes, evidence.log) == (3, error_evidence(given_minutes))


def counted(*given_minutes: Counts, first: int = 0) -> tuple[CountedMinute, ...]:
    return tuple(CountedMinute(after(minutes=first + place), Minute(*each)) for place, each in enumerate(given_minutes))


def test_a_minute_that_was_judged_before_is_not_judged_again() -> None:
    once = Judgement().after(counted((100, 1, 900, 2)))
    assert once.after(counted((100, 1, 900, 2))) == once
    assert once.after(counted((100, 1, 900, 2))) is once


def test_both_served_from_the_first_minute_with_requests_of_both_to_the_last() -> None:
    given_minutes = counted((0, 0, 9, 1), (1, 0, 9, 0), (0, 0, 9, 2), (1, 1, 9, 0), (9, 0, 0, 0))
    assert while_both_served(given_minutes) == given_minutes[1:4]


def test_there_may_be_no_minute_in_which_both_served() -> None:
    assert while_both_served(counted((0, 0, 9, 1), (9, 1, 0, 0))) == ()


@pytest.mark.parametrize("counts", [(5, 6, 5, 0), (5, 0, 5, 6), (5, -1, 5, 0)])
def test_more_errors_than_requests_cannot_be(counts: Counts) -> None:
    with pytest.raises(ValueError, match="errors of"):
        Minute(*counts)


@pytest.mark.parametrize(
    "counts", [(100_000, 5_000, 900_000, 45_000), (500_000, 50_000, 500_000, 0), (1, 1, 999_999, 49_999)]
)
def test_a_minute_of_a_million_requests_has_finite_evidence(counts: Counts) -> None:
    assert math.isfinite(error_evidence([counts]))


def test_a_good_canary_is_seldom_thought_worse() -> None:
    """At a significance of 1 % a few of 300 may be; a test that forgets that it is looked at every minute finds
    dozens.
    """
    dice = random.Random(1)
    wrong = sum(_is_ever_worse(dice, rate=0.02, share=0.1, requests=300) for _ in range(300))
    assert wrong <= 6


def test_a_canary_ten_times_worse_is_caught_soon() -> None:
    dice = random.Random(2)
    caught = sorted(_minutes_until_worse(dice, rate=0.001, times=10, share=0.1, requests=1000) for _ in range(100))
    assert caught[50] <= 7


def _is_ever_worse(dice: random.Random, *, rate: float, share: float, requests: int) -> bool:
    evidence = Evidence()
    for _ in range(60):
        evidence = evidence.after(_minute(dice, rate, rate, share, requests))
        if evidence.log >= math.log(100):
            return True
    return False


def _minutes_until_worse(dice: random.Random, *, rate: float, times: float, share: float, requests: int) -> int:
    evidence = Evidence()
    while evidence.log < math.log(100) and evidence.minutes < 500:
        evidence = evidence.after(_minute(dice, rate, rate * times, share, requests))
    return evidence.minutes


def _minute(dice: random.Random, rate: float, canary_rate: float, share: float, requests: int) -> Minute:
    canary = sum(dice.random() < share for _ in range(requests))
    stable = requests - canary
    return Minute(
        canary,
        sum(dice.random() < canary_rate for _ in range(canary)),
        stable,
        sum(dice.random() < rate for _ in range(stable)),
    )


def test_what_is_worth_half_counts_half_and_no_minute_counts_for_more_than_it_may() -> None:
    minute = Minute(100, 3, 900, 1)
    whole = Evidence().after(minute).sums
    half = Evidence().after(minute, Worth(power=0.5)).sums
    turned_bad_now = -math.log(2)
    assert [each - turned_bad_now for each in half] == pytest.approx([(each - turned_bad_now) / 2 for each in whole])
    capped = Evidence().after(Minute(100, 90, 900, 1), Worth(limit=30)).sums
    assert max(capped) == pytest.approx(turned_bad_now + math.log(30))
