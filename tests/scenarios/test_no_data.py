"""Deployments that nobody can see: they end as their manifest says, and are never called healthy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from controller.core.model.observation import AlarmState
from controller.core.statistics.sequential_evidence import Minute
from tests.scenarios.story import STEPS, Story

NOBODY = {"min_invocations": 0, "no_traffic": {"wait": "10m", "then": "rollback"}}


def quiet(story: Story, **gates: object) -> Story:
    """Version 2 shifts, and nobody calls the function."""
    story.given_live().world.invocations = 0
    return story.drops("v2", gates={**NOBODY, **gates})


@pytest.mark.parametrize("errors", [False, {"significance": 0.01}])
def test_a_function_that_nobody_calls_is_not_promoted_even_where_no_requests_are_asked_for(
    story: Story, errors: object
) -> None:
    quiet(story, errors=errors).ticks(16)
    assert story.phase() is Phase.SHIFTING
    assert "no data: version" in story.answer("status")["deployment"]["held_by"]
    story.ticks(10)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert story.deployment().reason and story.deployment().reason.cause is Cause.NO_DATA


def test_bytes_that_nobody_called_are_not_quarantined(story: Story) -> None:
    quiet(story).ticks(26)
    story.drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_the_manifest_may_promote_what_nobody_saw_and_the_record_says_so(story: Story) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "promote"}).ticks(26)
    assert story.phase() is Phase.BAKING
    assert any("no data: version" in entry.text for entry in story.deployment().timeline)


def test_the_manifest_may_hold_what_nobody_saw_until_a_person_decides(story: Story) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "hold"}).ticks(60)
    assert story.phase() is Phase.SHIFTING
    story.asks("promote")
    assert story.phase() is Phase.BAKING


def test_an_alarm_of_the_team_that_is_ok_without_data_is_no_sight(story: Story) -> None:
    story.given_alarm("checkout-p99")
    quiet(story, alarms=["checkout-p99"], errors=False).ticks(26)
    assert story.phase() is Phase.ROLLED_BACK


def test_one_minute_in_which_both_versions_had_requests_is_enough(story: Story) -> None:
    quiet(story, errors={"significance": 0.01}).world.traffic = Minute(1, 0, 9, 0)
    story.ticks(3)
    story.world.traffic = None
    story.ticks(13)
    assert story.phase() is Phase.BAKING


def test_the_own_alarm_sees_where_the_error_gate_is_off(story: Story) -> None:
    story.given_shifting().ticks(16)
    assert story.phase() is Phase.BAKING


def test_status_names_the_alarms_that_have_no_data(story: Story) -> None:
    story.world.alarms["checkout-p99"] = AlarmState.INSUFFICIENT_DATA
    quiet(story, alarms=["checkout-p99"]).ticks(1)
    assert story.answer("status")["deployment"]["alarms_without_data"] == ["checkout-p99", "slipway/checkout/live/1"]


def test_a_first_deployment_and_one_that_moves_all_at_once_have_no_shift_to_be_blind_in(story: Story) -> None:
    story.world.invocations = 0
    story.drops("v1").ticks(2)
    assert story.phase() is Phase.SUCCEEDED
    story.drops("v2", strategy={"steps": [], "bake": "5m"}, gates=NOBODY).ticks(8)
    assert story.phase(2) is Phase.SUCCEEDED


# -- the bake ---------------------------------------------------------------------------------------------------------


JUDGED = {"errors": {"significance": 0.01}, "min_invocations": 0}


def test_a_canary_that_gets_worse_in_the_bake_is_rolled_back_before_any_alarm(story: Story) -> None:
    story.world.traffic, story.world.baking = Minute(100, 0, 900, 1), (1_000, 20)
    story.world.day_before = (1_000, 1)
    story.given_baking(gates=JUDGED)
    story.ticks(7)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert story.deployment().reason and story.deployment().reason.cause is Cause.ERRORS


def test_a_canary_that_stays_as_good_bakes_to_its_end_and_status_shows_the_evidence(story: Story) -> None:
    story.world.traffic, story.world.baking = Minute(100, 0, 900, 1), (1_000, 1)
    story.world.day_before = (1_000, 1)
    story.given_baking(gates=JUDGED)
    story.ticks(10)
    shown = story.answer("status")["deployment"]["errors_in_bake"]
    assert shown["canary"]["invocations"] >= 5_000
    assert shown["rolls_back_at"] == 6.908
    story.ticks(22)
    assert story.phase() is Phase.SUCCEEDED


def test_a_bake_whose_requests_cannot_be_counted_ends_in_time(story: Story) -> None:
    story.given_baking(gates=JUDGED).world.down.add("metrics")
    story.passes(timedelta(minutes=1)).ticks(32)
    assert story.phase() is Phase.SUCCEEDED


# -- what a look costs ------------------------------------------------------------------------------------------------


def test_a_tick_asks_for_the_counts_once_however_often_it_looks(story: Story) -> None:
    """It judges a minute, saves that, and looks again: what CloudWatch has counted is the same by then."""
    story.given_shifting(gates=JUDGED).world.traffic = Minute(100, 1, 900, 9)
    saves = []
    for _ in range(3):
        story.world.calls.clear()
        story.ticks()
        assert story.world.calls.count("metrics.all_minutes") == 1
        saves.append(story.world.calls.count("store.save"))
    assert max(saves) > 0


def test_a_look_that_asks_for_something_else_asks_anew(story: Story) -> None:
    """The hold is over in the tick that promotes: the bake is another question, and it is asked in the same tick."""
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "2m"}], "bake": "30m"}, gates=JUDGED)
    story.world.traffic, story.world.baking = Minute(100, 1, 900, 9), (1_000, 9)
    story.ticks(2)
    assert story.phase() is Phase.BAKING
    asked = story.world.calls.count("metrics.all_minutes")
    assert "metrics.served" in story.world.calls[-20:]
    story.ticks(3)
    assert story.deployment().bake.before
    assert story.world.calls.count("metrics.all_minutes") == asked + 1


# -- an end that no request has proved ---------------------------------------------------------------------------------


PING = {"tests": [{"name": "ping"}]}


def told(story: Story) -> str:
    """The end as people are told it: the reason, the last line of the timeline and the last notice say the same."""
    found = story.deployment()
    assert found.phase is Phase.SUCCEEDED and found.reason is not None
    assert found.timeline[-1].text == story.world.notices[-1][1].text == f"SUCCEEDED: {found.reason.text}"
    return found.reason.text


def test_a_first_deployment_without_tests_says_that_nobody_has_called_it(story: Story) -> None:
    story.world.invocations = 0
    assert told(story.drops("v1")) == (
        "version 1 is live; nobody has called it yet, as far as CloudWatch has counted; it has no tests either, so call"
        " checkout:live once"
    )


def test_a_first_deployment_with_tests_says_that_nobody_else_has_called_it(story: Story) -> None:
    story.world.invocations = 0
    assert told(story.drops("v1", **PING)) == (
        "version 1 is live; nobody but its test has called it yet, as far as CloudWatch has counted"
    )


def test_an_end_after_requests_has_nothing_more_to_say(story: Story) -> None:
    assert told(story.drops("v1")) == "version 1 is live"


@pytest.mark.parametrize(("tests", "said"), [({}, "; it has no tests either"), (PING, "anybody but its test ")])
def test_where_nobody_can_count_the_end_says_that_it_is_not_known(
    story: Story, tests: dict[str, object], said: str
) -> None:
    story.world.down.add("metrics.reached")
    text = told(story.drops("v1", **tests))
    assert text.startswith("version 1 is live; whether anybody")
    assert "has called it is unknown: its requests could not be counted" in text
    assert said in text


def test_a_whole_shift_and_bake_without_a_request_is_no_different(story: Story) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "promote"}).ticks(60)
    assert told(story).startswith("version 2 is live; nobody has called it yet")


def test_so_is_a_promotion_that_a_person_asked_for(story: Story) -> None:
    quiet(story, errors=False).asks("promote").ticks(32)
    assert told(story).startswith("version 2 is live; nobody has called it yet")


def test_requests_that_a_gate_has_counted_are_not_counted_again(story: Story) -> None:
    story.world.traffic = Minute(10, 0, 90, 0)
    story.given_shifting(gates={"errors": {"significance": 0.01}}, strategy={"steps": STEPS[:1], "bake": "5m"})
    story.ticks(16)
    assert told(story) == "version 2 is live"
    assert "metrics.reached" not in story.world.calls


def test_the_end_asks_once(story: Story) -> None:
    story.drops("v1")
    assert story.world.calls.count("metrics.reached") == 1
