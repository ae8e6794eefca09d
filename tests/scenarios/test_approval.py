"""A pause for approval, through the whole controller: asked, answered, twice, late, and never."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Notice, Phase, Routing, Transient
from controller.core.model.observation import AlarmState
from controller.core.statistics.sequential_evidence import Minute
from tests.builders import CHECKOUT
from tests.fakes import Crash, Function
from tests.scenarios.story import PLENTY, AtCall, Story

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
HALF = Routing("1", "2", 5000)
CANARY = Routing("2")
OWN = "slipway/checkout/live/1"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def paused(*, first: bool = False, then: str = "rollback", hold: str = "5m") -> dict[str, object]:
    """Asks after 10 % and after 50 %, and, where ``first`` says so, before the first percent."""
    pause = {"pause": "24h", "then": then}
    steps = [{"weight": 10, "hold": hold}, pause, {"weight": 50, "hold": hold}, pause]
    return {"steps": [pause, *steps] if first else steps, "bake": "30m"}


def given_asked(**strategy: Any) -> Story:
    """Version 2 has 10 % and people were asked whether it may go on."""
    story = Story().given_shifting(strategy=paused(**strategy)).ticks(5)
    assert story.deployment().approval
    return story


def given_asked_first(**strategy: Any) -> Story:
    """Version 2 is tested and people were asked about its first percent."""
    story = Story().given_live().drops("v2", strategy=paused(first=True, **strategy))
    assert (story.phase(), story.deployment().approval is not None) == (Phase.TESTING, True)
    return story


def questions(story: Story) -> list[Notice]:
    return [notice for _, notice in story.world.notices if notice.text.startswith("waits for approval")]


def pasted(story: Story) -> dict[str, Any]:
    """Returns the request that the last notice says to send."""
    _, _, sent = questions(story)[-1].text.partition("send ")
    request: dict[str, Any] = json.loads(sent[: sent.index("}") + 1])
    return request


def sends(story: Story, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = story.world.dispatcher().dispatch(payload, lambda: PLENTY)[0].answer
    assert answer is not None
    return answer


# -- asked and approved -----------------------------------------------------------------------------------------------


def test_a_step_waits_until_it_is_approved(story: Story) -> None:
    story.given_shifting(strategy=paused()).ticks(5)
    assert len(questions(story)) == 1
    assert "waits for approval since" in str(story.answer("status")["deployment"]["held_by"])
    story.ticks(20, every=HOUR)
    assert (story.phase(), story.routing, len(questions(story))) == (Phase.SHIFTING, SPLIT, 1)
    story.asks("approve", who="alice", why="orders look right")
    assert (story.phase(), story.routing) == (Phase.SHIFTING, HALF)
    assert "alice approved it: orders look right" in [entry.text for entry in story.deployment().timeline]


def test_what_the_notice_says_to_send_is_a_request_that_is_met() -> None:
    story = given_asked()
    assert sends(story, pasted(story))["ok"]
    assert story.routing == HALF
    story.ticks(5)
    assert len(questions(story)) == 2
    assert sends(story, {**pasted(story), "request": "deny"})["ok"]
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_the_last_approval_promotes() -> None:
    story = given_asked().asks("approve", step=1).ticks(5).asks("approve", step=2)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_first_percent_waits_until_it_is_approved() -> None:
    story = given_asked_first().ticks(3, every=HOUR)
    assert (story.phase(), story.routing, len(questions(story))) == (Phase.TESTING, STABLE, 1)
    assert "waits for approval since" in str(story.answer("status")["deployment"]["held_by"])
    assert sends(story, pasted(story))["ok"]
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


@pytest.mark.parametrize(
    ("given", "routing"),
    [(lambda: Story(), Routing("1")), (lambda: Story().given_live(), CANARY)],  # noqa: PLW0108 - a new one each
    ids=["a first deployment", "all at once"],
)
def test_a_deployment_without_steps_can_ask_too(given: Callable[[], Story], routing: Routing) -> None:
    story = given().drops("v2", strategy={"steps": [{"pause": "24h"}], "bake": "30m"})
    before = story.routing
    story.ticks(3, every=HOUR)
    assert (story.phase(), story.routing) == (Phase.TESTING, before)
    story.asks("approve")
    assert story.routing == routing


def test_an_onboarded_function_asks_before_its_first_percent(story: Story) -> None:
    story.world.functions["checkout"] = Function(code="sha-theirs")
    story.drops("v2", strategy=paused(first=True)).ticks(2)
    assert (story.phase(), story.routing) == (Phase.TESTING, Routing("1"))
    story.asks("approve")
    assert story.routing == SPLIT


def test_nobody_is_asked_before_the_tests_have_passed(story: Story) -> None:
    answered_too_early: list[Mapping[str, Any]] = []
    story.given_live().meanwhile("versions.invoke", lambda: answered_too_early.append(story.answer("approve")))
    story.drops("v2", strategy=paused(first=True), tests=[{"name": "slow"}])
    assert (story.phase(), [each["ok"] for each in answered_too_early]) == (Phase.TESTING, [False])


# -- denied -----------------------------------------------------------------------------------------------------------


def test_a_denial_brings_stable_back_and_quarantines_the_bytes() -> None:
    story = given_asked().asks("deny", who="alice", why="totals are wrong")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    reason = story.deployment().reason
    assert reason and (reason.cause, reason.text) == (Cause.DENIED, "alice denied it: totals are wrong")
    story.passes(timedelta(seconds=9)).drops("v2-again")
    assert story.deployment(2).reason and story.deployment(2).reason.cause is Cause.QUARANTINED


def test_a_denial_before_the_first_percent_fails_and_may_be_asked_again() -> None:
    story = given_asked_first().asks("deny").ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.world.functions["checkout"].code == "sha-v1"
    story.passes(timedelta(seconds=9)).drops("v2-again", strategy=paused(first=True))
    assert story.phase(2) is Phase.TESTING


def test_a_first_deployment_that_is_denied_makes_no_alias(story: Story) -> None:
    story.drops("v1", strategy={"steps": [{"pause": "24h"}]}).asks("deny")
    assert (story.phase(), story.routing) == (Phase.FAILED, None)


def test_cloudwatch_is_asked_for_nothing_before_a_denial_has_brought_traffic_back() -> None:
    story = given_asked()
    before = len(story.world.calls)
    story.asks("deny")
    calls = story.world.calls[before:]
    until = calls[: calls.index("aliases.route")]
    assert not [call for call in until if call.startswith(("alarms", "metrics"))]


def test_a_denial_brings_traffic_back_though_it_cannot_be_saved() -> None:
    story = given_asked()
    story.world.down = {"store.save"}
    with pytest.raises(Transient):
        story.answer("deny")
    assert story.routing == STABLE
    story.world.forget_faults()
    story.asks("deny")
    assert (story.phase(), story.deployment().reason and story.deployment().reason.cause) == (
        Phase.ROLLED_BACK,
        Cause.DENIED,
    )


# -- never answered ---------------------------------------------------------------------------------------------------


def test_without_an_answer_rollback_goes_back_and_the_bytes_may_come_again() -> None:
    story = given_asked().passes(DAY - timedelta(minutes=1))
    assert story.ticks().phase() is Phase.ROLLED_BACK
    assert (story.routing, story.deployment().reason and story.deployment().reason.cause) == (STABLE, Cause.UNANSWERED)
    story.passes(timedelta(seconds=9)).drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_without_an_answer_rollback_before_the_first_percent_fails() -> None:
    story = given_asked_first().passes(DAY).ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_without_an_answer_promote_goes_on(given: Callable[..., Story]) -> None:
    story = given(then="promote")
    before = story.routing
    story.passes(DAY - timedelta(minutes=2)).ticks()
    assert story.routing == before
    story.ticks()
    assert story.routing == (HALF if before == SPLIT else SPLIT)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_without_an_answer_hold_waits_on_and_says_so_once(given: Callable[..., Story]) -> None:
    story = given(then="hold")
    before = story.routing
    story.passes(DAY).ticks(3, every=HOUR)
    told = [notice.text for _, notice in story.world.notices if notice.text.startswith("nobody has answered")]
    assert (story.routing, len(told)) == (before, 1)
    assert story.answer("approve")["ok"]
    assert story.routing == (HALF if before == SPLIT else SPLIT)


def test_a_wait_costs_no_look_before_it_is_over() -> None:
    story = given_asked()
    before = len(story.world.calls)
    story.ticks(9)
    assert "aliases.read" not in story.world.calls[before:]


# -- what comes first all the same ------------------------------------------------------------------------------------


def test_an_alarm_rolls_back_what_waits_for_approval() -> None:
    story = given_asked().alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.deployment().reason and story.deployment().reason.cause is Cause.ALARM
    assert "no deployment of checkout:live is open" in story.answer("approve")["error"]


def test_errors_roll_back_what_waits_for_approval(story: Story) -> None:
    gates = {"alarms": [], "errors": {"significance": 0.01}, "min_invocations": 0}
    story.given_shifting(strategy=paused(), gates=gates).ticks(10)
    assert story.deployment().approval
    story.world.traffic = Minute(100, 30, 900, 1)
    story.ticks(5)
    assert story.deployment().reason and story.deployment().reason.cause is Cause.ERRORS


def test_an_approval_does_not_outrun_an_alarm_whose_event_was_lost() -> None:
    story = given_asked()
    story.world.alarms[OWN] = AlarmState.FIRING
    story.asks("approve")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_a_newer_artifact_takes_the_place_of_what_waits_for_approval(given: Callable[..., Story]) -> None:
    story = given().passes(timedelta(seconds=9)).drops("v3").ticks()
    assert story.deployment().reason and story.deployment().reason.cause is Cause.SUPERSEDED
    assert (story.phase(2), story.routing) == (Phase.SHIFTING, Routing("1", "3", 1000))


@pytest.mark.parametrize("given", [given_asked, given_asked_first])
def test_a_rollback_by_request_ends_the_wait(given: Callable[..., Story]) -> None:
    story = given().asks("rollback").ticks()
    assert (story.phase().is_terminal, story.routing) == (True, STABLE)


def test_promote_goes_over_the_pause() -> None:
    story = given_asked().asks("promote")
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_a_pause_by_request_holds_beside_the_wait() -> None:
    story = given_asked().asks("pause").asks("approve").ticks(3)
    assert (story.routing, story.answer("status")["deployment"]["held_by"]) == (SPLIT, "paused; send resume to go on")
    story.asks("resume")
    assert story.routing == HALF


def test_the_deadline_ends_a_wait_that_holds(story: Story) -> None:
    """An hour of its own, and the 24 hours of each pause."""
    story.given_shifting(strategy=paused(then="hold"), deadline="1h").ticks(50, every=HOUR)
    assert story.deployment().reason and story.deployment().reason.cause is Cause.DEADLINE
    assert story.routing == STABLE


def test_an_alias_that_somebody_else_moves_is_not_overwritten_by_an_answer() -> None:
    story = given_asked()
    story.world.functions["checkout"].versions["7"] = "theirs"
    story.world.move(CHECKOUT, Routing("7"))
    for word in ("approve", "deny"):
        assert "send accept_drift to keep that" in story.answer(word)["error"]
    story.passes(DAY).ticks(3)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("7"))


# -- twice, late, and to the wrong one --------------------------------------------------------------------------------


def test_an_approval_that_comes_twice_does_not_approve_the_next_pause() -> None:
    """With no hold the next question is open before the second one comes."""
    story = given_asked(hold="0m")
    payload = pasted(story)
    assert sends(story, payload)["ok"]
    assert (story.routing, len(questions(story))) == (HALF, 2)
    again = sends(story, payload)
    assert "checkout:live#1 did this" in str(again["repeated"])
    late = {**payload, "why": "they look right"}
    assert "waits for approval of step 2, not of step 1" in str(sends(story, late)["error"])
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("call", ["aliases.read", "store.load", "store.save", "notices.send"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_one_approval_never_approves_the_next_pause_as_well(call: str, nth: int) -> None:
    """Another wake-up saves in between, and the first one reads everything again."""
    story = given_asked(hold="0m")
    story.meanwhile(call, lambda: story.ticks(1, timedelta()), nth).asks("approve")
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_two_people_who_approve_at_once_approve_one_pause(nth: int) -> None:
    story = given_asked(hold="0m")
    story.meanwhile("store.load", lambda: story.answer("approve"), nth).answer("approve", step=1)
    assert story.ticks(3).routing == HALF


@pytest.mark.parametrize("nth", [2, 3])
def test_an_answer_that_names_no_step_is_for_the_question_that_the_person_saw(nth: int) -> None:
    """Another person answers it while the first one's request is on its way, and the next question is open."""
    story = given_asked(hold="0m")
    story.meanwhile("store.load", lambda: story.answer("approve"), nth).answer("approve")
    assert story.ticks(3).routing == HALF


def test_an_approval_that_comes_too_early_or_too_late_says_so(story: Story) -> None:
    story.given_shifting(strategy=paused())
    assert "is SHIFTING and waits for no approval; allowed now: promote" in story.answer("approve")["error"]
    story.ticks(5).passes(DAY).ticks()
    assert "no deployment of checkout:live is open" in story.answer("approve")["error"]


def test_an_approval_of_another_deployment_hits_none() -> None:
    story = given_asked()
    assert "checkout:live#7 is not open" in story.answer("approve", deployment=7)["error"]
    assert story.routing == SPLIT


@pytest.mark.parametrize(
    "member",
    [{"who": "a" * 101}, {"why": "a" * 201}, {"why": "two\nlines"}, {"who": "\ud800"}, {"step": -1}, {"step": "1"}],
    ids=str,
)
def test_nonsense_is_refused(member: dict[str, Any]) -> None:
    story = given_asked()
    assert not story.answer("approve", **member)["ok"]
    assert story.routing == SPLIT


def test_plan_lists_the_pauses(story: Story) -> None:
    story.given_live().puts("v2", strategy=paused(first=True))
    pause = {"pause_seconds": 86400.0, "then": "rollback"}
    ten, fifty = ({"weight": weight, "hold_seconds": 300.0} for weight in (10.0, 50.0))
    assert sends(story, {"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"})["steps"] == [
        pause, ten, pause, fifty, pause,
    ]  # fmt: skip


def test_plan_of_a_first_deployment_lists_the_pause_that_it_will_wait_in(story: Story) -> None:
    story.puts("v1", strategy=paused(first=True))
    found = sends(story, {"request": "plan", "bucket": "drop", "key": "checkout/v1.zip"})
    assert found["steps"] == [{"pause_seconds": 86400.0, "then": "rollback"}]


# -- with services away, and crashes ----------------------------------------------------------------------------------


def test_a_question_that_could_not_be_sent_is_sent_later(story: Story) -> None:
    story.given_shifting(strategy=paused()).world.down = {"notices"}
    story.ticks_in_trouble(6)
    asked = story.deployment().approval
    story.world.forget_faults()
    story.ticks(2)
    assert (len(questions(story)), story.deployment().approval) == (1, asked)


Answers = Callable[[Story], Mapping[str, Any]]


def _approves(story: Story) -> Mapping[str, Any]:
    return {**pasted(story), "who": "alice"}


def _denies(story: Story) -> Mapping[str, Any]:
    return {**pasted(story), "request": "deny"}


def _tick(_story: Story) -> Mapping[str, Any]:
    return {"source": "aws.events", "detail-type": "Scheduled Event"}


def _asking() -> Story:
    return Story().given_shifting(strategy=paused()).passes(timedelta(minutes=5))


def _unanswered(then: str) -> Callable[[], Story]:
    return lambda: given_asked(then=then).passes(DAY)


CRASHED: dict[str, tuple[Callable[[], Story], Answers, Phase, Routing, int]] = {
    "asking": (_asking, _tick, Phase.SHIFTING, SPLIT, 1),
    "an approval": (lambda: given_asked(hold="0m"), _approves, Phase.SHIFTING, HALF, 2),
    "a first approval": (given_asked_first, _approves, Phase.SHIFTING, SPLIT, 1),
    "a denial": (given_asked, _denies, Phase.ROLLED_BACK, STABLE, 1),
    "a first denial": (given_asked_first, _denies, Phase.FAILED, STABLE, 1),
    "the end of a wait": (_unanswered("rollback"), _tick, Phase.ROLLED_BACK, STABLE, 1),
    "the end of a wait that goes on": (_unanswered("promote"), _tick, Phase.SHIFTING, HALF, 1),
}


@pytest.mark.parametrize("name", CRASHED)
def test_a_crash_at_any_call_heals(name: str) -> None:
    """The event comes again twice, and three ticks after that. A crash after a call is one before the next."""
    given, payload_of, phase, routing, asked = CRASHED[name]
    for call in range(60):
        story = given()
        payload = payload_of(story)
        story.world.crash = (len(story.world.calls) + call, "before")
        crashed = False
        try:
            story.hears(payload)
        except Crash:
            crashed = True
        story.world.forget_faults()
        story.passes(timedelta(seconds=30)).hears(payload).hears(payload).ticks(3)
        where = (name, call)
        assert (story.phase(), story.routing) == (phase, routing), where
        assert (len({notice.at for notice in questions(story)}), story.deployment().outbox) == (asked, ()), where
        if not crashed:
            break
    else:
        pytest.fail("it makes more calls than were crashed")


# -- two controllers --------------------------------------------------------------------------------------------------


def _alarm(story: Story) -> None:
    if OWN in story.world.alarms:
        story.world.alarms[OWN] = AlarmState.FIRING
    story.hears(story.alarm(OWN, "2"))


def _newer(story: Story) -> None:
    story.passes(timedelta(seconds=5)).drops("v3")


def _asks(word: str) -> Callable[[Story], None]:
    def asks(story: Story) -> None:
        story.answer(word)

    return asks


FIRST: dict[str, tuple[Callable[[], Story], Answers]] = {
    "an approval": (given_asked, _approves),
    "a first approval": (given_asked_first, _approves),
    "a denial": (given_asked, _denies),
    "a first denial": (given_asked_first, _denies),
    "the end of a wait": (_unanswered("rollback"), _tick),
}
OTHERS: dict[str, Callable[[Story], None]] = {
    **{word: _asks(word) for word in ("approve", "deny", "promote", "rollback", "pause")},
    "tick": lambda story: void(story.ticks(1, timedelta())),
    "alarm": _alarm,
    "newer": _newer,
}


def void(_done: object) -> None:
    """What happens meanwhile returns nothing."""


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", FIRST)
def test_whatever_happens_between_two_calls_the_rules_hold(name: str, other: str) -> None:
    """Each call is met by half of the others, those beside it by the other half."""
    given, payload_of = FIRST[name]
    for number in range([*OTHERS].index(other) % 2, 100, 2):
        story = given()
        payload = payload_of(story)
        story.world.meanwhile = at_call = AtCall(number, lambda story=story: OTHERS[other](story))  # type: ignore[misc]
        with suppress(Transient):
            story.hears(payload)
        if not at_call.happened:
            break
        where = f"{other} before call {number} of {name}: {story.world.calls[-20:]}"
        _hold_the_rules(story, where)
        story.world.alarms = dict.fromkeys(story.world.alarms, AlarmState.OK)
        for _ in range(6):
            story.ticks(1, timedelta(hours=13))
            _hold_the_rules(story, where)
        if other != "pause":
            assert all(each.phase.is_terminal and not each.outbox for each in story.world.deployments()), where
    else:
        pytest.fail("the first one makes more calls than were looked at")


def _hold_the_rules(story: Story, where: str) -> None:
    made = list(story.world.deployments())
    open_ones = [each for each in made if not each.phase.is_terminal and not each.queued]
    assert len(open_ones) <= 1, where
    assert open_ones or (story.routing and story.routing.canary is None), where
    first = made[0]
    approved = [entry.text for entry in first.timeline if "approved it" in entry.text and "nobody" not in entry.text]
    told = {entry.text for entry in first.timeline}
    half = any(text.startswith("step 2") for text in told)
    assert not half or approved, where
    denied = first.reason is not None and first.reason.cause is Cause.DENIED
    quarantined = ("checkout:live", "quarantine#sha-v2") in story.world.items
    assert not (denied and first.phase is Phase.ROLLED_BACK) or quarantined, where
    assert not denied or Milestone.TESTED in first.done, where
