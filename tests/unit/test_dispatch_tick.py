"""A tick: what it looks at, in which order, for how long, and that no target keeps it from the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.gates.hooks import runs
from controller.core.manifest.settings import HookPoint
from controller.core.model import Milestone, Phase, Routing, Transient
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.dispatch import Dispatcher
from controller.reconcile.attempts import LooksFailed
from tests.builders import NOW, after, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.many_functions import controller as started
from tests.cloud.under_way import (
    HALF,
    SPLIT,
    STABLE,
    breaks,
    fails,
    fires,
    operations,
    own_alarm,
    routing,
    saved_by_another,
    stored,
    under_way,
)
from tests.cloud.zips import zipped
from tests.unit.raw_events import PLENTY, TICK, alarm, hears, line, looked_at


def first_looks(cloud: Cloud) -> list[str]:
    """Returns the functions in the order in which their aliases were read first."""
    return list(dict.fromkeys(str(asked["FunctionName"]) for asked in cloud.wire.asked("GetAlias")))


def test_a_tick_looks_at_what_is_due_and_asks_lambda_for_nothing_else(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, "alpha")
    under_way(cloud, "beta", due=after(seconds=1))
    told = line(controller, TICK)
    assert (told["open"], told["due"], looked_at(told)) == (2, 1, ["alpha"])
    assert operations(cloud).count("GetAlias") == 1


def test_with_nothing_due_a_tick_reads_the_table_and_the_alarms_and_no_more(
    cloud: Cloud, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function, due=after(minutes=5))
    assert line(controller, TICK) == {
        "event": "tick", "open": 2, "due": 0, "quiet": 0, "left": 0, "passed_over": 0, "throttled": 0,
        "rolling_back": 0, "deployments": [],
    }  # fmt: skip
    assert operations(cloud) == ["Query", "DescribeAlarms"]


def test_the_alarms_of_all_deployments_are_read_at_once(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta", "gamma"):
        under_way(cloud, function)
    line(controller, TICK)
    assert operations(cloud).count("DescribeAlarms") == 1


def test_what_is_due_first_is_looked_at_first(cloud: Cloud, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -1), ("beta", -3), ("gamma", -2)):
        under_way(cloud, function, due=after(seconds=seconds))
    assert looked_at(line(controller, TICK)) == ["beta", "gamma", "alpha"]


def test_danger_is_looked_at_before_all_else_and_though_it_is_not_due(cloud: Cloud, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -60), ("beta", -30), ("gamma", 60)):
        under_way(cloud, function, due=after(seconds=seconds))
    fires(cloud, "gamma")
    told = line(controller, TICK)
    assert first_looks(cloud) == ["gamma", "alpha", "beta"]
    assert {"deployment": "gamma:live#42", "phase": "ROLLED_BACK"}.items() <= told["deployments"][-1].items()
    assert routing(cloud, "gamma") == STABLE


def test_a_rollback_that_is_under_way_comes_before_what_moves_forward(cloud: Cloud, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -60), ("beta", -30)):
        under_way(cloud, function, due=after(seconds=seconds))
    under_way(cloud, "gamma", Phase.ROLLING_BACK)
    line(controller, TICK)
    assert first_looks(cloud) == ["gamma", "alpha", "beta"]


def test_what_is_in_danger_longest_comes_first(cloud: Cloud, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", 30), ("beta", 10)):
        under_way(cloud, function, due=after(seconds=seconds))
        fires(cloud, function)
    line(controller, TICK)
    assert first_looks(cloud) == ["beta", "alpha"]


def test_a_tick_begins_with_no_other_target_once_its_time_runs_out(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta", "gamma"):
        under_way(cloud, function)
        fires(cloud, function)
    told = line(controller, TICK, PLENTY, timedelta(seconds=90), *[timedelta(seconds=89)] * 9)
    assert (told["due"], told["left"], first_looks(cloud)) == (3, 3, ["alpha", "beta"])
    assert [routing(cloud, name) for name in ("alpha", "beta", "gamma")] == [STABLE, STABLE, SPLIT]


def test_what_one_tick_had_no_time_for_the_next_one_does_first(cloud: Cloud, controller: Dispatcher) -> None:
    for function, seconds in (("alpha", -2), ("beta", -1)):
        under_way(cloud, function, due=after(seconds=seconds))
    cloud.advance(timedelta(minutes=5))
    assert looked_at(line(controller, TICK, PLENTY, timedelta(0))) == ["alpha"]
    assert [routing(cloud, name) for name in ("alpha", "beta")] == [HALF, SPLIT]
    cloud.advance(timedelta(minutes=6))
    assert looked_at(line(started(cloud), TICK)) == ["beta"]


def test_without_time_a_tick_says_what_was_due_and_does_nothing(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, "alpha")
    told = line(controller, TICK, timedelta(0))
    assert (told["due"], told["left"], told["deployments"]) == (1, 1, [])


@pytest.mark.parametrize(
    "problem", [Fault.SERVICE_ERROR, Fault.DENIED, KeyError("a fault of our own"), RecursionError("deep")], ids=str
)
def test_whatever_happens_to_one_target_the_next_one_is_looked_at(
    cloud: Cloud, controller: Dispatcher, problem: Fault | Exception
) -> None:
    for function, seconds in (("alpha", 1), ("beta", 2)):
        under_way(cloud, function, due=after(seconds=seconds))
        fires(cloud, function)
    if isinstance(problem, Fault):
        fails(cloud, "GetItem", problem, about="alpha:live")
    else:
        breaks(cloud, "GetItem", problem, about="alpha:live")
    with pytest.raises(Transient, match=r"1 of 3 looks failed, the first: ") as caught:
        hears(controller, TICK)
    assert isinstance(problem, Fault) or str(problem) in str(caught.value)
    assert (routing(cloud, "alpha"), routing(cloud, "beta")) == (SPLIT, STABLE)


def test_an_alias_that_may_not_be_read_does_not_keep_the_next_one_from_its_rollback(
    cloud: Cloud, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function)
        fires(cloud, function)
    fails(cloud, "GetAlias", Fault.DENIED, about="alpha")
    with pytest.raises(Transient, match=r"1 of 3 looks failed, the first: .*perform: lambda:GetAlias"):
        hears(controller, TICK)
    assert routing(cloud, "beta") == STABLE


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_alarms_that_cannot_be_read_at_once_are_read_one_by_one(
    cloud: Cloud, controller: Dispatcher, problem: Fault
) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function)
        fires(cloud, function)
    fails(cloud, "DescribeAlarms", problem, about=own_alarm("alpha"))
    told = line(controller, TICK)
    assert {each["deployment"]: each["phase"] for each in told["deployments"]} == {
        "alpha:live#42": "SHIFTING",
        "beta:live#42": "ROLLED_BACK",
    }


def minutes_at_work(cloud: Cloud, *, and_then: Callable[[], object]) -> None:
    """The look at alpha takes two minutes, after which somebody else does something."""

    def passes() -> None:
        cloud.advance(timedelta(minutes=2))
        and_then()

    cloud.meanwhile(lambda call: call.operation == "UpdateAlias", passes)


def test_what_another_controller_brought_on_meanwhile_is_not_looked_at_again(
    cloud: Cloud, controller: Dispatcher
) -> None:
    for function in ("alpha", "beta"):
        under_way(cloud, function)
    cloud.advance(timedelta(minutes=5))
    minutes_at_work(cloud, and_then=lambda: hears(started(cloud), TICK))
    line(controller, TICK)
    about = [call.operation for call in cloud.calls if call.parameters.get("FunctionName") == "beta"]
    assert about == ["GetAlias", "UpdateAlias"], "both are of the other tick"


def test_an_alarm_that_fires_before_any_traffic_is_no_danger(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, "alpha", Phase.TESTING, alarms=["shared"], due=after(minutes=1))
    cloud.cloudwatch.move("shared", "ALARM")
    assert line(controller, TICK)["due"] == 0


def test_a_first_deployment_is_looked_at_like_any_other(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, "alpha", Phase.TESTING, stable=None, done=frozenset({Milestone.IDENTIFIED}))
    cloud.lambda_.functions["alpha"].aliases.clear()
    told = line(controller, TICK)
    assert [each["phase"] for each in told["deployments"]] == ["SUCCEEDED"]
    assert routing(cloud, "alpha") == Routing("3")


# -- old ticks --------------------------------------------------------------------------------------------------------


def of_the_time(**ago: int) -> dict[str, object]:
    return {**TICK, "time": (NOW - timedelta(**ago)).isoformat()}


@pytest.mark.parametrize("ago", [{"seconds": 121}, {"minutes": 3}, {"hours": 6}, {"days": 400}])
def test_a_tick_that_came_late_asks_nobody_for_anything(
    cloud: Cloud, controller: Dispatcher, ago: dict[str, int]
) -> None:
    """As those do that waited while Lambda had no room for the controller, all at once."""
    under_way(cloud, "alpha")
    told = line(controller, of_the_time(**ago))
    assert told["event"] == "ignored"
    assert "old; a newer one says the same" in told["reason"]
    assert operations(cloud) == []


@pytest.mark.parametrize("ago", [{"seconds": 0}, {"seconds": 59}, {"seconds": 120}, {"seconds": -30}])
def test_a_tick_of_these_minutes_is_heard(cloud: Cloud, controller: Dispatcher, ago: dict[str, int]) -> None:
    under_way(cloud, "alpha")
    assert line(controller, of_the_time(**ago))["due"] == 1


def attempts(cloud: Cloud, controller: Dispatcher) -> list[str]:
    """Lambda runs a tick again after one minute and after two more, and makes a dead letter of what fails then, too.

    Source: Lambda developer guide, asynchronous invocation, 2026-11.
    """
    tick, came = of_the_time(), []
    for minutes in (0, 1, 2):
        cloud.advance(timedelta(minutes=minutes))
        try:
            came.append(line(controller, tick)["event"])
        except Exception as problem:  # noqa: BLE001 - whatever it was, Lambda tries again
            came.append(str(problem))
    return came


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_a_tick_that_failed_because_of_aws_is_tried_once_more_and_is_no_dead_letter(
    cloud: Cloud, controller: Dispatcher, problem: Fault
) -> None:
    under_way(cloud, "alpha")
    fails(cloud, "Query", problem)
    first, second, third = attempts(cloud, controller)
    assert first.startswith("asking the table")
    assert (second, third) == (first, "ignored")


def test_a_tick_that_failed_counts_the_rollbacks_that_it_found_all_the_same(
    cloud: Cloud, controller: Dispatcher
) -> None:
    """A rollback that Lambda throttles may stand beside a deployment that fails otherwise."""
    under_way(cloud, "alpha", phase=Phase.ROLLING_BACK)
    under_way(cloud, "beta")
    fails(cloud, "UpdateAlias", Fault.DENIED)
    fails(cloud, "GetItem", Fault.SERVICE_ERROR)
    with pytest.raises(LooksFailed) as raised:
        hears(controller, TICK)
    assert (raised.value.line["event"], raised.value.line["rolling_back"]) == ("tick", 1)


@pytest.mark.parametrize("call", ["Query", "GetItem"])
def test_a_controller_that_breaks_on_ticks_fails_at_every_attempt(
    cloud: Cloud, controller: Dispatcher, call: str
) -> None:
    """Its own alarm wants three errors in a minute: those of the newest tick, and of the two before it once more."""
    under_way(cloud, "alpha")
    breaks(cloud, call, KeyError("a fault of our own"))
    assert all("a fault of our own" in each for each in attempts(cloud, controller))


def test_a_controller_that_is_well_again_ignores_old_ticks_again(cloud: Cloud, controller: Dispatcher) -> None:
    under_way(cloud, "alpha")
    breaks(cloud, "Query", KeyError("a fault of our own"))
    with pytest.raises(KeyError):
        hears(controller, TICK)
    cloud.plan.before_each = None
    assert line(controller, of_the_time(minutes=3))["event"] == "tick"
    assert line(controller, of_the_time(minutes=3))["event"] == "ignored"


# -- hooks ------------------------------------------------------------------------------------------------------------


def hooked(cloud: Cloud, function: str, **changes: object) -> None:
    """Puts a deployment whose hook ``each_step`` is due, and answers."""
    section = {"each_step": {"function": f"slipway-hook-{function}"}}
    run = HookRun(HookPoint.EACH_STEP, 0, NOW, NOW)
    wants = manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}, hooks=section)
    under_way(cloud, function, manifest=wants, hooks=(run,), **changes)
    hook = f"slipway-hook-{function}"
    cloud.lambda_.make(hook, zipped(hook))
    cloud.lambda_.behave(hook, response={"status": "SUCCEEDED"})


def called(cloud: Cloud) -> list[str]:
    """Returns the functions whose hooks were called, in order."""
    hooks_called = [asked["FunctionName"] for asked in cloud.wire.asked("Invoke")]
    return [name.removeprefix("slipway-hook-") for name in hooks_called]


def is_back_before_the_hook(cloud: Cloud, function: str) -> bool:
    made = operations(cloud)
    return routing(cloud, function) == STABLE and made.index("UpdateAlias") < made.index("Invoke")


def test_every_target_is_looked_at_before_any_hook_is_called(cloud: Cloud, controller: Dispatcher) -> None:
    """A hook may take a minute, and the next target's alarm may be firing."""
    hooked(cloud, "alpha", due=after(seconds=-1))
    under_way(cloud, "beta", due=after(seconds=60))
    fires(cloud, "beta")
    line(controller, TICK)
    assert is_back_before_the_hook(cloud, "beta")
    assert stored(cloud, "alpha").evidence.hooks[0].status is HookStatus.SUCCEEDED


def test_not_even_one_whose_danger_only_a_look_can_show(cloud: Cloud, controller: Dispatcher) -> None:
    """It is due after the one with the hook, and no alarm of it fires: its deadline is over."""
    hooked(cloud, "alpha", due=after(seconds=-60))
    under_way(cloud, "beta", due=after(seconds=-30), opened_at=after(days=-2))
    line(controller, TICK)
    assert is_back_before_the_hook(cloud, "beta")
    assert stored(cloud, "alpha").evidence.hooks[0].status is HookStatus.SUCCEEDED


def test_an_alarm_is_answered_without_calling_a_hook(cloud: Cloud, controller: Dispatcher) -> None:
    hooked(cloud, "alpha")
    line(controller, alarm(own_alarm("beta"), "beta"))
    line(controller, alarm(own_alarm("alpha"), "alpha", "2"))
    assert called(cloud) == []


def test_whoever_did_not_note_the_call_does_not_make_it(cloud: Cloud, controller: Dispatcher) -> None:
    """Two ticks at once have both looked; one of them was faster, and is calling."""
    hooked(cloud, "alpha")

    def noted_by_another() -> None:
        saved_by_another(cloud, runs.begin_call(stored(cloud, "alpha"), cloud.clock.now))

    cloud.meanwhile(lambda call: call.operation == "PutItem", noted_by_another)
    line(controller, TICK)
    assert (called(cloud), stored(cloud, "alpha").evidence.hooks[0].calling) == ([], True)


def test_a_hook_is_called_only_while_there_is_the_time_for_it(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        hooked(cloud, function)
    line(controller, TICK, PLENTY, PLENTY, timedelta(seconds=90), timedelta(seconds=89))
    assert called(cloud) == ["alpha"]


def test_a_deployment_that_was_rolled_back_in_the_same_tick_is_not_asked_any_more(
    cloud: Cloud, controller: Dispatcher
) -> None:
    hooked(cloud, "alpha")
    fires(cloud, "alpha")
    line(controller, TICK)
    assert (called(cloud), routing(cloud, "alpha")) == ([], STABLE)


def test_whatever_happens_to_one_hook_the_next_one_is_called(cloud: Cloud, controller: Dispatcher) -> None:
    for function in ("alpha", "beta"):
        hooked(cloud, function)
    breaks(cloud, "Invoke", KeyError("a fault of our own"), about="slipway-hook-alpha")
    with pytest.raises(Transient, match=r"1 of 3 looks failed, the first: "):
        hears(controller, TICK)
    assert [stored(cloud, name).evidence.hooks[0].status.value for name in ("alpha", "beta")] == [
        "NO_ANSWER",
        "SUCCEEDED",
    ]


def test_a_hook_that_is_refused_for_good_gave_no_answer(cloud: Cloud, controller: Dispatcher) -> None:
    hooked(cloud, "alpha")
    fails(cloud, "Invoke", Fault.DENIED)
    line(controller, TICK)
    run = stored(cloud, "alpha").evidence.hooks[0]
    assert (run.status, run.calls) == (HookStatus.NO_ANSWER, 1)
    assert "not authorized to perform: lambda:Invoke" in run.reason
