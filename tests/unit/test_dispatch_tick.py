"""A tick: what it looks at, in which order, for how long, and that no target keeps it from the next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.gates import hooks
from controller.core.manifest.settings import HookPoint
from controller.core.model import Milestone, Phase, Routing, Transient
from controller.core.model.hook_run import HookRun, HookStatus
from controller.core.model.observation import AlarmState
from controller.core.records.codec import to_plain
from controller.dispatch import Dispatcher
from tests.builders import NOW, after, manifest
from tests.fakes import World
from tests.unit.payloads import alarm, hears, line, looked_at
from tests.unit.worlds import (
    DENIED,
    HALF,
    PLENTY,
    SPLIT,
    STABLE,
    TICK,
    fails,
    fires,
    live,
    of,
    own_alarm,
    stored,
    under_way,
)


def test_a_tick_looks_at_what_is_due_and_asks_lambda_for_nothing_else(world: World, controller: Dispatcher) -> None:
    under_way(world, "alpha")
    under_way(world, "beta", due=after(seconds=1))
    told = line(controller, TICK)
    assert (told["open"], told["due"], looked_at(told)) == (2, 1, ["alpha"])
    assert world.calls.count("aliases.read") == 1


def test_with_nothing_due_a_tick_reads_the_table_and_the_alarms_and_no_more(
    world: World, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function, due=after(minutes=5))
    assert line(controller, TICK) == {"event": "tick", "open": 2, "due": 0, "deployments": []}
    assert world.calls == ["store.due", "alarms.states"]


def test_the_alarms_of_all_deployments_are_read_at_once(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta", "gamma"):
        under_way(world, function)
    line(controller, TICK)
    assert world.calls.count("alarms.states") == 1


def test_what_is_due_first_is_looked_at_first(world: World, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -1), ("beta", -3), ("gamma", -2)):
        under_way(world, function, due=after(seconds=seconds))
    assert looked_at(line(controller, TICK)) == ["beta", "gamma", "alpha"]


def test_danger_is_looked_at_before_all_else_and_though_it_is_not_due(world: World, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -60), ("beta", -30), ("gamma", 60)):
        under_way(world, function, due=after(seconds=seconds))
    fires(world, "gamma")
    told = line(controller, TICK)
    assert looked_at(told) == ["gamma", "alpha", "beta"]
    assert told["deployments"][0]["phase"] == "ROLLED_BACK"
    assert world.routing(live("gamma")) == STABLE


def test_a_rollback_that_is_under_way_comes_before_what_moves_forward(world: World, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -60), ("beta", -30)):
        under_way(world, function, due=after(seconds=seconds))
    under_way(world, "gamma", Phase.ROLLING_BACK)
    assert looked_at(line(controller, TICK)) == ["gamma", "alpha", "beta"]


def test_what_is_in_danger_longest_comes_first(world: World, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", 30), ("beta", 10)):
        under_way(world, function, due=after(seconds=seconds))
        fires(world, function)
    assert looked_at(line(controller, TICK)) == ["beta", "alpha"]


def test_a_tick_begins_with_no_other_target_once_its_time_runs_out(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta", "gamma"):
        under_way(world, function)
        fires(world, function)
    told = line(controller, TICK, PLENTY, timedelta(seconds=90), timedelta(seconds=89))
    assert (told["due"], looked_at(told)) == (3, ["alpha", "beta"])
    assert [world.routing(live(name)) for name in ("alpha", "beta", "gamma")] == [STABLE, STABLE, SPLIT]


def test_what_one_tick_had_no_time_for_the_next_one_does_first(world: World, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -2), ("beta", -1)):
        under_way(world, function, due=after(seconds=seconds))
    world.now = after(minutes=5)
    assert looked_at(line(controller, TICK, PLENTY, timedelta(0))) == ["alpha"]
    assert [world.routing(live(name)) for name in ("alpha", "beta")] == [HALF, SPLIT]
    world.now = after(minutes=6)
    assert looked_at(line(world.dispatcher(), TICK)) == ["beta"]


def test_without_time_a_tick_says_what_was_due_and_does_nothing(world: World, controller: Dispatcher) -> None:
    under_way(world, "alpha")
    told = line(controller, TICK, timedelta(0))
    assert told == {"event": "tick", "open": 1, "due": 1, "deployments": []}


@pytest.mark.parametrize(
    "problem", [Transient("Lambda is down"), DENIED, KeyError("a fault of our own"), RecursionError("deep")]
)
def test_whatever_happens_to_one_target_the_next_one_is_looked_at(
    world: World, controller: Dispatcher, problem: Exception
) -> None:
    for function, seconds in (("alpha", 1), ("beta", 2)):
        under_way(world, function, due=after(seconds=seconds))
        fires(world, function)
    fails(controller, "store.load", problem, of("alpha"))
    with pytest.raises(Transient, match=r"1 of 2 looks failed, the first: ") as caught:
        hears(controller, TICK)
    assert str(problem) in str(caught.value)
    assert (world.routing(live("alpha")), world.routing(live("beta"))) == (SPLIT, STABLE)


def test_an_alias_that_may_not_be_read_does_not_keep_the_next_one_from_its_rollback(
    world: World, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function)
        fires(world, function)
    fails(controller, "aliases.read", DENIED, of("alpha"))
    with pytest.raises(Transient, match="1 of 2 looks failed, the first: AccessDeniedException"):
        hears(controller, TICK)
    assert world.routing(live("beta")) == STABLE


@pytest.mark.parametrize("problem", [Transient("CloudWatch is down"), DENIED])
def test_alarms_that_cannot_be_read_at_once_are_read_one_by_one(
    world: World, controller: Dispatcher, problem: Exception
) -> None:
    for function in ("alpha", "beta"):
        under_way(world, function)
        fires(world, function)
    fails(controller, "alarms.states", problem, lambda names: own_alarm("alpha") in names)
    told = line(controller, TICK)
    assert {each["deployment"]: each["phase"] for each in told["deployments"]} == {
        "alpha:live#42": "SHIFTING",
        "beta:live#42": "ROLLED_BACK",
    }


def test_an_alarm_that_fires_before_any_traffic_is_no_danger(world: World, controller: Dispatcher) -> None:
    under_way(world, "alpha", Phase.TESTING, alarms=["shared"], due=after(minutes=1))
    world.alarms["shared"] = AlarmState.FIRING
    assert line(controller, TICK)["due"] == 0


def test_a_first_deployment_is_looked_at_like_any_other(world: World, controller: Dispatcher) -> None:
    under_way(world, "alpha", Phase.TESTING, stable=None, done=frozenset({Milestone.IDENTIFIED}))
    world.functions["alpha"].aliases.clear()
    told = line(controller, TICK)
    assert [each["phase"] for each in told["deployments"]] == ["SUCCEEDED"]
    assert world.routing(live("alpha")) == Routing("3")


# -- old ticks --------------------------------------------------------------------------------------------------------


def of_the_time(**ago: int) -> dict[str, object]:
    return {**TICK, "time": (NOW - timedelta(**ago)).isoformat()}


@pytest.mark.parametrize("ago", [{"seconds": 121}, {"minutes": 3}, {"hours": 6}, {"days": 400}])
def test_a_tick_that_came_late_asks_nobody_for_anything(
    world: World, controller: Dispatcher, ago: dict[str, int]
) -> None:
    """As those do that waited while Lambda had no room for the controller, all at once."""
    under_way(world, "alpha")
    told = line(controller, of_the_time(**ago))
    assert told["event"] == "ignored"
    assert "old; a newer one says the same" in told["reason"]
    assert world.calls == []


@pytest.mark.parametrize("ago", [{"seconds": 0}, {"seconds": 59}, {"seconds": 120}, {"seconds": -30}])
def test_a_tick_of_these_minutes_is_heard(world: World, controller: Dispatcher, ago: dict[str, int]) -> None:
    under_way(world, "alpha")
    assert line(controller, of_the_time(**ago))["due"] == 1


def attempts(world: World, controller: Dispatcher) -> list[str]:
    """Lambda runs a tick again after one minute and after two more, and makes a dead letter of what fails then, too.

    Source: Lambda developer guide, asynchronous invocation, 2026-11.
    """
    tick, came = of_the_time(), []
    for minutes in (0, 1, 3):
        world.now = after(minutes=minutes)
        try:
            came.append(line(controller, tick)["event"])
        except Exception as problem:  # noqa: BLE001 - whatever it was, Lambda tries again
            came.append(str(problem))
    return came


@pytest.mark.parametrize("problem", [Transient("DynamoDB is down"), DENIED])
def test_a_tick_that_failed_because_of_aws_is_tried_once_more_and_is_no_dead_letter(
    world: World, controller: Dispatcher, problem: Exception
) -> None:
    under_way(world, "alpha")
    fails(controller, "store.due", problem)
    assert attempts(world, controller) == [str(problem), str(problem), "ignored"]


@pytest.mark.parametrize("call", ["store.due", "store.load"])
def test_a_controller_that_breaks_on_ticks_fails_at_every_attempt(
    world: World, controller: Dispatcher, call: str
) -> None:
    """Its own alarm wants three errors in a minute: those of the newest tick, and of the two before it once more."""
    under_way(world, "alpha")
    fails(controller, call, KeyError("a fault of our own"))
    assert all("a fault of our own" in each for each in attempts(world, controller))


def test_a_controller_that_is_well_again_ignores_old_ticks_again(world: World, controller: Dispatcher) -> None:
    under_way(world, "alpha")
    left = [KeyError("a fault of our own")]
    world.meanwhile["store.due"] = lambda: (_ for _ in ()).throw(left.pop())
    with pytest.raises(KeyError):
        hears(controller, TICK)
    world.meanwhile.clear()
    assert line(controller, of_the_time(minutes=3))["event"] == "tick"
    assert line(controller, of_the_time(minutes=3))["event"] == "ignored"


# -- hooks ------------------------------------------------------------------------------------------------------------


def hooked(world: World, function: str, **changes: object) -> None:
    """Puts a deployment into the world whose hook ``each_step`` is due, and answers."""
    section = {"each_step": {"function": f"slipway-hook-{function}"}}
    run = HookRun(HookPoint.EACH_STEP, 0, NOW, NOW)
    wants = manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}, hooks=section)
    under_way(world, function, manifest=wants, hooks=(run,), **changes)
    world.hooks[f"slipway-hook-{function}"] = lambda _: {"status": "SUCCEEDED"}


def test_every_target_is_looked_at_before_any_hook_is_called(world: World, controller: Dispatcher) -> None:
    """A hook may take a minute, and the next target's alarm may be firing."""
    hooked(world, "alpha", due=after(seconds=-1))
    under_way(world, "beta", due=after(seconds=60))
    fires(world, "beta")
    world.hooks["slipway-hook-alpha"] = lambda _: {"status": world.routing(live("beta")) == STABLE and "SUCCEEDED"}
    line(controller, TICK)
    assert stored(world, "alpha").hooks[0].status is HookStatus.SUCCEEDED


def test_not_even_one_whose_danger_only_a_look_can_show(world: World, controller: Dispatcher) -> None:
    """It is due after the one with the hook, and no alarm of it fires: its deadline is over."""
    hooked(world, "alpha", due=after(seconds=-60))
    under_way(world, "beta", due=after(seconds=-30), opened_at=after(days=-2))
    world.hooks["slipway-hook-alpha"] = lambda _: {"status": world.routing(live("beta")) == STABLE and "SUCCEEDED"}
    line(controller, TICK)
    assert stored(world, "alpha").hooks[0].status is HookStatus.SUCCEEDED


def test_an_alarm_is_answered_without_calling_a_hook(world: World, controller: Dispatcher) -> None:
    hooked(world, "alpha")
    line(controller, alarm(own_alarm("beta"), "beta"))
    line(controller, alarm(own_alarm("alpha"), "alpha", "2"))
    assert world.told == []


def test_whoever_did_not_note_the_call_does_not_make_it(world: World, controller: Dispatcher) -> None:
    """Two ticks at once have both looked; one of them was faster, and is calling."""
    hooked(world, "alpha")

    def noted_by_another() -> None:
        other = hooks.calling(stored(world, "alpha"), world.now)
        world.items["alpha:live", "deployment#42"] = (to_plain(other), other.revision + 1)

    world.meanwhile["store.save"] = noted_by_another
    line(controller, TICK)
    assert (world.told, stored(world, "alpha").hooks[0].calling) == ([], True)


def test_a_hook_is_called_only_while_there_is_the_time_for_it(world: World, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        hooked(world, function)
    line(controller, TICK, PLENTY, PLENTY, timedelta(seconds=90), timedelta(seconds=89))
    assert [told["function"] for told in world.told] == ["alpha"]


def test_a_deployment_that_was_rolled_back_in_the_same_tick_is_not_asked_any_more(
    world: World, controller: Dispatcher
) -> None:
    hooked(world, "alpha")
    fires(world, "alpha")
    line(controller, TICK)
    assert (world.told, world.routing(live("alpha"))) == ([], STABLE)


@pytest.mark.parametrize("problem", [Transient("Lambda is down"), KeyError("a fault of our own")])
def test_whatever_happens_to_one_hook_the_next_one_is_called(
    world: World, controller: Dispatcher, problem: Exception
) -> None:
    for function in ("alpha", "beta"):
        hooked(world, function)
    fails(controller, "hooks.call", problem, lambda name, _: name.endswith("alpha"))
    with pytest.raises(Transient, match=r"1 of 3 looks failed, the first: "):
        hears(controller, TICK)
    assert [stored(world, name).hooks[0].status.value for name in ("alpha", "beta")] == ["NO_ANSWER", "SUCCEEDED"]


def test_a_hook_that_is_refused_for_good_gave_no_answer(world: World, controller: Dispatcher) -> None:
    hooked(world, "alpha")
    fails(controller, "hooks.call", DENIED)
    line(controller, TICK)
    run = stored(world, "alpha").hooks[0]
    assert (run.status, run.reason, run.calls) == (HookStatus.NO_ANSWER, str(DENIED), 1)
