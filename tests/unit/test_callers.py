"""Silence in the bake: how long callers must stay away before their requests are taken for lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates.traffic import callers
from controller.core.model import Deployment, Phase, TestOutcome
from controller.core.model.observation import Observation
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.sequential_evidence import Minute
from controller.core.statistics.shift import Shift
from tests.builders import NOW, PAST, changed, confirmed

MINUTE = timedelta(minutes=1)
BAKING = changed(confirmed(Phase.BAKING), shift=Shift(PAST))
"""Promoted at NOW."""
Calls = Callable[[random.Random], Iterator[int]]


def bursts(every: float) -> Calls:
    """A minute with requests comes by chance, once in so many minutes."""

    def calls(chance: random.Random) -> Iterator[int]:
        return (20 if chance.random() < 1 / every else 0 for _ in range(240))

    return calls


def in_pairs(every: float) -> Calls:
    """The same, and each lasts for two minutes or three."""

    def calls(chance: random.Random) -> Iterator[int]:
        left = 0
        for _ in range(240):
            left = chance.choice((2, 3)) if not left and chance.random() < 1 / every else max(0, left - 1)
            yield 20 if left else 0

    return calls


def is_taken_back(calls: Calls, seed: int, cannot_start_after: int | None = None) -> bool:
    """Is the silence long enough in a bake that lasts two hours, with the callers of three hours in all?"""
    chance = random.Random(seed)
    served = [
        ServedMinute(NOW + (place - 120) * MINUTE, requests, 0)
        for place, requests in enumerate(calls(chance))
        if requests and not (cannot_start_after is not None and place >= 120 + cannot_start_after)
    ]
    for minute in range(1, 120):
        now = NOW + minute * MINUTE
        counted = tuple(each for each in served if each.began + 3 * MINUTE <= now)
        if callers.waited(BAKING, Observation(None, None, served=counted), now):
            return True
    return False


@pytest.mark.parametrize("calls", [bursts(2), bursts(10), in_pairs(10)])
def test_callers_who_come_in_bursts_by_chance_are_hardly_ever_taken_for_lost(calls: Calls) -> None:
    assert sum(is_taken_back(calls, seed) for seed in range(150)) <= 2


@pytest.mark.parametrize(("calls", "least"), [(bursts(1), 50), (bursts(2), 49), (bursts(5), 45), (in_pairs(5), 45)])
@pytest.mark.parametrize("after", [0, 5])
def test_a_version_that_cannot_start_is_taken_back_within_two_hours(calls: Calls, least: int, after: int) -> None:
    assert sum(is_taken_back(calls, seed, after) for seed in range(50)) >= least


# -- a busy alias that falls silent -----------------------------------------------------------------------------------

BUSY = tuple(ServedMinute(NOW + place * MINUTE, 100, 0) for place in range(-90, 0))
"""A request in every minute until the promotion; an hour of them has 6,000."""


def silent(minutes: float, *after: int, served: tuple[ServedMinute, ...] = BUSY, **changes: Any) -> str | None:
    """Returns the words about a bake so many minutes old, with requests in those minutes ``after`` the promotion."""
    counted = (*served, *(ServedMinute(NOW + place * MINUTE, 100, 0) for place in after))
    baking = changed(BAKING, **changes)
    return callers.lost(baking, Observation(None, None, served=counted), NOW + minutes * MINUTE)


def test_an_alias_without_a_quiet_minute_is_missed_after_some_minutes_of_silence() -> None:
    assert silent(2) is None
    assert silent(10) == (
        "no request has reached version 3 for 10m, and checkout:live had 6,000 in the hour before the promotion: Lambda"
        " may be unable to start it, and loses its requests before it counts them, or checkout is switched off"
        " (reserved concurrency 0)"
    )


def test_a_silence_that_begins_in_the_bake_is_counted_from_the_last_request() -> None:
    assert silent(12, 0, 1) == (silent(10) or "").replace("no request has", "no more request has")
    assert silent(12, 0, 1, 9) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"closing": True},
        {"shift": Shift()},
        {"confirmed_at": None},
        {"stable": None},
        {"served": ()},
        {"served": BUSY[-4:]},
    ],
    ids=["closing", "no day before", "not seen on the alias", "first deployment", "nothing counted", "a single burst"],
)
def test_silence_says_nothing_where_nobody_can_be_missed(changes: dict[str, Any]) -> None:
    assert silent(10, **changes) is None


def test_callers_who_left_before_the_promotion_are_not_missed() -> None:
    assert silent(10, served=BUSY[:-5]) is None


# -- has anybody called the version -----------------------------------------------------------------------------------


def called(*, in_shift: int = 0, tests: int = 0) -> Deployment:
    looked = Shift(PAST, seen=Minute(in_shift, 0, 9, 0))
    outcomes = tuple(TestOutcome(f"test-{number}", True, 0.1) for number in range(tests))
    return changed(BAKING, shift=looked, tests=outcomes)


def said(before: Deployment, requests: int | None) -> str:
    return callers.lacking(before, Observation(None, None, requests=requests))


def test_a_version_that_somebody_has_called_needs_no_word() -> None:
    assert said(called(in_shift=1), None) == said(called(), 1) == ""


NOBODY = "; nobody has called it yet, as far as CloudWatch has counted"


@pytest.mark.parametrize(
    ("tests", "requests", "words"),
    [
        (0, 0, f"{NOBODY}; it has no tests either, so call checkout:live once"),
        (1, 0, "; nobody but its test has called it yet, as far as CloudWatch has counted"),
        (2, None, "; whether anybody but its 2 tests has called it is unknown: its requests could not be counted"),
    ],
)  # fmt: skip
def test_the_end_says_that_nobody_is_known_to_have_called_the_version(
    tests: int, requests: int | None, words: str
) -> None:
    assert said(called(tests=tests), requests) == words


def test_its_requests_are_counted_at_the_end_of_the_bake_unless_a_gate_has_seen_one() -> None:
    assert not callers.is_to_be_counted(called(), NOW + 29 * MINUTE)
    assert callers.is_to_be_counted(called(), NOW + 30 * MINUTE)
    assert callers.is_to_be_counted(changed(called(), closing=True), NOW)
    assert not callers.is_to_be_counted(changed(called(), confirmed_at=None), NOW + 30 * MINUTE)
    assert not callers.is_to_be_counted(called(in_shift=1), NOW + 30 * MINUTE)
    assert not callers.is_to_be_counted(changed(called(), phase=Phase.ROLLING_BACK), NOW + 30 * MINUTE)
