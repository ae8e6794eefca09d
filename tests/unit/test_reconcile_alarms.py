"""When a wake-up reads alarms and counts requests, and what it does where it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Milestone, Phase, Reason
from controller.core.model.events import AlarmFired, Tick
from controller.core.model.observation import AlarmState
from controller.core.statistics.slow_requests import timeouts
from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW, after, manifest
from tests.fakes import World
from tests.unit.worlds import (
    DENIED,
    DOWN,
    HALF,
    OWN,
    SPLIT,
    count,
    counting,
    fails,
    step_over,
    stored,
    under_way,
)


def test_alarm_states_are_read_once_in_a_wake_up(world: World, loop: Reconciler) -> None:
    under_way(world)
    step_over(world)
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "store.load") > 1
    assert count(world, "alarms.states") == 1


def test_alarm_states_that_a_tick_has_read_are_not_read_again(world: World, loop: Reconciler) -> None:
    under_way(world)
    step_over(world)
    loop.reconcile(CHECKOUT, Tick(), 42, {OWN: AlarmState.OK, "theirs": AlarmState.FIRING})
    assert count(world, "alarms.states") == 0
    assert world.routing(CHECKOUT) == HALF


def test_alarm_states_that_lack_one_are_read_again(world: World, loop: Reconciler) -> None:
    """The alarm of its own may have been made since the tick read them."""
    under_way(world)
    world.alarms[OWN] = AlarmState.FIRING
    loop.reconcile(CHECKOUT, Tick(), 42, {"theirs": AlarmState.OK})
    assert count(world, "alarms.states") == 1
    assert stored(world).phase is Phase.ROLLED_BACK


def test_for_an_alarms_own_event_no_alarm_is_read(world: World, loop: Reconciler) -> None:
    under_way(world, alarms=["queue-age"])
    loop.reconcile(CHECKOUT, AlarmFired("queue-age", after(seconds=30)))
    assert stored(world).phase is Phase.ROLLED_BACK
    assert count(world, "alarms.states") == 0


def test_an_alarms_event_that_changes_nothing_is_followed_by_a_look_at_all_alarms(
    world: World, loop: Reconciler
) -> None:
    under_way(world, alarms=["queue-age"])
    loop.reconcile(CHECKOUT, AlarmFired("theirs", after(seconds=30)))
    assert count(world, "alarms.states") == 1
    assert stored(world).phase is Phase.SHIFTING


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.ROLLING_BACK, Phase.SUCCEEDED])
def test_where_alarms_do_not_count_they_are_not_read(world: World, loop: Reconciler, phase: Phase) -> None:
    under_way(world, phase=phase, alarms=["queue-age"], **FAILING.get(phase, {}))
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert count(world, "alarms.states") == 0


def test_a_first_deployment_reads_no_alarms(world: World, loop: Reconciler) -> None:
    under_way(world, phase=Phase.TESTING, alarms=["queue-age"], stable=None, done=frozenset({Milestone.IDENTIFIED}))
    world.functions["checkout"].aliases.clear()
    loop.reconcile(CHECKOUT, Tick())
    assert (stored(world).phase, count(world, "alarms.states")) == (Phase.SUCCEEDED, 0)


@pytest.mark.parametrize("problem", [DOWN, DENIED])
def test_alarms_that_cannot_be_read_hold_the_step_and_raise_nothing(
    world: World, controller: Dispatcher, loop: Reconciler, problem: Exception
) -> None:
    under_way(world)
    step_over(world)
    fails(controller, "alarms.states", problem)
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.unreadable_since == world.now
    assert world.routing(CHECKOUT) == SPLIT


@pytest.mark.parametrize("problem", [DOWN, DENIED])
def test_requests_that_cannot_be_counted_hold_the_step_and_raise_nothing(
    world: World, controller: Dispatcher, loop: Reconciler, problem: Exception
) -> None:
    under_way(world, manifest=counting())
    world.now = after(minutes=50)
    fails(controller, "metrics.all_minutes", problem)
    loop.reconcile(CHECKOUT, Tick())
    assert (stored(world).phase, world.routing(CHECKOUT)) == (Phase.SHIFTING, SPLIT)


def test_requests_are_counted_only_once_the_hold_is_over(world: World, loop: Reconciler) -> None:
    under_way(world, manifest=counting())
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "metrics.all_minutes") == 0
    step_over(world)
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "metrics.all_minutes") == 1
    assert world.routing(CHECKOUT) == HALF


def pacing(**gates: object) -> Manifest:
    return manifest(gates={"alarms": [], "errors": False, "min_invocations": 0, **gates})


TIMEOUTS = {"timeouts": {"significance": 0.01}}


def test_the_pace_is_read_in_one_call_and_only_where_a_gate_goes_by_it(world: World, loop: Reconciler) -> None:
    made = under_way(world)
    loop.look(made)
    assert count(world, "durations.pace") == 0
    loop.look(replace(made, manifest=pacing(latency={"significance": 0.01}, throttles={"percent": 1})))
    assert count(world, "durations.pace") == 1
    assert count(world, "versions.timeout") == 0


def test_the_timeouts_of_both_versions_are_read_once(world: World, loop: Reconciler) -> None:
    under_way(world, manifest=pacing(**TIMEOUTS))
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "versions.timeout") == 2
    (known,) = stored(world).slowness
    assert (known.threshold, known.since) == (timeouts(timedelta(seconds=3), timedelta(seconds=3)), NOW)
    world.now = after(minutes=1)
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "versions.timeout") == 2


@pytest.mark.parametrize("call", ["durations.pace", "versions.timeout"])
@pytest.mark.parametrize("problem", [DOWN, DENIED])
def test_a_pace_that_cannot_be_read_holds_the_step_and_raises_nothing(
    world: World, controller: Dispatcher, loop: Reconciler, problem: Exception, call: str
) -> None:
    under_way(world, manifest=pacing(**TIMEOUTS))
    step_over(world)
    fails(controller, call, problem)
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.unreadable_since == world.now
    assert world.routing(CHECKOUT) == SPLIT


FAILING: dict[Phase, dict[str, Any]] = {
    Phase.PREPARING: {"reason": Reason(Cause.DEADLINE, "too late"), "failing_since": NOW, "stable": "2"},
}
