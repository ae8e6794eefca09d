"""Lambda's control plane has few calls a second: rollbacks come first, and what has to wait is not lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Fault, Json
from tests.cloud.many_functions import INVOCATION_LASTS, controller, hears, in_busiest_second, shifting
from tests.cloud.steps import Ask, Behave, Drop, Live, Minutes, Until, UntilStep
from tests.cloud.story import TICK, Story, asking

FORTY = [f"function-{number:02}" for number in range(40)]
MANY = [f"function-{number:03}" for number in range(150)]
SPLIT, HALF, STABLE = ("2", {"3": 0.1}), ("2", {"3": 0.5}), ("2", dict[str, float]())
OWN = "slipway/checkout/live/1"


def written(calls: list[Call]) -> list[str]:
    """Returns the functions whose alias was written, in order."""
    return [call.parameters["FunctionName"] for call in calls if call.operation == "UpdateAlias"]


def routings(cloud: Cloud, *functions: str) -> list[tuple[str, dict[str, float]] | None]:
    return [cloud.lambda_.carried(function, "live") for function in functions]


def own_alarm_of(function: str) -> Json:
    """Returns the event of the alarm of the function's deployment, as EventBridge sends it."""
    text = (Path(__file__).parents[2] / "events" / "alarm-eventbridge.json").read_text("utf-8")
    event: Json = json.loads(text.replace('"7"', '"3"').replace("checkout", function))
    return event


def throttled(story: Story, seconds: float, only: Callable[[Call], bool] = lambda _: True) -> None:
    """From now on, for that long, Lambda's control plane takes no call."""
    until = story.cloud.clock.now + timedelta(seconds=seconds)

    def is_turned_away(call: Call) -> bool:
        return call.service == "lambda" and call.operation != "Invoke" and call.at < until and only(call)

    story.cloud.fail(is_turned_away, Fault.THROTTLED, times=None)


# -- a tick over many -------------------------------------------------------------------------------------------------


def test_rollbacks_come_first_in_a_tick_over_many_deployments() -> None:
    cloud = shifting(FORTY, rolling_back=["zebra"])
    cloud.cloudwatch.move("slipway/function-39/live/42", "ALARM")
    calls = hears(cloud, TICK)
    assert set(written(calls)[:2]) == {"function-39", "zebra"}
    assert routings(cloud, "function-39", "zebra", "function-00", "function-38") == [STABLE, STABLE, HALF, HALF]


def test_a_tick_keeps_to_its_calls_a_second_however_many_are_due() -> None:
    calls = hears(shifting(FORTY), TICK)
    assert (len(written(calls)), in_busiest_second(calls)) == (40, 5)


def test_a_tick_in_which_little_is_due_waits_for_nothing() -> None:
    cloud = shifting(FORTY[:1])
    began = cloud.clock.now
    hears(cloud, TICK)
    assert (routings(cloud, FORTY[0]), cloud.clock.now - began) == ([HALF], timedelta())


def test_a_rollback_that_a_look_leads_to_is_written_at_once_though_the_budget_is_spent() -> None:
    cloud = shifting(FORTY[:8])
    for function in FORTY[:8]:
        cloud.cloudwatch.move(f"slipway/{function}/live/42", "ALARM")
    calls = hears(cloud, TICK, controller(cloud, calls_per_second=1))
    writes = [place for place, call in enumerate(calls) if call.operation == "UpdateAlias"]
    reads = [calls[place - 1].at for place in writes]
    assert [calls[place].at for place in writes] == reads
    assert len(writes) == 8


def test_an_alarm_that_comes_right_after_a_busy_tick_is_answered_at_once() -> None:
    cloud = shifting(FORTY[:2])
    warm = controller(cloud, calls_per_second=1)
    hears(cloud, asking("status") | {"function": FORTY[0]}, warm)
    began = cloud.clock.now
    read, write, *_ = hears(cloud, own_alarm_of(FORTY[1]), warm)
    assert (written([write]), read.at, write.at) == ([FORTY[1]], began, began)
    assert routings(cloud, FORTY[1]) == [STABLE]


def test_an_alarm_that_needs_the_record_is_answered_at_once_too() -> None:
    cloud = shifting(FORTY[:2])
    warm = controller(cloud, calls_per_second=1)
    hears(cloud, asking("status") | {"function": FORTY[0]}, warm)
    began, named = cloud.clock.now, own_alarm_of(FORTY[1])
    named["detail"]["alarmName"] = "of-theirs"
    read, *_ = hears(cloud, named, warm)
    assert (read.operation, read.at) == ("GetAlias", began)


def test_the_rollbacks_of_a_tick_do_not_wait_for_each_other() -> None:
    """What each still has to do afterwards keeps to the budget, and the next one's write waits for that at most."""
    cloud = shifting((), rolling_back=FORTY[:4])
    calls = hears(cloud, TICK, controller(cloud, calls_per_second=1))
    firsts = [next(call for call in calls if call.parameters["FunctionName"] == function) for function in FORTY[:4]]
    before = [calls[calls.index(call) - 1].at for call in firsts[1:]]
    assert [call.at for call in firsts[1:]] == before


def test_what_a_tick_has_no_time_for_is_open_and_the_next_ticks_do_it() -> None:
    cloud = shifting(MANY)
    began = cloud.clock.now
    first = written(hears(cloud, TICK, controller(cloud, calls_per_second=1)))
    assert cloud.clock.now - began < INVOCATION_LASTS
    assert 90 < len(first) < 130
    assert routings(cloud, MANY[0], MANY[-1]) == [HALF, SPLIT]
    second = written(hears(cloud, TICK, controller(cloud, calls_per_second=1)))
    assert sorted(first + second) == MANY


# -- throttled --------------------------------------------------------------------------------------------------------


@pytest.fixture
def told() -> Story:
    """Version 2 is at its first step over version 1."""
    return Story().play([Live("v1"), Drop("v2"), UntilStep(1)])


def test_a_rollback_by_alarm_that_is_throttled_for_twenty_seconds_completes_in_the_same_invocation(
    told: Story,
) -> None:
    throttled(told, 20)
    told.cloud.cloudwatch.move(OWN, "ALARM")
    began, failures = told.cloud.clock.now, list(told.failures)
    told.deliver()
    assert (told.routing, told.failures) == (Routing("1"), failures)
    assert timedelta(seconds=20) < told.cloud.clock.now - began < timedelta(seconds=60)


def test_a_rollback_by_request_that_is_throttled_for_twenty_seconds_completes_in_the_same_invocation(
    told: Story,
) -> None:
    throttled(told, 20)
    assert told.asks(asking("rollback"))
    assert told.routing == Routing("1")


def test_a_rollback_whose_write_alone_is_throttled_completes_in_the_same_tick(told: Story) -> None:
    throttled(told, 20, lambda call: call.operation == "UpdateAlias")
    told.cloud.cloudwatch.move(OWN, "ALARM")
    told.cloud.events.clear()  # the alarm's event is lost
    assert told.hears(TICK)
    assert told.routing == Routing("1")


def test_a_rollback_that_is_throttled_for_minutes_completes_soon_after(told: Story) -> None:
    over = told.cloud.clock.now + timedelta(minutes=10)
    throttled(told, 600)
    told.play([Behave("v2", error="ValueError"), Minutes(2)])
    assert told.routing == Routing("1", "2", 2000)
    while told.routing != Routing("1"):
        told.minute()
    assert timedelta() <= told.cloud.clock.now - over < timedelta(minutes=2)
    told.to_the_end()
    assert (told.phase(), told.violations) == (Phase.ROLLED_BACK, [])


def test_a_step_that_is_throttled_past_the_invocations_end_goes_on_at_a_later_tick(told: Story) -> None:
    throttled(told, 420)
    told.play([Minutes(5)])
    assert told.phase() is Phase.SHIFTING
    assert told.routing == Routing("1", "2", 2000)
    told.to_the_end()
    assert (told.phase(), told.routing, told.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_no_invocation_is_cut_off_while_it_tries_again(told: Story) -> None:
    throttled(told, 900)
    told.play([Minutes(10)])
    assert [call for call in told.cloud.calls if call.fault is Fault.THROTTLED] != []
    assert [failure for failure in told.failures if "Lambda ended the invocation" in failure] == []


def test_an_upload_that_is_throttled_to_the_end_is_raised_and_tried_again_and_not_lost() -> None:
    story = Story().play([Live("v1")])
    throttled(story, 90)
    story.play([Drop("v2")])
    assert "TooManyRequestsException" in story.failures[-1]
    assert [delivery.attempt for delivery in story.deliveries] == [1]
    story.to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_a_person_who_is_throttled_for_seconds_is_answered(told: Story) -> None:
    throttled(told, 10)
    told.play([Ask("promote"), Until(Phase.BAKING)])
    assert told.answers[-1]["ok"]
