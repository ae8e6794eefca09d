"""Deployments that nobody can see: they end as their manifest says, and are never called healthy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import STEPS, Scene

NOBODY = {"min_invocations": 0, "no_traffic": {"wait": "10m", "then": "rollback"}}


def quiet(story: Scene, **gates: object) -> Scene:
    """Version 2 shifts, and nobody calls the function."""
    return story.given_live().given_traffic(0).drops("v2", gates={**NOBODY, **gates})


@pytest.mark.parametrize("errors", [False, {"significance": 0.01}])
def test_a_function_that_nobody_calls_is_not_promoted_even_where_no_requests_are_asked_for(
    story: Scene, errors: object
) -> None:
    quiet(story, errors=errors).ticks(16)
    assert story.phase() is Phase.SHIFTING
    assert "no data: version" in story.held_by()
    story.ticks(10)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert story.cause() is Cause.NO_DATA


def test_bytes_that_nobody_called_are_not_quarantined(story: Scene) -> None:
    quiet(story).ticks(26)
    story.drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_the_manifest_may_promote_what_nobody_saw_and_the_record_says_so(story: Scene) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "promote"}).ticks(26)
    assert story.phase() is Phase.BAKING
    assert any("no data: version" in entry.text for entry in story.deployment().timeline)


def test_the_manifest_may_hold_what_nobody_saw_until_a_person_decides(story: Scene) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "hold"}).ticks(60)
    assert story.phase() is Phase.SHIFTING
    story.requests("promote")
    assert story.phase() is Phase.BAKING


def test_an_alarm_of_the_team_that_is_ok_without_data_is_no_sight(story: Scene) -> None:
    story.given_alarm("checkout-p99")
    quiet(story, alarms=["checkout-p99"], errors=False).ticks(26)
    assert story.phase() is Phase.ROLLED_BACK


def test_one_minute_in_which_both_versions_had_requests_is_enough(story: Scene) -> None:
    quiet(story, errors={"significance": 0.01}).given_counts(v1=(9, 0), v2=(1, 0))
    story.ticks(3).given_traffic(0).ticks(13)
    assert story.phase() is Phase.BAKING


def test_the_own_alarm_sees_where_the_error_gate_is_off(story: Scene) -> None:
    story.given_shifting().ticks(16)
    assert story.phase() is Phase.BAKING


def test_status_names_the_alarms_that_have_no_data(story: Scene) -> None:
    story.given_alarm("checkout-p99", "INSUFFICIENT_DATA")
    quiet(story, alarms=["checkout-p99"]).ticks(1)
    assert story.shown()["alarms_without_data"] == ["checkout-p99", "slipway/checkout/live/1"]


def test_a_first_deployment_and_one_that_moves_all_at_once_have_no_shift_to_be_blind_in(story: Scene) -> None:
    story.given_traffic(0).drops("v1").ticks(2)
    assert story.phase() is Phase.SUCCEEDED
    story.drops("v2", strategy={"steps": [], "bake": "5m"}, gates=NOBODY).ticks(8)
    assert story.phase(2) is Phase.SUCCEEDED


# -- the bake ---------------------------------------------------------------------------------------------------------


JUDGED = {"errors": {"significance": 0.01}, "min_invocations": 0}


def test_a_canary_that_gets_worse_in_the_bake_is_rolled_back_before_any_alarm(story: Scene) -> None:
    story.given_day(100).given_baking(gates=JUDGED).given_counts(v2=(1_000, 20)).ticks(8)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert story.cause() is Cause.ERRORS


def test_a_canary_that_stays_as_good_bakes_to_its_end_and_status_shows_the_evidence(story: Scene) -> None:
    story.given_day(100).given_baking(gates=JUDGED).given_counts(v2=(1_000, 1)).ticks(10)
    shown = story.shown()["errors_in_bake"]
    assert shown["canary"]["invocations"] >= 5_000
    assert shown["rolls_back_at"] == 6.908
    story.ticks(22)
    assert story.phase() is Phase.SUCCEEDED


def test_a_bake_whose_requests_cannot_be_counted_ends_in_time(story: Scene) -> None:
    story.given_baking(gates=JUDGED).down("GetMetricData")
    story.passes(timedelta(minutes=1)).ticks(32)
    assert story.phase() is Phase.SUCCEEDED


# -- what a look costs ------------------------------------------------------------------------------------------------


def asked_in_a_tick(story: Scene) -> list[Json]:
    """Returns what a tick asks CloudWatch for, the parameters of each GetMetricData."""
    before = len(story.cloud.calls)
    return [call.parameters for call in story.ticks().cloud.calls[before:] if call.operation == "GetMetricData"]


def test_a_tick_asks_for_the_counts_once_however_often_it_looks(story: Scene) -> None:
    """It judges a minute, saves that, and looks again: what CloudWatch has counted is the same by then."""
    story.given_counts(v1=(900, 9), v2=(100, 1)).given_shifting(gates=JUDGED)
    for _ in range(3):
        before = len(story.cloud.calls)
        asked = asked_in_a_tick(story)
        assert (len(asked), all(asked.count(each) == 1 for each in asked)) == (1, True)
    assert "PutItem" in story.operations(before)


def test_a_look_that_asks_for_something_else_asks_anew(story: Scene) -> None:
    """The hold is over in the tick that promotes: the bake is another question, and it is asked in the same tick."""
    story.given_counts(v1=(900, 9), v2=(100, 1))
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "2m"}], "bake": "30m"}, gates=JUDGED).ticks()
    asked = asked_in_a_tick(story)
    assert (story.phase(), len(asked) > 1, all(asked.count(each) == 1 for each in asked)) == (Phase.BAKING, True, True)
    story.given_counts(v2=(1_000, 9)).ticks(3)
    assert story.deployment().evidence.bake.before


# -- an end that no request has proved ---------------------------------------------------------------------------------


PING = {"tests": [{"name": "ping"}]}


def requests_counted(story: Scene) -> list[Json]:
    """Returns what CloudWatch was asked for about nothing else than the number of requests."""
    asked = story.cloud.wire.asked("GetMetricData")
    return [each for each in asked if {_metric(query) for query in each["MetricDataQueries"]} == {"Invocations"}]


def _metric(query: Json) -> str:
    return str(query["MetricStat"]["Metric"]["MetricName"]) if "MetricStat" in query else ""


def told(story: Scene) -> str:
    """The end as people are told it: the reason, the last line of the timeline and the last notice say the same."""
    found = story.deployment()
    assert found.phase is Phase.SUCCEEDED and found.reason is not None
    assert found.timeline[-1].text == story.notices()[-1] == f"SUCCEEDED: {found.reason.text}"
    return found.reason.text


def test_a_first_deployment_without_tests_says_that_nobody_has_called_it(story: Scene) -> None:
    story.given_traffic(0)
    assert told(story.drops("v1")) == (
        "version 1 is live; nobody has called it yet, as far as CloudWatch has counted; it has no tests either, so call"
        " checkout:live once"
    )


def test_a_first_deployment_with_tests_says_that_nobody_else_has_called_it(story: Scene) -> None:
    story.given_traffic(0)
    assert told(story.drops("v1", **PING)) == (
        "version 1 is live; nobody but its test has called it yet, as far as CloudWatch has counted"
    )


def test_an_end_after_requests_has_nothing_more_to_say(story: Scene) -> None:
    story.given_shifting(strategy={"steps": STEPS[:1], "bake": "5m"}).ticks(12)
    assert requests_counted(story)
    assert told(story) == "version 2 is live"


@pytest.mark.parametrize(("tests", "said"), [({}, "; it has no tests either"), (PING, "anybody but its test ")])
def test_where_nobody_can_count_the_end_says_that_it_is_not_known(
    story: Scene, tests: dict[str, object], said: str
) -> None:
    story.down("GetMetricData")
    text = told(story.drops("v1", **tests))
    assert text.startswith("version 1 is live; whether anybody")
    assert "has called it is unknown: its requests could not be counted" in text
    assert said in text


def test_a_whole_shift_and_bake_without_a_request_is_no_different(story: Scene) -> None:
    quiet(story, no_traffic={"wait": "10m", "then": "promote"}).ticks(60)
    assert told(story).startswith("version 2 is live; nobody has called it yet")


def test_so_is_a_promotion_that_a_person_asked_for(story: Scene) -> None:
    quiet(story, errors=False).requests("promote").ticks(32)
    assert told(story).startswith("version 2 is live; nobody has called it yet")


def test_requests_that_a_gate_has_counted_are_not_counted_again(story: Scene) -> None:
    story.given_counts(v1=(90, 0), v2=(10, 0)).given_shifting(
        gates={"errors": {"significance": 0.01}}, strategy={"steps": STEPS[:1], "bake": "5m"}
    )
    story.ticks(16)
    assert told(story) == "version 2 is live"
    assert not requests_counted(story)


def test_the_end_asks_once(story: Scene) -> None:
    story.drops("v1")
    assert story.operations().count("GetMetricData") == 1
