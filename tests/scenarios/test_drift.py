"""Somebody else moves or deletes an alias, in every phase; nothing of theirs is overwritten without a command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.scene import OWN_ALARM, Scene

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
THEIRS = Routing("7")
SERVING = [Scene.given_shifting, Scene.given_baking]


def moves(story: Scene, routing: Routing | None) -> Scene:
    """Somebody else makes the alias carry ``routing``, or deletes it."""
    story.given_version("7")
    if routing is None:
        del story.cloud.lambda_.functions["checkout"].aliases["live"]
        return story
    return story.moves(routing.version, {routing.canary: routing.weight / 10_000} if routing.canary else None)


# -- the alias is deleted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", SERVING)
def test_an_alias_that_somebody_deleted_is_not_made_again_by_itself(given: Any) -> None:
    story = moves(given(Scene()), None)
    story.ticks(60).tells(story.alarm("slipway/checkout/live/1", "2")).ticks(3)
    assert story.routing is None
    assert story.phase() is Phase.ROLLED_BACK


@pytest.mark.parametrize("given", SERVING)
def test_a_rollback_by_request_makes_a_deleted_alias_again_on_stable(given: Any) -> None:
    story = moves(given(Scene()), None)
    story.requests("rollback", why="no answers at all")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert any("without its former permissions and triggers" in entry.text for entry in story.deployment().timeline)


@pytest.mark.parametrize("given", SERVING)
def test_once_the_deployment_has_ended_a_rollback_says_how_the_alias_is_made_again(given: Any) -> None:
    story = moves(given(Scene()), None).ticks(31)
    answer = story.answer("rollback")
    assert not answer["ok"]
    assert answer["error"] == (
        "checkout:live does not exist; drop an artifact to make it, or make it again with CreateAlias on version 1"
    )


def test_an_alias_that_is_deleted_while_an_alarm_rolls_back_ends_it(story: Scene) -> None:
    story.given_shifting().meanwhile("UpdateAlias", lambda: moves(story, None)).alarms()
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, None)


def test_the_same_in_the_rollback_itself(story: Scene) -> None:
    story.given_latest_left_as_published().turns(OWN_ALARM.format(1)).down("UpdateFunctionCode")
    story.ticks()
    assert story.phase() is Phase.ROLLING_BACK
    moves(story, None).ticks(2)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, None)
    story.up()
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, None)
    assert "nothing serves, because checkout:live is gone" in story.deployment().timeline[-1].text
    assert story.latest_code == "v1"


def test_a_hold_begins_again_after_drift(story: Scene) -> None:
    """While the alias carried something else the canary proved nothing."""
    story.given_shifting()
    ours = story.cloud.lambda_.functions["checkout"].aliases["live"]
    moves(story.passes(timedelta(minutes=1)), THEIRS).requests("pause").requests("resume").ticks(20)
    story.moves("1", {"2": 0.1}).seen().alias(CHECKOUT)["Description"] = ours["Description"]
    story.theirs.clear()
    story.ticks(5)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    story.ticks(2)
    assert story.routing == Routing("1", "2", 5000)


# -- before any traffic -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["Invoke", "UpdateFunctionCode", "PublishVersion", "PutItem"])
@pytest.mark.parametrize("routing", [THEIRS, Routing("1", "7", 1000), None], ids=str)
def test_an_alias_that_moves_before_any_traffic_is_never_written_over(call: str, routing: Routing | None) -> None:
    story = Scene().given_live().puts("v2", tests=[{"name": "ping"}])
    story.meanwhile(call, lambda: moves(story, routing), about="deployment#" if call == "PutItem" else "")
    story.tells(story.upload("v2")).ticks(3)
    carried = {story.routing, Routing("7", "8", 1000)} if routing == THEIRS else {story.routing}
    assert carried <= {routing, Routing("7", "8", 1000)}
    if story.routing == routing:
        assert story.cause() in (Cause.DRIFT, Cause.PREFLIGHT)


def test_a_new_alias_of_somebody_else_is_not_taken_for_a_first_deployments_own(story: Scene) -> None:
    story.puts("v1").meanwhile("CreateAlias", lambda: moves(story, THEIRS))
    story.tells(story.upload("v1")).ticks(3)
    assert (story.routing, story.deployment().traffic.drift) == (THEIRS, "version 7")
    story.requests("accept_drift")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, THEIRS)


def test_an_onboarded_function_whose_alias_moves_is_left_as_it_is(story: Scene) -> None:
    story.given_running("theirs")
    story.puts("v2").meanwhile("UpdateFunctionCode", lambda: moves(story, THEIRS))
    story.tells(story.upload("v2")).ticks(3)
    assert (story.phase(), story.routing) == (Phase.FAILED, THEIRS)


# -- somebody else promotes the canary --------------------------------------------------------------------------------


def test_a_canary_that_somebody_else_promoted_is_armed_once_that_is_accepted(story: Scene) -> None:
    """Their alias says nothing of a way back, so until Slipway has written its own line Lambda alone is not enough."""
    story.given_shifting().moves("2")
    story.ticks(5).requests("accept_drift")
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    story.down("dynamodb")
    story.tells(story.alarm("slipway/checkout/live/1", "2"))
    assert story.routing == STABLE


# -- while it goes back -----------------------------------------------------------------------------------------------


def test_a_person_who_goes_back_by_hand_is_not_fought(story: Scene) -> None:
    """They use the AWS CLI, which keeps the description: the line of the deployment still stands beside stable."""
    story.given_baking()
    story.moves("1").seen().alias(CHECKOUT)["Description"] = "slipway #1 deploys 2, back to 1"
    story.ticks(31).tells(story.alarm("slipway/checkout/live/1", "2")).ticks(3)
    assert (story.phase(), story.routing) == (Phase.BAKING, STABLE)
    story.requests("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.answer("status")["open"] is None


def test_what_was_accepted_while_lambda_is_away_goes_back_by_its_alarm_as_soon_as_lambda_answers(story: Scene) -> None:
    story.given_shifting().moves("2").ticks(2).down("UpdateAlias").requests("accept_drift").ticks(7)
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    story.turns(OWN_ALARM.format(1)).ticks(2).up().ticks(2)
    assert (story.phase(), story.cause(), story.routing) == (Phase.ROLLED_BACK, Cause.ALARM, STABLE)


def test_or_is_armed_then(story: Scene) -> None:
    story.given_shifting().moves("2").ticks(2).down("UpdateAlias").requests("accept_drift").ticks(7).up().ticks(2)
    assert story.seen().alias(CHECKOUT)["Description"] == "slipway #1 deploys 2, back to 1"


@pytest.mark.parametrize("word", ["rollback", "accept_drift"])
def test_drift_in_a_rollback_wait_for_either_command(story: Scene, word: str) -> None:
    story.given_latest_left_as_published().down("UpdateFunctionCode")
    assert not story.answer("rollback").get("error")
    moves(story, THEIRS).ticks(20)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, THEIRS)
    story.up()
    story.requests(word).ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE if word == "rollback" else THEIRS)


# -- the backup alias -------------------------------------------------------------------------------------------------


def _is_moved(story: Scene) -> None:
    story.given_version("7")
    story.cloud.lambda_.point("checkout", "previous", "7")


def _is_deleted(story: Scene) -> None:
    del story.cloud.lambda_.functions["checkout"].aliases["previous"]


@pytest.mark.parametrize("happens", [_is_moved, _is_deleted])
@pytest.mark.parametrize("given", SERVING)
def test_an_open_deployment_goes_back_without_the_backup_alias(given: Any, happens: Callable[[Scene], None]) -> None:
    story = given(Scene())
    happens(story)
    story.alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_without_a_backup_alias_a_rollback_with_none_open_says_so(story: Scene) -> None:
    story.given_baking().ticks(31)
    _is_deleted(story)
    answer = story.answer("rollback")
    assert not answer["ok"]
    assert "there is nothing to go back to" in answer["error"]
    assert story.routing == Routing("2")


# -- words of an older life -------------------------------------------------------------------------------------------


def test_the_words_of_a_deployment_of_an_older_table_do_not_end_a_new_one() -> None:
    """Numbers begin again where the table was made anew; the alias still tells of a #1 that was rolled back."""
    story = Scene().given_shifting().alarms()
    story.cloud.table.rows.clear()
    story.passes(timedelta(minutes=1)).drops("v3")
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "3", 1000))
