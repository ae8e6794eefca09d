"""Two controllers at work on one target: a second one does something, whole, between any two calls of the first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from controller.core.model import Cause, Milestone, Phase, Routing, Target, Transient
from controller.core.model.observation import AlarmState
from tests.builders import CHECKOUT
from tests.scenarios.story import AtCall, Story

SPLIT = Routing("1", "2", 1000)
STABLE = Routing("1")
OWN = "slipway/checkout/live/1"


# -- a write that is under way while the deployment is rolled back ----------------------------------------------------


def _asks_for_a_rollback(story: Story) -> None:
    story.asks("rollback")


def _drops_what_is_refused(story: Story) -> None:
    """A newer artifact that supersedes, and fails before it has written the alias."""
    story.passes(timedelta(seconds=5)).drops("v3", gates={"alarms": ["nobody"], "min_invocations": 0})


@pytest.mark.parametrize("other", [_asks_for_a_rollback, _drops_what_is_refused])
def test_a_first_percent_on_its_way_does_not_land_after_the_rollback(
    story: Story, other: Callable[[Story], None]
) -> None:
    story.given_live().puts("v2").meanwhile("aliases.route", lambda: other(story))
    story.hears(story.upload("v2")).ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("other", [_asks_for_a_rollback, _drops_what_is_refused])
def test_a_rollback_that_is_overtaken_by_the_first_percent_takes_it_back(
    story: Story, other: Callable[[Story], None]
) -> None:
    """The rollback saw the alias on stable; the percent landed before its own write."""
    story.given_live().puts("v2")

    def lands() -> None:
        story.world.move(CHECKOUT, SPLIT, "slipway #1 deploys 2, back to 1")

    story.meanwhile("aliases.route", lambda: other(story.meanwhile("aliases.route", lands)))
    story.hears(story.upload("v2")).ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert all("somebody else" not in entry.text for entry in story.deployment().timeline)


@pytest.mark.parametrize("call", ["aliases.read", "store.load"])
@pytest.mark.parametrize("nth", range(1, 12))
def test_a_first_percent_whose_deployment_was_rolled_back_and_followed_does_not_land(call: str, nth: int) -> None:
    """A record of before, beside an alias of now, would look as if the percent were still to come: the alias is on
    stable, and tells of the next one.
    """
    story = Story().given_live().puts("v2")

    def goes_back_twice() -> None:
        story.asks("rollback").passes(timedelta(seconds=5)).drops("v3").asks("rollback")

    story.meanwhile(call, goes_back_twice, nth).hears(story.upload("v2"))
    story.world.meanwhile.clear()
    happened = story.world.routing(Target("checkout", "previous")) is not None and story.phase().is_terminal
    assert story.routing == (STABLE if happened else SPLIT)


# -- a request that is handled once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["aliases.read", "store.load", "store.save", "notices.send"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_one_promote_never_ends_the_bake_as_well(call: str, nth: int) -> None:
    """Another wake-up saves in between, and the first one reads everything again."""
    story = Story().given_shifting()
    story.meanwhile(call, lambda: story.ticks(1, timedelta()), nth).asks("promote")
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    assert all("ended by request" not in entry.text for entry in story.deployment().timeline)


def test_a_promote_that_meets_a_promotion_does_not_end_the_bake(story: Story) -> None:
    """The person saw the last step; when they are heard the tick has just promoted."""
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "30m"})
    story.passes(timedelta(minutes=5)).meanwhile("aliases.read", lambda: story.ticks(1, timedelta()), 2)
    story.asks("promote").ticks()
    assert story.phase() is Phase.BAKING
    assert all("ended by request" not in entry.text for entry in story.deployment().timeline)


def test_a_promote_after_which_nobody_could_be_told_is_met_and_says_so(story: Story) -> None:
    """Who is told that it failed asks again, and would end the bake."""
    story.given_shifting().world.down = {"notices"}
    answer = story.answer("promote")
    assert (answer["ok"], answer["deployment"]["phase"]) == (True, "BAKING")
    assert answer["unfinished"] == "notices.send is down"
    story.world.forget_faults()
    story.ticks()
    assert story.told()[-1] is Phase.BAKING


# -- a rollback to the backup that meets another deployment -----------------------------------------------------------


@pytest.mark.parametrize(("call", "nth"), [("aliases.read", 1), ("aliases.backup_version", 1), ("store.head", 2)])
def test_a_rollback_to_the_backup_never_runs_beside_a_deployment_that_opens(call: str, nth: int) -> None:
    story = Story().given_baking().ticks(31)
    story.meanwhile(call, lambda: story.passes(timedelta(seconds=5)).drops("v3"), nth)
    assert story.answer("rollback")["ok"]
    open_ones = [each for each in story.world.deployments() if not each.phase.is_terminal]
    assert open_ones == []
    assert (story.phase(2), story.routing) == (Phase.ROLLED_BACK, Routing("2"))


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_rollback_that_is_asked_for_at_the_end_of_the_bake_goes_back_all_the_same(nth: int) -> None:
    story = Story().given_baking().passes(timedelta(minutes=31))
    story.meanwhile("aliases.read", lambda: story.ticks(1, timedelta()), nth)
    answer = story.answer("rollback")
    assert answer["ok"], answer
    assert (answer["deployment"]["phase"], story.routing) == ("ROLLED_BACK", STABLE)


# -- an alias that was read before the record moved on ----------------------------------------------------------------


def test_a_good_version_is_not_given_up_for_an_alias_that_was_read_too_early(story: Story) -> None:
    """The alias as read still carries the older deployment's share; the record is the next one's already."""
    story.given_shifting().given_alarm("theirs").world.alarms["theirs"] = AlarmState.FIRING

    def gets_ready() -> None:
        assert story.ticks(1, timedelta()).phase(2) is Phase.TESTING
        story.given_alarm("theirs")

    blocking = {"alarms": ["theirs"], "min_invocations": 0, "already_alarming": "block"}
    story.passes(timedelta(seconds=10)).meanwhile("store.head", gets_ready, 2).drops("v3", gates=blocking)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


# -- at every call ----------------------------------------------------------------------------------------------------


def _good() -> Story:
    return Story().given_live().puts("v2")


def _shifting() -> Story:
    return Story().given_shifting()


def _baking() -> Story:
    return Story().given_baking()


def _closing() -> Story:
    return Story().given_baking().passes(timedelta(minutes=30))


def _drop(story: Story) -> None:
    story.hears(story.upload("v2"))


def _newer(story: Story) -> None:
    story.passes(timedelta(seconds=5)).drops("v3")


def _tick(story: Story) -> None:
    story.ticks(1, timedelta())


def _alarm(story: Story) -> None:
    if OWN in story.world.alarms:
        story.world.alarms[OWN] = AlarmState.FIRING
    story.hears(story.alarm(OWN, "2"))


def _promote(story: Story) -> None:
    story.answer("promote")


def _rollback(story: Story) -> None:
    story.answer("rollback")


def _pause(story: Story) -> None:
    if story.answer("pause")["ok"]:
        story.answer("resume")


FIRST = {
    "a good version": (_good, _drop),
    "a step": (lambda: Story().given_shifting().passes(timedelta(minutes=5)), _tick),
    "an alarm in a step": (_shifting, _alarm),
    "an alarm in the bake": (_baking, _alarm),
    "the end of the bake": (_closing, _tick),
    "a promote": (_shifting, _promote),
    "a rollback": (_shifting, _rollback),
    "a newer artifact": (_shifting, _newer),
}
OTHERS = [_tick, _alarm, _promote, _rollback, _pause, _newer]
MOST_CALLS = 150


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.__name__.strip("_"))
@pytest.mark.parametrize("name", FIRST)
def test_whatever_happens_between_two_calls_the_rules_hold(name: str, other: Callable[[Story], None]) -> None:
    given, first = FIRST[name]
    for number in range(MOST_CALLS):
        story = given().meanwhile_at(number, lambda: None)
        world = story.world
        world.meanwhile = at_call = AtCall(number, lambda story=story: other(story))  # type: ignore[misc]
        with suppress(Transient):
            first(story)
        if not at_call.happened:
            break
        where = f"{other.__name__} before call {number} of {name}: {world.calls[-20:]}"
        _hold_the_rules(story, where)
        world.alarms = dict.fromkeys(world.alarms, AlarmState.OK)
        for _ in range(9):
            story.ticks(1, timedelta(minutes=11))
            _hold_the_rules(story, where)
        _have_come_to_rest(story, where)
    else:
        pytest.fail("the first one makes more calls than were looked at")


def _hold_the_rules(story: Story, where: str) -> None:
    made = sorted(story.world.deployments(), key=lambda each: each.number)
    open_ones = [each for each in made if not each.phase.is_terminal and not each.queued]
    assert len(open_ones) <= 1, where
    routing = story.routing
    assert routing is not None, where
    assert open_ones or routing.canary is None, where
    for version in {routing.version, routing.canary, _backup(story)} - {None, "1"}:
        last = [each for each in made if each.canary == version][-1]
        assert Milestone.TESTED in last.done, where
        assert last.phase not in (Phase.ROLLED_BACK, Phase.FAILED), where


def _backup(story: Story) -> str | None:
    routing = story.world.routing(Target("checkout", "previous"))
    return routing.version if routing else None


def _have_come_to_rest(story: Story, where: str) -> None:
    for each in story.world.deployments():
        assert each.phase.is_terminal, (where, str(each), each.timeline[-3:])
        assert not each.outbox and not each.drift, (where, str(each))
        told = each.reason and each.reason.cause in (Cause.ALARM, Cause.REQUESTED)
        assert not told or each.phase is not Phase.SUCCEEDED, (where, str(each))
