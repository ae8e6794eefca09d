"""Silence in the bake: how long callers must stay away before their requests are taken for lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from controller.core.gates.traffic import callers
from controller.core.model import Phase
from controller.core.model.observation import Observation
from controller.core.statistics.alias_past import ServedMinute
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
