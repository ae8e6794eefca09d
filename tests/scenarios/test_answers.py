"""What is answered with ``"ok": true`` is done or recorded; a request that something else forestalled is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import Scene, split

FREEZE = {"request": "freeze", "scope": "all", "who": "alice", "why": "holidays"}


def error(answer: Json) -> str:
    assert not answer["ok"], answer
    return str(answer["error"])


def marks(story: Scene) -> int:
    """Returns the number of requests that the newest record says were carried out."""
    return len(story.deployment().bookkeeping.carried_out)


# -- something else comes between the check and the look --------------------------------------------------------------


def test_a_promote_that_a_freeze_forestalls_is_refused_and_may_be_sent_again(story: Scene) -> None:
    story.given_shifting()
    story.meanwhile("GetItem", lambda: story.sends(FREEZE), nth=2, about="freezes#all")
    assert "freeze of all until somebody sends unfreeze, by alice: holidays" in error(story.answer("promote"))
    assert (story.phase(), marks(story)) == (Phase.SHIFTING, 0)
    story.sends({**FREEZE, "request": "unfreeze"})
    story.requests("promote")
    assert story.phase() is Phase.BAKING


def test_a_promote_that_a_freeze_forestalls_is_not_remembered_though_its_look_counted(story: Scene) -> None:
    story.given_day(100).given_shifting(gates={"errors": {"significance": 0.01}}).passes(timedelta(minutes=4))
    story.meanwhile("GetItem", lambda: story.sends(FREEZE), nth=2, about="freezes#all")
    error(story.answer("promote"))
    assert (story.phase(), marks(story)) == (Phase.SHIFTING, 0)


@pytest.mark.parametrize("word", ["pause", "rollback"])
def test_a_request_that_comes_as_the_deployment_ends_says_what_became_of_it(story: Scene, word: str) -> None:
    story.given_baking().ticks(29)
    story.meanwhile("GetAlias", lambda: story.ticks(5))
    answer = story.answer(word, deployment=1)
    assert "checkout:live#1 is" in error(answer)
    assert (story.phase(1), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_a_promote_that_comes_after_a_routing_was_put_back_is_not_lost_without_a_word(story: Scene) -> None:
    story.given_shifting(gates={"errors": {"significance": 0.01}}).given_version("7").moves("7").ticks()
    assert story.deployment().traffic.drift
    story.moves("1", {"2": 0.1})
    assert "this was not done" in error(story.answer("promote"))
    assert (story.phase(), story.routing) == (Phase.SHIFTING, split())
    story.requests("promote")
    assert story.phase() is Phase.BAKING


# -- a promote before the alias was seen ------------------------------------------------------------------------------


def test_a_bake_that_has_not_begun_cannot_be_ended(story: Scene) -> None:
    story.given_shifting().down("UpdateAlias")
    assert story.answer("promote")["unfinished"]
    assert "has not been seen to carry version 2 yet" in error(story.answer("promote", phase="BAKING"))


# -- the record cannot be read or saved -------------------------------------------------------------------------------


REQUESTS = {
    "promote": {},
    "next": {},
    "pause": {},
    "rollback": {},
    "override": {"freeze": True, "who": "carol", "why": "it is the fix"},
}


@pytest.mark.parametrize("word", REQUESTS)
@pytest.mark.parametrize("calls", ["GetAlias", "GetItem", "PutItem"])
def test_a_request_that_could_not_be_saved_is_no_success(story: Scene, word: str, calls: str) -> None:
    """The calls are those after the check: the second reading of the alias, or of the record, or its save."""
    story.given_shifting()
    if word == "override":
        story.sends(FREEZE)
    nth = {"GetAlias": 1, "GetItem": 3, "PutItem": 1}[calls]
    story.meanwhile(calls, lambda: story.down(calls), nth=nth)
    answer = story.answer(word, **REQUESTS[word])
    assert bool(answer["ok"]) == bool(marks(story)) or (word == "rollback" and story.routing == Routing("1"))


# -- AWS cannot be read once all is done ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["rollback", "promote", "pause", "next"])
def test_a_request_that_was_carried_out_is_no_failure_because_the_alias_cannot_be_read_afterwards(
    story: Scene, word: str
) -> None:
    story.given_shifting()
    story.meanwhile("PutItem", lambda: story.down("GetAlias"), nth=2 if word == "rollback" else 1)
    answer = story.answer(word)
    assert (answer["ok"], "GetAlias of checkout:live failed" in answer["unfinished"]) == (True, True)
    assert marks(story) == 1


def test_a_deploy_is_answered_though_the_alias_cannot_be_read_afterwards(story: Scene) -> None:
    story.given_live().puts("v2")
    story.meanwhile("PutEvents", lambda: story.down("GetAlias"))
    answer = story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip"})
    assert (answer["ok"], answer["deployment"]["deployment"]) == (True, "checkout:live#1")
    assert "GetAlias of checkout:live failed" in answer["unfinished"]


# -- the zip that is just going back ----------------------------------------------------------------------------------


def test_a_deploy_of_the_zip_that_is_going_back_waits_for_its_turn_and_is_deployed(story: Scene) -> None:
    story.given_latest_left_as_published().down("UpdateFunctionCode").alarms()
    assert story.phase(1) is Phase.ROLLING_BACK
    again = {"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", "lift_quarantine": True}
    answer = story.sends(again)
    assert (answer["ok"], answer["deployment"]["deployment"]) == (True, "checkout:live#2")
    story.up().ticks(2)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)
