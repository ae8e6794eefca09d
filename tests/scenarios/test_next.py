"""The request ``next``: a person ends the hold of a step, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.scene import Scene, split

HALF = split(5000)
FEW = {"gates": {"errors": False, "min_invocations": 50}}


def test_next_takes_the_next_step_at_once_and_the_timeline_says_so(story: Scene) -> None:
    story.given_shifting().requests("next")
    assert (story.phase(), story.routing) == (Phase.SHIFTING, HALF)
    assert "the hold of step 1 is ended by request" in story.timeline()


def test_the_timeline_says_who_asked_for_the_next_step(story: Scene) -> None:
    story.given_shifting().requests("next", who="alice", why="orders look right")
    assert "the hold of step 1 is ended by request of alice: orders look right" in story.timeline()


def test_the_next_step_lasts_its_own_hold(story: Scene) -> None:
    story.given_shifting().requests("next").ticks(9)
    assert story.routing == HALF
    story.ticks(2)
    assert story.phase() is Phase.BAKING


def test_next_in_the_last_step_promotes_with_rollback_armed(story: Scene) -> None:
    story.given_shifting().requests("next", step=1).requests("next", step=2)
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    story.alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))


@pytest.mark.parametrize("more", [{}, {"step": 1}, {"id": "one"}])
def test_next_sent_twice_takes_one_step(story: Scene, more: dict[str, Any]) -> None:
    story.given_shifting().requests("next", **more)
    again = story.answer("next", **more)
    assert again["ok"]
    assert "repeated" in again
    assert story.routing == HALF


def test_next_of_a_step_that_is_over_is_refused(story: Scene) -> None:
    story.given_shifting().ticks(5)
    answer = story.answer("next", step=1)
    assert answer["error"] == "checkout:live#1 is in step 2 by now, not in step 1"
    assert story.routing == HALF


def test_next_handled_late_by_another_controller_takes_no_second_step(story: Scene) -> None:
    story.given_shifting()
    story.meanwhile("PutItem", lambda: story.sends({"request": "next", "function": "checkout", "id": "first"}))
    assert story.answer("next", id="second")["ok"]
    assert story.routing == HALF


def test_next_does_not_wait_for_enough_requests(story: Scene) -> None:
    story.given_traffic(0).given_shifting(**FEW).ticks(10)
    assert story.routing == split()
    story.requests("next")
    assert story.routing == HALF
    story.requests("next", step=2)
    assert story.phase() is Phase.BAKING


def test_next_rolls_back_instead_of_stepping_in_danger(story: Scene) -> None:
    story.given_alarm("queue-age").given_shifting(gates={"alarms": ["queue-age"], "min_invocations": 0})
    story.turns("queue-age")
    answer = story.answer("next")
    assert (answer["ok"], "alarm queue-age is firing" in answer["error"]) == (False, True)
    assert (story.phase(), story.routing, story.cause()) == (Phase.ROLLED_BACK, Routing("1"), Cause.ALARM)


def test_next_waits_for_alarms_that_cannot_be_read_and_goes_on_then(story: Scene) -> None:
    story.given_shifting().down("cloudwatch").requests("next")
    assert story.routing == split()
    assert "cannot be read" in story.held_by()
    story.up().ticks()
    assert story.routing == HALF


def test_next_lets_a_hook_of_the_step_answer_first(story: Scene) -> None:
    story.given_hook("before_promotion", {"status": "SUCCEEDED"})
    story.given_shifting(hooks={"before_promotion": {"function": "slipway-hook-before_promotion"}})
    story.requests("next", step=1).requests("next", step=2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, HALF)
    assert "before_promotion" in story.held_by()
    story.ticks(2)
    assert story.phase() is Phase.BAKING


def test_next_asks_for_the_approval_of_the_step_and_does_not_give_it(story: Scene) -> None:
    steps = [{"weight": 10, "hold": "5m"}, {"pause": "2h", "then": "hold"}, {"weight": 50, "hold": "5m"}]
    story.given_shifting(strategy={"steps": steps, "bake": "30m"}).requests("next")
    assert story.routing == split()
    assert "waits for approval" in story.held_by()
    said = "the hold of step 1 is over, and checkout:live#1 waits for approval; send approve or deny"
    assert story.answer("next", id="again")["error"] == said
    story.requests("approve")
    assert story.routing == HALF


def test_next_is_refused_while_paused(story: Scene) -> None:
    story.given_shifting().requests("pause")
    assert story.answer("next")["error"] == "checkout:live#1 is paused and takes no step; send resume first"
    story.requests("resume").requests("next")
    assert story.routing == HALF


def test_next_is_refused_while_frozen(story: Scene) -> None:
    story.given_shifting(on_failure="freeze").alarms()
    assert "is frozen, because alarm" in story.answer("next")["error"]


def test_next_is_refused_on_an_alias_that_somebody_else_moved(story: Scene) -> None:
    story.given_shifting().moves("1")
    assert "somebody else made checkout:live carry version 1" in story.answer("next")["error"]


def test_a_freeze_after_next_gives_the_step_its_time_again(story: Scene) -> None:
    story.given_alarm("queue-age")
    story.given_shifting(on_failure="freeze", gates={"alarms": ["queue-age"], "min_invocations": 0})
    assert "is frozen, because alarm queue-age is firing" in story.turns("queue-age").answer("next")["error"]
    story.turns("queue-age", "OK").requests("resume")
    assert (story.phase(), story.routing) == (Phase.SHIFTING, split())


def test_in_the_bake_next_says_what_to_send(story: Scene) -> None:
    story.given_baking()
    error = story.answer("next")["error"]
    assert error.startswith(
        "checkout:live#1 is BAKING and has no step left; send promote to end the bake; allowed now:"
    )


def test_before_traffic_and_without_a_deployment_next_is_refused(story: Scene) -> None:
    story.given_live()
    assert "no deployment of checkout:live is open" in story.answer("next")["error"]
    story.given_alarm("red", "ALARM")
    story.drops("v2", gates={"alarms": ["red"], "already_alarming": "block"})
    assert story.answer("next")["error"].startswith("checkout:live#1 is TESTING; allowed now:")
