"""The sample-ratio check: silent about chance, loud about another share than the weight."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.core import gates
from controller.core.events import Tick
from controller.core.judge import CountedMinute, Minute
from controller.core.machine import transition
from controller.core.model import Deployment, Phase
from controller.core.observation import AlarmState
from controller.core.share import Share
from tests.builders import NOW, ROUTINGS, after, confirmed, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET = {"slipway/checkout/live/42": AlarmState.OK}


def share(canary: int, stable: int) -> Share:
    return Share(NOW, canary, stable)


@pytest.mark.parametrize(("canary", "stable"), [(0, 0), (0, 30), (30, 170), (100, 900), (1_000_000, 9_000_000)])
def test_what_chance_explains_is_not_odd(canary: int, stable: int) -> None:
    assert not share(canary, stable).is_odd(1000)


@pytest.mark.parametrize(("canary", "stable"), [(0, 200), (500, 500), (30, 970), (100_000, 2_000_000)])
def test_far_too_few_and_far_too_many_are_odd(canary: int, stable: int) -> None:
    assert share(canary, stable).is_odd(1000)


def test_a_small_difference_does_not_matter_however_clear_it_is() -> None:
    assert not share(120_000, 880_000).is_odd(1000)


def test_ten_thousand_right_shares_looked_at_every_minute_are_hardly_ever_odd() -> None:
    """The bound is one in ten thousand steps; two of two thousand would be beyond it."""
    chance = random.Random(7)
    odd = 0
    for _ in range(2_000):
        found = share(0, 0)
        for _ in range(20):
            canary = sum(chance.random() < 0.1 for _ in range(20))
            found = replace(found, canary=found.canary + canary, stable=found.stable + 20 - canary)
            if found.is_odd(1000):
                odd += 1
                break
    assert odd <= 1


def minutes(counts: Minute, number: int, first: datetime = NOW) -> tuple[CountedMinute, ...]:
    return tuple(CountedMinute(first + timedelta(minutes=each), counts) for each in range(number))


def looked(deployment: Deployment, counts: Minute, number: int = 3) -> Deployment:
    found = seen(SPLIT, alarms=QUIET, minutes=minutes(counts, number))
    return transition(deployment, Tick(), found, after(minutes=5))


def shifting() -> Deployment:
    return confirmed(Phase.SHIFTING, manifest=manifest(gates={"errors": {"significance": 0.01}, "min_invocations": 0}))


def test_an_odd_share_holds_the_step_and_people_are_told_once() -> None:
    once = looked(shifting(), Minute(1, 0, 999, 0))
    again = transition(once, Tick(), seen(SPLIT, alarms=QUIET), after(minutes=6))
    assert (once.phase, once.step, again.step) == (Phase.SHIFTING, 0, 0)
    (notice,) = again.outbox
    assert notice.text == (
        "held: version 3 got 3 of 3,000 requests (0.1 %) in this step, and its weight is 10 %: callers bypass the"
        " alias, or somebody else moved it"
    )
    assert str(gates.holding(again, seen(SPLIT), after(minutes=6))).startswith("version 3 got 3 of 3,000")


def test_a_right_share_does_not_hold() -> None:
    assert looked(shifting(), Minute(100, 0, 900, 0)).step == 1


def test_a_step_is_not_measured_by_the_requests_of_the_one_before() -> None:
    """The minutes from before the alias was seen to carry the step count as evidence of errors, not of the share."""
    late = replace(shifting(), live_at=after(minutes=2))
    found = looked(late, Minute(1, 0, 999, 0), number=4)
    assert (found.share.canary, found.share.stable) == (2, 1998)
    next_step = replace(found, step=1, live_at=after(minutes=5))
    assert gates.odd_share(next_step, seen(SPLIT), after(minutes=5)) is None


def test_danger_comes_before_an_odd_share() -> None:
    assert looked(shifting(), Minute(50, 40, 950, 0)).phase is Phase.ROLLING_BACK
