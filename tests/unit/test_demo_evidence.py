"""The error gate's evidence is told as the controller told it, in odds."""

from __future__ import annotations

import math
from typing import Any

import pytest

from local.demo.evidence import Evidence, evidence, odds
from local.demo.traffic import Count

TOLD: dict[str, Any] = {
    "minutes": 4,
    "canary": {"invocations": 204, "errors": 9},
    "stable": {"invocations": 141, "errors": 0},
    "log_evidence": 2.485,
    "rolls_back_at": 4.605,
}


def told(**changes: object) -> Evidence:
    found = evidence({**TOLD, **changes})
    assert found is not None
    return found


def test_what_the_controller_tells_is_taken_as_it_is() -> None:
    assert told() == Evidence(4, Count(204, 9), Count(141, 0), 2.485, 4.605)


def test_before_the_first_minute_there_is_no_evidence() -> None:
    assert evidence(None) is None


def test_the_words_say_counts_minutes_odds_and_the_bar() -> None:
    assert told().counts_in_words("5", "4") == "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"
    assert told().odds_in_words == "evidence 12 to 1, rolls back at 100 to 1"


def test_one_minute_is_one_minute() -> None:
    assert told(minutes=1).counts_in_words("5", "4").endswith("in 1 minute")


def test_in_the_bake_the_stable_versions_minutes_are_those_before() -> None:
    found = evidence(TOLD, in_bake=True)
    assert found is not None
    assert found.counts_in_words("5", "4") == "bake: v5 9 of 204 failed, v4 0 of 141 before, in 4 minutes"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0412, "0.041"), (0.607, "0.61"), (1, "1"), (9.94, "9.9"), (9.96, "10"), (12.4, "12"), (1000.2, "1,000")],
)
def test_odds_are_as_exact_as_people_need_them(value: float, words: str) -> None:
    assert odds(math.log(value)) == words


def test_odds_beyond_a_billion_are_not_counted_out() -> None:
    assert odds(5_000) == "over 1,000,000,000"


def test_evidence_rolls_back_from_its_bar_on() -> None:
    assert [told(log_evidence=log).rolls_back for log in (4.604, 4.605, 9.0)] == [False, True, True]


def test_the_way_to_the_bar_begins_at_even_odds_and_ends_at_the_bar() -> None:
    assert [told(log_evidence=log).way for log in (-3.0, 0.0, 4.605 / 2, 99.0)] == [0.0, 0.0, 0.5, 1.0]
