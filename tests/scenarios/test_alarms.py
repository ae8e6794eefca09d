"""Alarms that come late, twice, in the wrong order, or while a service is away."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Refused, Routing, Transient
from controller.core.model import Reason as Why
from controller.core.model.observation import AlarmState
from tests.builders import CHECKOUT
from tests.fakes import Crash
from tests.scenarios.story import Story
from tests.unit.worlds import fails

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
OWN = "slipway/checkout/live/1"
NAMED = {"alarms": ["queue-age"], "min_invocations": 0}
DENIED = Refused(Why(Cause.PUBLISH_FAILED, "AccessDeniedException"))


def was_ok(event: dict[str, Any]) -> dict[str, Any]:
    event["detail"]["previousState"] = {"value": "OK"}
    return event


# -- an alarm that a person has answered ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["promote", "resume"])
def test_the_event_of_an_alarm_that_a_person_went_over_does_not_freeze_again(story: Story, word: str) -> None:
    """It comes once more, or late: what it says is what they have answered."""
    story.given_alarm("queue-age").given_shifting(gates=NAMED, on_failure="freeze").ticks()
    fired = was_ok(story.alarm("queue-age"))
    story.alarms("queue-age", None).world.alarms["queue-age"] = AlarmState.OK
    assert story.deployment().reason
    story.ticks().asks(word).hears(fired)
    assert (story.deployment().reason, story.deployment().paused) == (None, False)
    story.ticks().hears(was_ok(story.alarm("queue-age")))
    assert story.deployment().reason, "it fires again"


@pytest.mark.parametrize("quiet", [True, False], ids=["calmed down", "still firing"])
def test_a_person_ends_what_is_frozen_also_while_the_alarm_still_fires(story: Story, quiet: bool) -> None:
    story.given_alarm("queue-age").given_shifting(gates=NAMED, on_failure="freeze").ticks().alarms("queue-age", None)
    story.asks("promote").ticks(2)
    assert (story.phase(), story.deployment().paused) == (Phase.BAKING, True), "it fires on all traffic, too"
    if quiet:
        story.world.alarms["queue-age"] = AlarmState.OK
    story.asks("promote", phase="BAKING").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_what_froze_while_it_was_closing_can_be_ended(story: Story) -> None:
    """Lambda is away when the bake is over, and an alarm fires meanwhile."""
    story.given_alarm("queue-age").given_baking(gates=NAMED, on_failure="freeze").world.down = {"aliases.route"}
    story.world.move(CHECKOUT, Routing("2"), "slipway #1 deploys 2, back to 1")
    with suppress(Transient):
        story.ticks(31)
    assert story.deployment().closing
    with suppress(Transient):
        story.alarms("queue-age", None)
    assert story.deployment().paused
    story.world.forget_faults()
    story.ticks(2).asks("promote").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


# -- an alarm that fired before the first percent ---------------------------------------------------------------------


def test_the_late_event_of_an_alarm_that_fired_before_the_start_does_not_arm_it(story: Story) -> None:
    """It went from OK to ALARM before the first percent; that its event comes after it changes nothing."""
    story.given_live().given_alarm("queue-age").world.alarms["queue-age"] = AlarmState.FIRING
    late = was_ok(story.alarm("queue-age"))
    story.passes(timedelta(seconds=30)).drops("v2", gates=NAMED)
    story.hears(late).ticks(2).hears(late).ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_it_is_armed_by_an_event_of_its_own_time(story: Story) -> None:
    story.given_live().given_alarm("queue-age").world.alarms["queue-age"] = AlarmState.FIRING
    story.drops("v2", gates=NAMED).passes(timedelta(seconds=30))
    story.hears(was_ok(story.alarm("queue-age")))
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("nth", range(1, 12))
def test_one_that_calms_down_while_the_deployment_starts_is_not_armed_by_old_news(story: Story, nth: int) -> None:
    """Another controller sees it OK and arms it; the first one has still read it firing."""
    story.given_live().given_alarm("queue-age").world.alarms["queue-age"] = AlarmState.FIRING

    def calms() -> None:
        story.world.alarms["queue-age"] = AlarmState.OK
        story.ticks(1, timedelta())

    story.puts("v2", gates=NAMED).meanwhile("aliases.read", calms, nth).hears(story.upload("v2"))
    story.world.meanwhile.clear()
    story.ticks(6)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))


def test_nor_by_what_a_tick_had_read_before_it_was_overtaken(story: Story) -> None:
    story.given_live().given_alarm("queue-age").world.alarms["queue-age"] = AlarmState.FIRING

    def calms() -> None:
        story.world.alarms["queue-age"] = AlarmState.OK
        story.ticks(1, timedelta())

    story.drops("v2", gates=NAMED).passes(timedelta(minutes=5)).meanwhile("store.save", calms)
    story.ticks(1, timedelta())
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_an_alarm_that_fires_and_calms_before_its_event_comes_rolls_back(given: Any) -> None:
    story = given(Story().given_alarm("queue-age"), gates=NAMED)
    event = story.alarm("queue-age")
    story.passes(timedelta(minutes=2)).hears(event)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_before_any_traffic_is_nobodys(story: Story) -> None:
    """Its event comes while people are asked about the first percent; nothing of the canary can have set it off."""
    asked = {"steps": [{"pause": "1h"}, {"weight": 10, "hold": "5m"}], "bake": "30m"}
    story.given_live().given_alarm("queue-age").drops("v2", gates=NAMED, strategy=asked).hears(story.alarm("queue-age"))
    assert (story.phase(), story.deployment().reason, story.routing) == (Phase.TESTING, None, STABLE)


# -- an alarm that blocks, and the person who overrides it ------------------------------------------------------------

BLOCKING = {"alarms": ["queue-age", "checkout-p99"], "min_invocations": 0, "errors": False, "already_alarming": "block"}
ALICE = {"alarm": "queue-age", "who": "alice", "why": "this release is the fix"}
SAID = "alice overrides alarm queue-age: this release is the fix; it counts again once it has calmed down"


def given_blocked() -> Story:
    """Version 2 is tested and an alarm that fires already keeps it from its first percent."""
    story = Story().given_live().given_alarm("queue-age").given_alarm("checkout-p99")
    story.world.alarms["queue-age"] = AlarmState.FIRING
    story.drops("v2", gates=BLOCKING)
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    return story


def test_an_override_starts_traffic_and_says_who_and_why() -> None:
    story = given_blocked().ticks(9)
    assert "queue-age is already firing" in str(story.answer("status")["deployment"]["held_by"])
    story.asks("override", **ALICE)
    assert (story.phase(), story.routing, story.deployment().disarmed) == (Phase.SHIFTING, SPLIT, {"queue-age"})
    assert [notice.text for _, notice in story.world.notices].count(SAID) == 1
    assert [entry.text for entry in story.deployment().timeline].count(SAID) == 1
    story.ticks(2).hears(story.alarm("queue-age"))
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_an_overridden_alarm_counts_once_it_has_been_ok() -> None:
    story = given_blocked().asks("override", **ALICE)
    story.world.alarms["queue-age"] = AlarmState.OK
    story.ticks(6).alarms("queue-age", None)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_that_is_ok_when_traffic_begins_is_armed_although_it_was_overridden() -> None:
    story = given_blocked()
    story.world.alarms.update({"queue-age": AlarmState.OK, "checkout-p99": AlarmState.FIRING})
    story.asks("override", **ALICE)
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    story.world.alarms["checkout-p99"] = AlarmState.OK
    story.ticks(2)
    assert (story.phase(), story.deployment().disarmed) == (Phase.SHIFTING, frozenset())
    story.alarms("queue-age", None)
    assert story.phase() is Phase.ROLLED_BACK


def test_an_override_is_for_one_alarm_only() -> None:
    story = given_blocked()
    story.world.alarms["checkout-p99"] = AlarmState.FIRING
    story.asks("override", **ALICE).ticks()
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    assert "checkout-p99 is already firing" in str(story.answer("status")["deployment"]["held_by"])
    story.asks("override", **{**ALICE, "alarm": "checkout-p99"})
    assert story.deployment().disarmed == {"queue-age", "checkout-p99"}


def test_an_override_is_for_one_deployment_only() -> None:
    story = given_blocked().asks("override", **ALICE).asks("rollback").ticks()
    story.passes(timedelta(seconds=9)).drops("v3", gates=BLOCKING)
    assert (story.phase(2), story.routing) == (Phase.TESTING, STABLE)


def test_an_override_while_the_version_is_being_published_is_kept(story: Story) -> None:
    story.given_live().given_alarm("queue-age").given_alarm("checkout-p99")
    story.world.alarms["queue-age"], story.world.slow_publishes = AlarmState.FIRING, 1
    story.drops("v2", gates=BLOCKING)
    assert story.phase() is Phase.PREPARING
    story.asks("override", **ALICE).ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_an_override_that_comes_twice_is_told_once_and_too_late_is_refused() -> None:
    story = given_blocked().asks("pause").asks("override", **ALICE).asks("override", **{**ALICE, "who": "bob"})
    assert len([notice for _, notice in story.world.notices if "overrides" in notice.text]) == 1
    story.asks("resume")
    assert story.phase() is Phase.SHIFTING
    carol = {**ALICE, "who": "carol"}
    assert "an armed alarm that fires rolls back at once" in story.answer("override", **carol)["error"]
    assert "no deployment of checkout:live is open" in story.asks("rollback").answer("override", **carol)["error"]


@pytest.mark.parametrize(
    "member",
    [
        {"who": None}, {"why": None}, {"alarm": None}, {"who": ""}, {"why": "  "}, {"why": "two\nlines"},
        {"who": "a" * 101}, {"why": "a" * 201}, {"alarm": "not-named"}, {"alarm": ""}, {"deployment": 7},
    ],
    ids=str,
)  # fmt: skip
def test_an_override_without_a_name_or_a_reason_is_refused(member: dict[str, Any]) -> None:
    story = given_blocked()
    asked = {name: value for name, value in {**ALICE, **member}.items() if value is not None}
    assert not story.answer("override", **asked)["ok"]
    assert (story.phase(), story.deployment().overridden) == (Phase.TESTING, frozenset())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_call_of_an_override_heals(moment: str) -> None:
    request = {"request": "override", "function": "checkout", **ALICE}
    for call in range(60):
        story = given_blocked()
        story.world.crash = (len(story.world.calls) + call, moment)
        crashed = False
        try:
            story.hears(request)
        except Crash:
            crashed = True
        story.world.forget_faults()
        story.passes(timedelta(seconds=30)).hears(request).hears(request).ticks(3)
        assert (story.phase(), story.routing, story.deployment().disarmed) == (Phase.SHIFTING, SPLIT, {"queue-age"})
        assert len({notice.at for _, notice in story.world.notices if notice.text == SAID}) == 1, call
        if not crashed:
            break
    else:
        pytest.fail("it makes more calls than were crashed")


@pytest.mark.parametrize("nth", range(1, 9))
@pytest.mark.parametrize("call", ["aliases.read", "store.load", "store.save", "alarms.states", "notices.send"])
def test_an_override_beside_another_controller_arms_and_disarms_alike(call: str, nth: int) -> None:
    """The alarm calms down and a tick sees that, between any two calls of the override."""

    def calms() -> None:
        story.world.alarms["queue-age"] = AlarmState.OK
        story.ticks(1, timedelta())

    story = given_blocked().meanwhile(call, calms, nth)
    story.answer("override", **ALICE)
    story.world.meanwhile.clear()
    calm = story.world.alarms["queue-age"] is AlarmState.OK
    assert calm or story.deployment().disarmed == {"queue-age"}
    story.ticks(6)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))
    assert story.deployment().disarmed == (set() if calm else {"queue-age"})


def test_the_alarms_of_two_deployments_in_the_wrong_order_hit_each_its_own(story: Story) -> None:
    story.given_shifting()
    old = story.alarm(OWN, "2")
    story.passes(timedelta(seconds=10)).drops("v3")
    assert (story.phase(2), story.routing) == (Phase.SHIFTING, Routing("1", "3", 1000))
    story.passes(timedelta(seconds=10))
    new = story.alarm("slipway/checkout/live/2", "3")
    story.hears(old)
    assert story.phase(2) is Phase.SHIFTING
    story.hears(new).hears(old).hears(new)
    assert (story.phase(2), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_alarms_are_read_again_after_tests_that_took_their_time(story: Story) -> None:
    """What was OK before minutes of tests may be firing by the time of the first percent."""
    story.given_live().given_alarm("queue-age")
    story.meanwhile("versions.invoke", lambda: story.world.alarms.update({"queue-age": AlarmState.FIRING}))
    story.drops("v2", tests=[{"name": "slow"}], gates={**NAMED, "already_alarming": "block"})
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)


def test_a_tick_goes_by_news_of_the_alarms_only(story: Story) -> None:
    """Another target kept the tick for a minute; meanwhile the alarm fired, and its event was lost."""
    story.given_shifting().passes(timedelta(minutes=5))

    def takes_its_time() -> None:
        story.passes(timedelta(minutes=1)).world.alarms[OWN] = AlarmState.FIRING

    dispatcher = story.world.dispatcher()
    times = iter([timedelta(minutes=5)])

    def time_left() -> timedelta:
        takes_its_time()
        return next(times)

    dispatcher.dispatch({"source": "aws.events", "detail-type": "Scheduled Event"}, time_left)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


# -- a CloudWatch that does not answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_cloudwatch_is_asked_for_nothing_before_a_named_alarm_has_brought_traffic_back(given: Any) -> None:
    """It may be what is broken, and wait for its own time-out again and again."""
    story = given(Story().given_alarm("queue-age"), gates={"alarms": ["queue-age"], "min_invocations": 50})
    story.passes(timedelta(minutes=6))
    before = len(story.world.calls)
    story.alarms("queue-age", None)
    assert story.routing == STABLE
    assert not _asked_of_cloudwatch(story, before)


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_nor_before_a_person_has_brought_it_back(given: Any) -> None:
    story = given(Story().given_alarm("queue-age"), gates={"alarms": ["queue-age"], "min_invocations": 50})
    story.passes(timedelta(minutes=6))
    before = len(story.world.calls)
    story.asks("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert not _asked_of_cloudwatch(story, before)


def _asked_of_cloudwatch(story: Story, before: int) -> list[str]:
    """Returns what CloudWatch was asked for until the alias was written."""
    calls = story.world.calls[before:]
    return [call for call in calls[: calls.index("aliases.route")] if call.startswith(("alarms", "metrics"))]


def test_two_short_outages_hours_apart_are_not_hours_of_blindness(story: Story) -> None:
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "5h"}], "bake": "30m"})
    story.world.down = {"alarms"}
    story.asks("pause").asks("resume")
    story.world.forget_faults()
    story.ticks(1).passes(timedelta(hours=5)).world.down = {"alarms"}
    story.ticks_in_trouble(3)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    story.world.forget_faults()
    story.ticks()
    assert story.phase() is Phase.BAKING


# -- a record that cannot be read or saved ----------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [Transient("DynamoDB is down"), DENIED], ids=["down", "denied"])
@pytest.mark.parametrize("call", ["store.head", "store.load", "store.save"])
@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_a_named_alarm_on_the_canary_brings_traffic_back_without_the_table(
    given: Any, call: str, problem: Exception
) -> None:
    story = given(Story().given_alarm("queue-age"), gates=NAMED)
    dispatcher = story.world.dispatcher()
    fails(dispatcher, call, problem)
    event = story.alarm("queue-age", "2")
    with pytest.raises(Transient):
        dispatcher.dispatch(event, lambda: timedelta(minutes=5))
    assert story.routing == STABLE
    story.passes(timedelta(minutes=1)).hears(event)
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason == Why(Cause.ALARM, "alarm queue-age is firing")


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_danger_that_a_tick_sees_brings_traffic_back_though_it_cannot_be_saved(given: Any) -> None:
    story = given(Story().given_alarm("queue-age"), gates=NAMED)
    story.world.alarms["queue-age"] = AlarmState.FIRING
    story.world.down = {"store.save"}
    story.ticks_in_trouble()
    assert story.routing == STABLE
    story.world.forget_faults()
    story.ticks()
    assert (story.phase(), Milestone.QUARANTINED in story.deployment().done) == (Phase.ROLLED_BACK, True)


def test_a_newer_artifact_waits_until_the_record_can_be_saved(story: Story) -> None:
    """Nothing is wrong with the canary: its way back may wait, and must not be taken for an alarm's."""
    story.given_shifting().passes(timedelta(seconds=10)).puts("v3")
    story.world.down = {"store.save"}
    with pytest.raises(Transient):
        story.hears(story.upload("v3"))
    assert story.routing == SPLIT
    story.world.forget_faults()
    story.ticks()
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)
    assert story.deployment(1).reason and story.deployment(1).reason.cause is Cause.SUPERSEDED


# -- an alarm of its own ----------------------------------------------------------------------------------------------


def test_its_own_alarm_is_deleted_although_nobody_noted_that_it_was_made(story: Story) -> None:
    story.given_live().puts("v2")

    def made_and_lost() -> None:
        story.world.alarms[OWN] = AlarmState.INSUFFICIENT_DATA
        raise Crash

    with pytest.raises(Crash):
        story.meanwhile("alarms.make", made_and_lost).hears(story.upload("v2"))
    story.asks("rollback").ticks()
    assert (story.phase(), OWN in story.world.alarms) == (Phase.ROLLED_BACK, False)


@pytest.mark.parametrize("crashes", [False, True])
def test_its_own_alarm_that_is_made_only_after_the_end_is_deleted_all_the_same(story: Story, crashes: bool) -> None:
    """One controller is about to make it when another one rolls back, deletes it and closes."""

    def ends() -> None:
        story.asks("rollback")
        if crashes:
            story.world.alarms[OWN] = AlarmState.INSUFFICIENT_DATA
            raise Crash

    story.given_live().puts("v2").meanwhile("alarms.make", ends)
    with suppress(Crash):
        story.hears(story.upload("v2"))
    assert (story.phase(), OWN in story.world.alarms) == (Phase.ROLLED_BACK, True)
    story.ticks(7)
    assert OWN not in story.world.alarms
    assert Milestone.ALARM_DELETED in story.deployment().done


def test_an_alarm_that_nobody_can_make_any_more_is_deleted_once(story: Story) -> None:
    story.given_shifting().ticks(6).alarms().ticks(10)
    assert (story.phase(), story.world.calls.count("alarms.delete")) == (Phase.ROLLED_BACK, 1)


def test_an_alarm_is_deleted_at_the_end_and_once_more_when_nobody_can_make_it_any_more(story: Story) -> None:
    story.given_shifting().ticks(2).alarms()
    assert OWN not in story.world.alarms
    story.ticks(20)
    assert story.world.calls.count("alarms.delete") == 2


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_its_own_alarm_that_somebody_deletes_is_no_protection_and_ends_it(given: Any) -> None:
    story = given(Story()).ticks(2)  # in the bake it is put again until then
    del story.world.alarms[OWN]
    story.ticks(60)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.deployment().reason and story.deployment().reason.cause is Cause.ALARMS_UNREADABLE
    assert story.world.routing(CHECKOUT) == STABLE


def test_an_alarm_brings_back_a_canary_that_lambda_itself_gives_a_weight_beside(story: Story) -> None:
    """Lambda writes such weights while it moves provisioned concurrency to the new version."""
    story.given_baking()
    alias = story.world.alias(CHECKOUT)
    assert alias
    story.world.move(CHECKOUT, Routing("2", "1", 5000), alias.description)
    story.hears(story.alarm(OWN, "2"))
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
