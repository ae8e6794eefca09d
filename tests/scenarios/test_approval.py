"""A pause for approval, through the whole controller: asked, answered, twice, late, and never."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.fault_steps import Fails
from tests.cloud.faults import Fault, Json
from tests.cloud.scene import Scene
from tests.cloud.story import tick

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
HALF = Routing("1", "2", 5000)
CANARY = Routing("2")
OWN = "slipway/checkout/live/1"
WAIT = timedelta(hours=2)
FIVE_MINUTES = timedelta(minutes=5)


def paused(*, first: bool = False, then: str = "rollback", hold: str = "5m") -> dict[str, object]:
    """Asks after 10 % and after 50 %, and, where ``first`` says so, before the first percent."""
    pause = {"pause": "2h", "then": then}
    steps = [{"weight": 10, "hold": hold}, pause, {"weight": 50, "hold": hold}, pause]
    return {"steps": [pause, *steps] if first else steps, "bake": "30m"}


def given_asked(**strategy: Any) -> Scene:
    """Version 2 has 10 % and people were asked whether it may go on."""
    story = Scene().given_shifting(strategy=paused(**strategy)).ticks(5)
    assert story.deployment().hold.approval
    return story


def given_asked_first(**strategy: Any) -> Scene:
    """Version 2 is tested and people were asked about its first percent."""
    story = Scene().given_live().drops("v2", strategy=paused(first=True, **strategy))
    assert (story.phase(), story.deployment().hold.approval is not None) == (Phase.TESTING, True)
    return story


def questions(story: Scene) -> list[Json]:
    return [each for each in story.cloud.bus.details if each["text"].startswith("waits for approval")]


def pasted(story: Scene) -> dict[str, Any]:
    """Returns the request that the last notice says to send."""
    _, _, sent = questions(story)[-1]["text"].partition("send ")
    request: dict[str, Any] = json.loads(sent[: sent.index("}") + 1])
    return request


# -- asked and approved -----------------------------------------------------------------------------------------------


def test_a_step_waits_until_it_is_approved(story: Scene) -> None:
    story.given_shifting(strategy=paused()).ticks(5)
    assert len(questions(story)) == 1
    assert "waits for approval since" in story.held_by()
    story.ticks(20, every=FIVE_MINUTES)
    assert (story.phase(), story.routing, len(questions(story))) == (Phase.SHIFTING, SPLIT, 1)
    story.requests("approve", who="alice", why="orders look right")
    assert (story.phase(), story.routing) == (Phase.SHIFTING, HALF)
    assert "alice approved it: orders look right" in story.timeline()


def test_what_the_notice_says_to_send_is_a_request_that_is_met() -> None:
    story = given_asked()
    assert story.sends(pasted(story))["ok"]
    assert story.routing == HALF
    story.ticks(5)
    assert len(questions(story)) == 2
    assert story.sends({**pasted(story), "request": "deny"})["ok"]
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_the_last_approval_promotes() -> None:
    story = given_asked().requests("approve", step=1).ticks(5).requests("approve", step=2)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_first_percent_waits_until_it_is_approved() -> None:
    story = given_asked_first().ticks(3, every=FIVE_MINUTES)
    assert (story.phase(), story.routing, len(questions(story))) == (Phase.TESTING, STABLE, 1)
    assert "waits for approval since" in story.held_by()
    assert story.sends(pasted(story))["ok"]
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


@pytest.mark.parametrize(
    ("given", "routing"),
    [(lambda: Scene(), Routing("1")), (lambda: Scene().given_live(), CANARY)],  # noqa: PLW0108 - a new one each
    ids=["a first deployment", "all at once"],
)
def test_a_deployment_without_steps_can_ask_too(given: Callable[[], Scene], routing: Routing) -> None:
    story = given().drops("v2", strategy={"steps": [{"pause": "2h"}], "bake": "30m"})
    before = story.routing
    story.ticks(3, every=FIVE_MINUTES)
    assert (story.phase(), story.routing) == (Phase.TESTING, before)
    story.requests("approve")
    assert story.routing == routing


def test_an_onboarded_function_asks_before_its_first_percent(story: Scene) -> None:
    story.given_running("theirs")
    story.drops("v2", strategy=paused(first=True)).ticks(2)
    assert (story.phase(), story.routing) == (Phase.TESTING, Routing("1"))
    story.requests("approve")
    assert story.routing == SPLIT


def test_nobody_is_asked_before_the_tests_have_passed(story: Scene) -> None:
    answered_too_early: list[Mapping[str, Any]] = []
    story.given_live().meanwhile("Invoke", lambda: answered_too_early.append(story.answer("approve")))
    story.drops("v2", strategy=paused(first=True), tests=[{"name": "slow"}])
    assert (story.phase(), [each["ok"] for each in answered_too_early]) == (Phase.TESTING, [False])


# -- denied -----------------------------------------------------------------------------------------------------------


def test_a_denial_brings_stable_back_and_quarantines_the_bytes() -> None:
    story = given_asked().requests("deny", who="alice", why="totals are wrong")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    reason = story.deployment().reason
    assert reason and (reason.cause, reason.text) == (Cause.DENIED, "alice denied it: totals are wrong")
    story.passes(timedelta(seconds=9)).drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED


def test_a_denial_before_the_first_percent_fails_and_may_be_asked_again() -> None:
    story = given_asked_first().requests("deny").ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.latest_code == "v1"
    story.passes(timedelta(seconds=9)).drops("v2-again", strategy=paused(first=True))
    assert story.phase(2) is Phase.TESTING


def test_a_first_deployment_that_is_denied_makes_no_alias(story: Scene) -> None:
    story.drops("v1", strategy={"steps": [{"pause": "2h"}]}).requests("deny")
    assert (story.phase(), story.routing) == (Phase.FAILED, None)


def test_cloudwatch_is_asked_for_nothing_before_a_denial_has_brought_traffic_back() -> None:
    story = given_asked()
    before = len(story.cloud.calls)
    story.requests("deny")
    calls = story.operations(before)
    until = calls[: calls.index("UpdateAlias")]
    assert not {"DescribeAlarms", "GetMetricData"} & {*until}


def test_a_denial_brings_traffic_back_though_it_cannot_be_saved() -> None:
    story = given_asked()
    story.down("PutItem")
    story.answer("deny")
    assert story.routing == STABLE
    story.up()
    story.requests("deny")
    assert (story.phase(), story.cause()) == (
        Phase.ROLLED_BACK,
        Cause.DENIED,
    )


# -- never answered ---------------------------------------------------------------------------------------------------


def test_without_an_answer_rollback_goes_back_and_the_bytes_may_come_again() -> None:
    story = given_asked().passes(WAIT - timedelta(minutes=1))
    assert story.ticks().phase() is Phase.ROLLED_BACK
    assert (story.routing, story.cause()) == (STABLE, Cause.UNANSWERED)
    story.passes(timedelta(seconds=9)).drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_without_an_answer_rollback_before_the_first_percent_fails() -> None:
    story = given_asked_first().passes(WAIT).ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_without_an_answer_promote_goes_on(given: Callable[..., Scene]) -> None:
    story = given(then="promote")
    before = story.routing
    story.passes(WAIT - timedelta(minutes=2)).ticks()
    assert story.routing == before
    story.ticks()
    assert story.routing == (HALF if before == SPLIT else SPLIT)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_without_an_answer_hold_waits_on_and_says_so_once(given: Callable[..., Scene]) -> None:
    story = given(then="hold")
    before = story.routing
    story.passes(WAIT).ticks(3, every=FIVE_MINUTES)
    told = [text for text in story.notices() if text.startswith("nobody has answered")]
    assert (story.routing, len(told)) == (before, 1)
    assert story.answer("approve")["ok"]
    assert story.routing == (HALF if before == SPLIT else SPLIT)


def test_a_wait_costs_no_look_before_it_is_over() -> None:
    story = given_asked()
    before = len(story.cloud.calls)
    story.ticks(9)
    assert "GetAlias" not in story.operations(before)


# -- what comes first all the same ------------------------------------------------------------------------------------


def test_an_alarm_rolls_back_what_waits_for_approval() -> None:
    story = given_asked().alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.cause() is Cause.ALARM
    assert "no deployment of checkout:live is open" in story.answer("approve")["error"]


def test_errors_roll_back_what_waits_for_approval(story: Scene) -> None:
    gates = {"alarms": [], "errors": {"significance": 0.01}, "min_invocations": 0}
    story.given_shifting(strategy=paused(), gates=gates).ticks(10)
    assert story.deployment().hold.approval
    story.given_counts(v1=(900, 1), v2=(100, 8))
    story.ticks(5)
    assert story.cause() is Cause.ERRORS


def test_an_approval_does_not_outrun_an_alarm_whose_event_was_lost() -> None:
    story = given_asked()
    story.turns(OWN)
    assert not story.answer("approve")["ok"]
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_a_newer_artifact_takes_the_place_of_what_waits_for_approval(given: Callable[..., Scene]) -> None:
    story = given().passes(timedelta(seconds=9)).drops("v3").ticks()
    assert story.cause(1) is Cause.SUPERSEDED
    assert (story.phase(2), story.routing) == (Phase.SHIFTING, Routing("1", "3", 1000))


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_a_rollback_by_request_ends_the_wait(given: Callable[..., Scene]) -> None:
    story = given().requests("rollback").ticks()
    assert (story.phase().is_terminal, story.routing) == (True, STABLE)


def test_promote_goes_over_the_pause() -> None:
    story = given_asked().requests("promote")
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_a_pause_by_request_holds_beside_the_wait() -> None:
    story = given_asked().requests("pause").requests("approve").ticks(3)
    assert (story.routing, story.held_by()) == (SPLIT, "paused; send resume to go on")
    story.requests("resume")
    assert story.routing == HALF


def test_the_deadline_ends_a_wait_that_holds(story: Scene) -> None:
    """An hour of its own, and the two hours of each pause."""
    story.given_shifting(strategy=paused(then="hold"), deadline="1h").ticks(62, every=FIVE_MINUTES)
    assert story.cause() is Cause.DEADLINE
    assert story.routing == STABLE


def test_an_alias_that_somebody_else_moves_is_not_overwritten_by_an_answer() -> None:
    story = given_asked()
    story.given_version("7")
    story.moves("7")
    for word in ("approve", "deny"):
        assert "send accept_drift to keep that" in story.answer(word)["error"]
    story.passes(WAIT).ticks(3)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("7"))


# -- twice, late, and to the wrong one --------------------------------------------------------------------------------


def test_an_approval_that_comes_twice_does_not_approve_the_next_pause() -> None:
    """With no hold the next question is open before the second one comes."""
    story = given_asked(hold="0m")
    payload = pasted(story)
    assert story.sends(payload)["ok"]
    assert (story.routing, len(questions(story))) == (HALF, 2)
    again = story.sends(payload)
    assert "checkout:live#1 did this" in str(again["repeated"])
    late = {**payload, "id": "another"}
    assert "waits for approval of step 2, not of step 1" in str(story.sends(late)["error"])
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("call", ["GetAlias", "GetItem", "PutItem", "PutEvents"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_one_approval_never_approves_the_next_pause_as_well(call: str, nth: int) -> None:
    """Another wake-up saves in between, and the first one reads everything again."""
    story = given_asked(hold="0m")
    story.meanwhile(call, story.ticks_now, nth).requests("approve")
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_two_people_who_approve_at_once_approve_one_pause(nth: int) -> None:
    story = given_asked(hold="0m")
    story.meanwhile("GetItem", lambda: story.answer("approve"), nth).answer("approve", step=1)
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("nth", [2, 3])
def test_an_answer_that_names_no_step_is_for_the_question_that_the_person_saw(nth: int) -> None:
    """Another person answers it while the first one's request is on its way, and the next question is open."""
    story = given_asked(hold="0m")
    story.meanwhile("GetItem", lambda: story.answer("approve"), nth).answer("approve")
    assert story.ticks(3).routing == HALF


def test_an_approval_that_comes_too_early_or_too_late_says_so(story: Scene) -> None:
    story.given_shifting(strategy=paused())
    assert "is SHIFTING and waits for no approval; allowed now: promote" in story.answer("approve")["error"]
    story.ticks(5).passes(WAIT).ticks()
    assert "no deployment of checkout:live is open" in story.answer("approve")["error"]


def test_an_approval_of_another_deployment_hits_none() -> None:
    story = given_asked()
    assert "checkout:live#7 is not open" in story.answer("approve", deployment=7)["error"]
    assert story.routing == SPLIT


@pytest.mark.parametrize(
    "member",
    [{"who": "a" * 201}, {"why": "a" * 201}, {"why": "two\nlines"}, {"who": "\ud800"}, {"step": -1}, {"step": "1"}],
    ids=str,
)
def test_nonsense_is_refused(member: dict[str, Any]) -> None:
    story = given_asked()
    assert not story.answer("approve", **member)["ok"]
    assert story.routing == SPLIT


def test_plan_lists_the_pauses(story: Scene) -> None:
    story.given_live().puts("v2", strategy=paused(first=True))
    pause = {"pause_seconds": 7200.0, "then": "rollback"}
    ten, fifty = ({"weight": weight, "hold_seconds": 300.0} for weight in (10.0, 50.0))
    assert story.sends({"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"})["steps"] == [
        pause, ten, pause, fifty, pause,
    ]  # fmt: skip


def test_plan_of_a_first_deployment_lists_the_pause_that_it_will_wait_in(story: Scene) -> None:
    story.puts("v1", strategy=paused(first=True))
    found = story.sends({"request": "plan", "bucket": "drop", "key": "checkout/v1.zip"})
    assert found["steps"] == [{"pause_seconds": 7200.0, "then": "rollback"}]


# -- with services away, and crashes ----------------------------------------------------------------------------------


def test_a_question_that_could_not_be_sent_is_sent_later(story: Scene) -> None:
    story.given_shifting(strategy=paused()).down("events")
    story.ticks(6)
    asked = story.deployment().hold.approval
    story.up()
    story.ticks(2)
    assert (len(questions(story)), story.deployment().hold.approval) == (1, asked)


def approves(story: Scene) -> Json:
    return {**pasted(story), "who": "alice"}


def denies(story: Scene) -> Json:
    return {**pasted(story), "request": "deny"}


def ticks(story: Scene) -> Json:
    return tick(story.cloud.clock.now)


CRASHED: dict[str, tuple[Callable[[], Scene], Callable[[Scene], Json], Phase, Routing, int]] = {
    "asking": (
        lambda: Scene().given_shifting(strategy=paused()).passes(timedelta(minutes=5)), ticks, Phase.SHIFTING, SPLIT, 1
    ),
    "an approval": (lambda: given_asked(hold="0m"), approves, Phase.SHIFTING, HALF, 2),
    "a first approval": (given_asked_first, approves, Phase.SHIFTING, SPLIT, 1),
    "a denial": (given_asked, denies, Phase.ROLLED_BACK, STABLE, 1),
    "a first denial": (given_asked_first, denies, Phase.FAILED, STABLE, 1),
    "the end of a wait": (lambda: given_asked(then="rollback").passes(WAIT), ticks, Phase.ROLLED_BACK, STABLE, 1),
    "the end of a wait that goes on": (
        lambda: given_asked(then="promote").passes(WAIT), ticks, Phase.SHIFTING, HALF, 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CRASHED)
def test_a_crash_at_any_call_heals(name: str) -> None:
    """The event comes again twice, and three ticks after that. A crash after a call is one before the next."""
    given, event_of, phase, routing, asked = CRASHED[name]
    begun = given()
    event, before = event_of(begun), len(begun.cloud.calls)
    for call in range(len(begun.copy().tells(event).cloud.calls) - before):
        story = begun.copy().play([Fails(call, Fault.CRASH_BEFORE)]).tells(event)
        story.passes(timedelta(seconds=30)).tells(event).tells(event).ticks(3)
        assert (story.phase(), story.routing) == (phase, routing), call
        assert (len({each["at"] for each in questions(story)}), story.deployment().bookkeeping.outbox) == (asked, ()), (
            call
        )
