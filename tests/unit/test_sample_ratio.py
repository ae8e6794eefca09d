"""The sample-ratio check: silent about chance, loud about another share than the weight."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from controller.core.gates import order
from controller.core.gates.traffic import sample_ratio
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState
from controller.core.statistics.history import History
from controller.core.statistics.sample_ratio import SampleRatio
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import Past, Shift
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, manifest, seen, shift

SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET = {"slipway/checkout/live/42": AlarmState.OK}


def share(canary: int, stable: int) -> SampleRatio:
    return SampleRatio(NOW, canary, stable)


def is_odd(found: SampleRatio) -> bool:
    return found.is_too_small(1000) or found.is_too_large(1000)


@pytest.mark.parametrize(("canary", "stable"), [(0, 0), (0, 30), (30, 170), (100, 900), (1_000_000, 9_000_000)])
def test_what_chance_explains_is_not_odd(canary: int, stable: int) -> None:
    assert not is_odd(share(canary, stable))


@pytest.mark.parametrize(("canary", "stable"), [(0, 200), (30, 970), (100_000, 2_000_000)])
def test_far_too_few_are_too_few(canary: int, stable: int) -> None:
    assert share(canary, stable).is_too_small(1000)
    assert not share(canary, stable).is_too_large(1000)


@pytest.mark.parametrize(("canary", "stable"), [(500, 500), (300, 1_000), (1_000_000, 2_000_000)])
def test_far_too_many_are_too_many(canary: int, stable: int) -> None:
    assert share(canary, stable).is_too_large(1000)
    assert not share(canary, stable).is_too_small(1000)


def test_a_small_difference_does_not_matter_however_clear_it_is() -> None:
    assert not is_odd(share(120_000, 880_000))


def test_ten_thousand_right_shares_looked_at_every_minute_are_hardly_ever_odd() -> None:
    """The bound is one in ten thousand steps; two of two thousand would be beyond it."""
    chance = random.Random(7)
    odd = 0
    for _ in range(2_000):
        found = share(0, 0)
        for _ in range(20):
            canary = sum(chance.random() < 0.1 for _ in range(20))
            found = replace(found, canary=found.canary + canary, stable=found.stable + 20 - canary)
            if is_odd(found):
                odd += 1
                break
    assert odd <= 1


def minutes(counts: Minute, number: int, first: datetime = NOW) -> tuple[CountedMinute, ...]:
    return tuple(CountedMinute(first + timedelta(minutes=each), counts) for each in range(number))


def looked(deployment: Deployment, counts: Minute, number: int = 3, at: int = 10) -> Deployment:
    found = seen(SPLIT, alarms=QUIET, minutes=minutes(counts, number))
    return transition(deployment, Tick(), found, after(minutes=at))


def shifting() -> Deployment:
    wait = {"wait": "30m", "then": "rollback"}
    gates_on = {"errors": {"significance": 0.01}, "min_invocations": 0, "no_traffic": wait}
    past = Past(History(), timedelta(seconds=3))
    return confirmed(Phase.SHIFTING, manifest=manifest(gates=gates_on), shift=Shift(past).in_step(NOW, 1000))


def test_too_many_requests_hold_the_step_and_people_are_told_once() -> None:
    once = looked(shifting(), Minute(500, 0, 500, 0))
    again = transition(once, Tick(), seen(SPLIT, alarms=QUIET), after(minutes=11))
    assert (once.phase, once.traffic.step, again.traffic.step) == (Phase.SHIFTING, 0, 0)
    (notice,) = again.bookkeeping.outbox
    assert notice.text == (
        "held: version 3 got 1,500 of 3,000 requests (50 %) in this step, and its weight is 10 %: callers bypass the"
        " alias, or somebody else moved it"
    )
    assert str(order.holding(again, seen(SPLIT), after(minutes=11))).startswith("version 3 got 1,500 of 3,000")


def test_where_the_stable_version_gets_none_nobody_is_blamed_and_it_is_said_how_to_go_on() -> None:
    """It may be the stable one that cannot be started, and the new one the fix."""
    held = looked(shifting(), Minute(100, 0, 0, 0))
    assert order.holding(held, seen(SPLIT, alarms=QUIET), after(minutes=11)) == (
        "version 3 got 300 of 300 requests (100 %) in this step, and its weight is 10 %: Lambda may be unable to start"
        " version 2; send promote to give 3 all traffic"
    )


def test_too_few_requests_may_be_lost_ones_and_blame_nobody() -> None:
    held = looked(shifting(), Minute(1, 0, 999, 0))
    assert (held.phase, held.traffic.step, held.bookkeeping.outbox) == (Phase.SHIFTING, 0, ())
    assert order.holding(held, seen(SPLIT, alarms=QUIET), after(minutes=11)) == (
        "version 3 got 3 of 3,000 requests (0.1 %) in this step, and its weight is 10 %: Lambda may be unable to start"
        " it, and loses its requests before it counts them"
    )


def test_too_few_requests_roll_back_after_the_wait_for_traffic_and_quarantine_nothing() -> None:
    held = looked(shifting(), Minute(1, 0, 999, 0))
    back = looked(held, Minute(1, 0, 999, 0), at=36)
    assert (back.phase, back.reason and back.reason.cause) == (Phase.ROLLING_BACK, Cause.NO_TRAFFIC)
    assert not quarantines(back)


def test_a_version_that_takes_longer_for_its_requests_gets_no_fewer_of_them() -> None:
    """Minutes that may still grow are left out: 5 minutes after NOW only the first can be complete."""
    young = looked(shifting(), Minute(1, 0, 999, 0), number=4, at=4)
    assert (young.evidence.sample_ratio.canary, young.evidence.sample_ratio.stable) == (1, 999)


def test_a_right_share_does_not_hold() -> None:
    assert looked(shifting(), Minute(100, 0, 900, 0)).traffic.step == 1


def test_a_step_is_not_measured_by_the_requests_of_the_one_before() -> None:
    """The minutes from before the alias was seen to carry the step count as evidence of errors, not of the share."""
    late = changed(shifting(), confirmed_at=after(minutes=2))
    found = looked(late, Minute(500, 0, 500, 0), number=4)
    assert (found.evidence.sample_ratio.canary, found.evidence.sample_ratio.stable) == (1_000, 1_000)
    next_step = changed(found, step=1, confirmed_at=after(minutes=5))
    assert sample_ratio.holds(next_step, seen(SPLIT), after(minutes=5)) is None


def test_danger_comes_before_an_odd_share() -> None:
    proved = changed(shifting(), shift=shift(*[Minute(500, 40, 500, 0)] * 9))
    assert looked(proved, Minute(500, 40, 500, 0)).phase is Phase.ROLLING_BACK
