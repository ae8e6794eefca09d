"""An alarm: the shortest way to have traffic back, and every target that it guards."""

from __future__ import annotations

import pytest

from controller.core.model import Phase, Transient
from controller.dispatch import Dispatcher
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.many_functions import controller as started
from tests.cloud.many_functions import counted
from tests.cloud.under_way import STABLE, fails, operations, own_alarm, routing, stored, under_way
from tests.unit.raw_events import TICK, alarm, hears, line, looked_at


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_its_own_alarm_costs_one_read_and_one_write_before_traffic_is_back(
    cloud: Cloud, controller: Dispatcher, phase: Phase
) -> None:
    under_way(cloud, phase=phase)
    told = line(controller, alarm(own_alarm("checkout"), "checkout"))
    assert operations(cloud)[:2] == ["GetAlias", "UpdateAlias"]
    assert (told["alias_rolled_back"], routing(cloud, "checkout")) == (True, STABLE)


def test_the_record_follows_its_own_alarm_at_once_and_the_next_tick_does_the_rest(
    cloud: Cloud, controller: Dispatcher
) -> None:
    under_way(cloud)
    line(controller, alarm(own_alarm("checkout"), "checkout"))
    assert (stored(cloud).phase, "Publish" in operations(cloud)) == (Phase.ROLLING_BACK, True)
    assert stored(cloud).traffic.back_at is not None, "the way back takes no minute longer because the rest waits"
    line(started(cloud), TICK)
    assert stored(cloud).phase is Phase.ROLLED_BACK


def test_one_alarm_told_to_both_controllers_is_three_calls_to_lambda(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    event = alarm(own_alarm("checkout"), "checkout")
    line(controller, event)
    told = line(started(cloud), event)
    assert (told["alias_rolled_back"], told["deployments"][0]["phase"]) == (False, "ROLLING_BACK")
    assert [each.operation for each in counted(cloud.calls)] == ["GetAlias", "UpdateAlias", "GetAlias"]


def test_a_record_out_of_reach_follows_when_the_event_comes_again(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    fails(cloud, "GetItem", Fault.SERVICE_ERROR)
    event = alarm(own_alarm("checkout"), "checkout")
    with pytest.raises(Transient, match="reading head"):
        hears(controller, event)
    assert routing(cloud, "checkout") == STABLE
    cloud.plan.heal()
    line(started(cloud), event)
    assert (stored(cloud).phase, operations(cloud).count("UpdateAlias")) == (Phase.ROLLING_BACK, 1)


def test_after_an_emergency_rollback_nobody_else_is_asked_for(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    line(controller, alarm(own_alarm("checkout"), "checkout"))
    assert "Query" not in operations(cloud), "nobody asks which other targets the alarm guards"


def test_a_named_alarm_is_saved_once_before_traffic_is_back(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, alarms=["queue-age"])
    line(controller, alarm("queue-age"))
    before = until_routed(cloud)
    assert before == ["Query", "GetAlias", "GetItem", "GetItem", "PutItem"]
    assert routing(cloud, "checkout") == STABLE


def test_a_named_alarm_on_the_alias_itself_asks_for_no_other_target_before_traffic_is_back(
    cloud: Cloud, controller: Dispatcher
) -> None:
    under_way(cloud, alarms=["checkout-p99"])
    line(controller, alarm("checkout-p99", "checkout"))
    assert until_routed(cloud) == ["GetAlias", "GetItem", "GetItem", "PutItem"]
    assert routing(cloud, "checkout") == STABLE


def test_an_alarm_brings_back_every_target_that_names_it(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function, alarms=["shared"])
    told = line(controller, alarm("shared"))
    assert looked_at(told) == ["alpha", "beta"]
    assert [routing(cloud, name) for name in ("alpha", "beta")] == [STABLE, STABLE]


def test_the_target_that_the_alarm_itself_names_comes_first_and_once(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function, alarms=["shared"])
    assert looked_at(line(controller, alarm("shared", "beta"))) == ["beta", "alpha"]


def test_one_target_that_fails_does_not_keep_an_alarm_from_the_others(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function, alarms=["shared"])
    fails(cloud, "UpdateAlias", Fault.SERVICE_ERROR, about="alpha")
    with pytest.raises(Transient, match="1 of 2 looks failed"):
        hears(controller, alarm("shared"))
    assert routing(cloud, "beta") == STABLE


def test_the_named_target_that_fails_does_not_keep_an_alarm_from_the_others(
    cloud: Cloud, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function, alarms=["shared"])
    fails(cloud, "UpdateAlias", Fault.SERVICE_ERROR, about="alpha")
    with pytest.raises(Transient):
        hears(controller, alarm("shared", "alpha"))
    assert routing(cloud, "beta") == STABLE


def test_an_alarm_that_guards_nothing_changes_nothing(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud)
    assert line(controller, alarm("theirs")) == {
        "event": "alarm",
        "alarm": "theirs",
        "alias_rolled_back": False,
        "deployments": [],
    }
    assert all(call.is_read for call in cloud.calls)


def test_an_alarm_whose_deployment_is_over_changes_nothing(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, phase=Phase.SUCCEEDED, alarms=["shared"], due=None)
    assert line(controller, alarm("shared"))["deployments"] == []


def until_routed(cloud: Cloud) -> list[str]:
    return operations(cloud)[: operations(cloud).index("UpdateAlias")]
