"""An alarm: the shortest way to have traffic back, and every target that it guards."""

from __future__ import annotations

import pytest

from controller.core.model import (
    Phase,
    Transient,
)
from controller.dispatch import Dispatcher
from tests.fakes import World
from tests.unit.payloads import alarm, hears, line, looked_at
from tests.unit.worlds import (
    STABLE,
    fails,
    live,
    of,
    own_alarm,
    stored,
    under_way,
)


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_its_own_alarm_costs_one_read_and_one_write_before_traffic_is_back(
    world: World, controller: Dispatcher, phase: Phase
) -> None:
    under_way(world, phase=phase)
    told = line(controller, alarm(own_alarm("checkout"), "checkout"))
    assert world.calls[:2] == ["aliases.read", "aliases.route"]
    assert world.calls.count("aliases.route") == 1
    assert (told["rescued"], stored(world).phase, world.routing(live("checkout"))) == (True, Phase.ROLLED_BACK, STABLE)


def test_after_a_rescue_nobody_else_is_asked_for(world: World, controller: Dispatcher) -> None:
    under_way(world)
    line(controller, alarm(own_alarm("checkout"), "checkout"))
    assert "store.guarded_by" not in world.calls


def test_a_named_alarm_is_saved_once_before_traffic_is_back(world: World, controller: Dispatcher) -> None:
    under_way(world, alarms=["queue-age"])
    line(controller, alarm("queue-age"))
    before = until_routed(world)
    assert before == ["store.guarded_by", "aliases.read", "store.head", "store.load", "store.save"]
    assert world.routing(live("checkout")) == STABLE


def test_a_named_alarm_on_the_alias_itself_asks_for_no_other_target_before_traffic_is_back(
    world: World, controller: Dispatcher
) -> None:
    under_way(world, alarms=["checkout-p99"])
    line(controller, alarm("checkout-p99", "checkout"))
    assert until_routed(world) == ["aliases.read", "store.head", "store.load", "store.save"]
    assert world.routing(live("checkout")) == STABLE


def test_an_alarm_brings_back_every_target_that_names_it(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function, alarms=["shared"])
    told = line(controller, alarm("shared"))
    assert looked_at(told) == ["alpha", "beta"]
    assert [world.routing(live(name)) for name in ("alpha", "beta")] == [STABLE, STABLE]


def test_the_target_that_the_alarm_itself_names_comes_first_and_once(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function, alarms=["shared"])
    assert looked_at(line(controller, alarm("shared", "beta"))) == ["beta", "alpha"]
    assert world.calls.count("store.head") == 2


def test_one_target_that_fails_does_not_keep_an_alarm_from_the_others(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function, alarms=["shared"])
    fails(controller, "aliases.route", Transient("Lambda is down"), of("alpha"))
    with pytest.raises(Transient, match="1 of 2 looks failed"):
        hears(controller, alarm("shared"))
    assert world.routing(live("beta")) == STABLE


def test_the_named_target_that_fails_does_not_keep_an_alarm_from_the_others(
    world: World, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function, alarms=["shared"])
    fails(controller, "aliases.route", Transient("Lambda is down"), of("alpha"))
    with pytest.raises(Transient):
        hears(controller, alarm("shared", "alpha"))
    assert world.routing(live("beta")) == STABLE


def test_an_alarm_that_guards_nothing_changes_nothing(world: World, controller: Dispatcher) -> None:
    under_way(world)
    assert line(controller, alarm("theirs")) == {
        "event": "alarm",
        "alarm": "theirs",
        "rescued": False,
        "deployments": [],
    }
    assert not {"aliases.route", "store.save"} & set(world.calls)


def test_an_alarm_whose_deployment_is_over_changes_nothing(world: World, controller: Dispatcher) -> None:
    world.items["alarm#shared", "checkout:live"] = True
    assert line(controller, alarm("shared"))["deployments"] == []


def until_routed(world: World) -> list[str]:
    return world.calls[: world.calls.index("aliases.route")]
