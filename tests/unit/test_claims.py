"""Several ticks at once: a target is looked at by one controller at a time, and never left alone for long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Phase
from controller.dispatch import Dispatcher
from tests.builders import after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Crash, Fault
from tests.cloud.many_functions import controller as started
from tests.cloud.under_way import HALF, SPLIT, STABLE, breaks, fails, fires, operations, own_alarm, routing, under_way
from tests.unit.raw_events import TICK, alarm, hears, line, looked_at


@pytest.fixture
def due(cloud: Cloud) -> Cloud:
    """The first step of alpha is over."""
    under_way(cloud, "alpha")
    cloud.advance(timedelta(minutes=5))
    return cloud


def dies_at(cloud: Cloud, operation: str) -> None:
    """A tick of a controller of its own is ended by Lambda at that call."""
    cloud.fail(lambda call: call.operation == operation, Fault.CRASH_BEFORE)
    with pytest.raises(Crash):
        hears(started(cloud), TICK)


def test_a_tick_passes_over_a_target_that_another_one_is_at_work_on(due: Cloud, controller: Dispatcher) -> None:
    told = []
    due.meanwhile(lambda call: call.operation == "UpdateAlias", lambda: told.append(line(started(due), TICK)))
    assert looked_at(line(controller, TICK)) == ["alpha"]
    assert [(each["due"], each["passed_over"], each["deployments"]) for each in told] == [(1, 1, [])]
    assert (operations(due).count("UpdateAlias"), routing(due, "alpha")) == (1, HALF)


def test_when_a_look_is_over_the_next_controller_may_look(due: Cloud, controller: Dispatcher) -> None:
    line(controller, TICK)
    due.advance(timedelta(minutes=10))
    assert looked_at(line(started(due), TICK)) == ["alpha"]


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_a_look_that_fails_gives_its_target_back(due: Cloud, controller: Dispatcher, problem: Fault) -> None:
    due.fail(lambda call: call.operation == "GetAlias", problem)
    with pytest.raises(Exception, match="1 of 1 looks failed"):
        hears(controller, TICK)
    assert looked_at(line(started(due), TICK)) == ["alpha"]


def test_a_look_that_breaks_by_a_fault_of_its_own_gives_its_target_back(due: Cloud, controller: Dispatcher) -> None:
    breaks(due, "GetAlias", KeyError("a fault of our own"))
    with pytest.raises(Exception, match="1 of 1 looks failed"):
        hears(controller, TICK)
    due.plan.before_each = None
    assert looked_at(line(started(due), TICK)) == ["alpha"]


def test_a_tick_that_dies_leaves_its_target_alone_for_two_minutes_and_no_longer(due: Cloud) -> None:
    dies_at(due, "UpdateAlias")
    due.advance(timedelta(seconds=119))
    assert line(started(due), TICK)["passed_over"] == 1
    due.advance(timedelta(seconds=1))
    line(started(due), TICK)
    assert routing(due, "alpha") == HALF


def test_a_rollback_waits_for_no_claim(due: Cloud) -> None:
    dies_at(due, "UpdateAlias")
    fires(due, "alpha")
    line(started(due), TICK)
    assert routing(due, "alpha") == STABLE


def test_a_rollback_under_way_waits_for_no_claim(cloud: Cloud) -> None:
    under_way(cloud, "alpha", Phase.ROLLING_BACK, carries=SPLIT)
    dies_at(cloud, "UpdateAlias")
    line(started(cloud), TICK)
    assert routing(cloud, "alpha") == STABLE


def test_an_alarm_waits_for_no_claim(due: Cloud) -> None:
    dies_at(due, "UpdateAlias")
    line(started(due), alarm(own_alarm("alpha"), "alpha"))
    assert routing(due, "alpha") == STABLE


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED, Fault.THROTTLED])
def test_without_an_answer_about_the_claim_a_tick_looks(due: Cloud, controller: Dispatcher, problem: Fault) -> None:
    fails(due, "PutItem", problem, about="target#alpha:live")
    line(controller, TICK)
    assert routing(due, "alpha") == HALF


def test_what_another_controller_is_at_work_on_keeps_no_tick_from_the_next_target(due: Cloud) -> None:
    dies_at(due, "UpdateAlias")
    under_way(due, "beta", due=after(minutes=1))
    assert looked_at(line(started(due), TICK)) == ["beta"]
