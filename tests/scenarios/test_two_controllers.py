"""Two controllers at work on one target: a second one does something, whole, between any two calls of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.faults import Call, Fault
from tests.cloud.scene import Scene

SPLIT = Routing("1", "2", 1000)
STABLE = Routing("1")
OWN = "slipway/checkout/live/1"


# -- a write that is under way while the deployment is rolled back ----------------------------------------------------


def _asks_for_a_rollback(story: Scene) -> None:
    story.requests("rollback")


def _drops_what_is_refused(story: Scene) -> None:
    """A newer artifact that supersedes, and fails before it has written the alias."""
    story.passes(timedelta(seconds=5)).drops("v3", gates={"alarms": ["nobody"], "min_invocations": 0})


@pytest.mark.parametrize("other", [_asks_for_a_rollback, _drops_what_is_refused])
def test_a_first_percent_on_its_way_does_not_land_after_the_rollback(
    story: Scene, other: Callable[[Scene], None]
) -> None:
    story.given_live().puts("v2").meanwhile("UpdateAlias", lambda: other(story))
    story.tells(story.upload("v2")).ticks(3)
    assert (story.phase(1), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("other", [_asks_for_a_rollback, _drops_what_is_refused])
def test_a_rollback_that_is_overtaken_by_the_first_percent_takes_it_back(
    story: Scene, other: Callable[[Scene], None]
) -> None:
    """The rollback saw the alias on stable; the percent landed before its own write."""
    story.given_live().puts("v2")

    def lands() -> None:
        story.cloud.lambda_.point("checkout", "live", "1", {"2": 0.1}, "slipway #1 deploys 2, back to 1")

    story.meanwhile("UpdateAlias", lambda: other(story.meanwhile("UpdateAlias", lands, 1)))
    story.tells(story.upload("v2")).ticks(3)
    assert (story.phase(1), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert "somebody else" not in "".join(story.timeline(1))


@pytest.mark.parametrize("call", ["GetAlias", "GetItem"])
@pytest.mark.parametrize("nth", range(1, 40))
def test_a_first_percent_whose_deployment_was_rolled_back_and_followed_does_not_land(call: str, nth: int) -> None:
    """A record of before, beside an alias of now, would look as if the percent were still to come: the alias is on
    stable, and tells of the next one.
    """
    story = Scene().given_live().puts("v2")

    def goes_back_twice() -> None:
        story.answer("rollback")
        story.passes(timedelta(seconds=5)).drops("v3").answer("rollback")

    story.meanwhile(call, goes_back_twice, nth).tells(story.upload("v2"))
    story.cloud.plan.forget_others()
    happened = story.deployments()[0].phase.is_terminal
    assert story.routing == (STABLE if happened else SPLIT)


# -- a request that is handled once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["GetAlias", "GetItem", "PutItem", "PutEvents"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_one_promote_never_ends_the_bake_as_well(call: str, nth: int) -> None:
    """Another wake-up saves in between, and the first one reads everything again."""
    story = Scene().given_shifting()
    story.meanwhile(call, story.ticks_now, nth).requests("promote")
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    assert "ended by request" not in "".join(story.timeline())


def test_a_promote_that_meets_a_promotion_does_not_end_the_bake(story: Scene) -> None:
    """The person saw the last step; when they are heard the tick has just promoted."""
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "5m"}], "bake": "30m"})
    story.passes(timedelta(minutes=5)).meanwhile("GetAlias", story.ticks_now, 2)
    story.requests("promote").ticks()
    assert story.phase() is Phase.BAKING
    assert "ended by request" not in "".join(story.timeline())


def test_a_promote_after_which_nobody_could_be_told_is_met_and_says_so(story: Scene) -> None:
    """Who is told that it failed asks again, and would end the bake."""
    story.given_shifting().down("events")
    answer = story.answer("promote")
    assert (answer["ok"], answer["deployment"]["phase"]) == (True, "BAKING")
    assert "telling EventBridge about checkout:live#1" in answer["unfinished"]
    story.up()
    story.ticks()
    assert story.told()[-1] is Phase.BAKING


# -- a rollback to the backup that meets another deployment -----------------------------------------------------------


@pytest.mark.parametrize(("call", "nth"), [("GetAlias", 1), ("GetAlias", 2), ("GetItem", 2)])
def test_a_rollback_to_the_backup_never_runs_beside_a_deployment_that_opens(call: str, nth: int) -> None:
    story = Scene().given_baking().ticks(31)
    story.meanwhile(call, lambda: story.passes(timedelta(seconds=5)).drops("v3"), nth)
    assert story.answer("rollback")["ok"]
    open_ones = [each for each in story.deployments() if not each.phase.is_terminal]
    assert open_ones == []
    assert (story.phase(2), story.routing) == (Phase.ROLLED_BACK, Routing("2"))


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_rollback_that_is_asked_for_at_the_end_of_the_bake_goes_back_all_the_same(nth: int) -> None:
    story = Scene().given_baking().passes(timedelta(minutes=31))
    story.meanwhile("GetAlias", story.ticks_now, nth)
    answer = story.answer("rollback")
    assert answer["ok"], answer
    assert (answer["deployment"]["phase"], story.routing) == ("ROLLED_BACK", STABLE)


# -- an alias that was read before the record moved on ----------------------------------------------------------------


def test_a_good_version_is_not_given_up_for_an_alias_that_was_read_too_early(story: Scene) -> None:
    """The alias as read still carries the older deployment's share; the record is the next one's already. The claim of
    the first controller is over by then.
    """
    story.given_shifting().given_alarm("theirs").turns("theirs")

    def gets_ready() -> None:
        assert story.passes(timedelta(minutes=3)).ticks_now().phase(2) is Phase.TESTING
        story.given_alarm("theirs")

    blocking = {"alarms": ["theirs"], "min_invocations": 0, "already_alarming": "block"}
    story.passes(timedelta(seconds=10)).meanwhile("GetItem", gets_ready, 2, about="head").drops("v3", gates=blocking)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


# -- an alarm's event that comes late ---------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["PutMetricAlarm", "UpdateAlias"])
def test_a_late_alarm_moves_nothing_of_the_next_deployment(story: Scene, call: str) -> None:
    """The alias still tells of the rollback; the next deployment has not written its first percent yet."""
    story.given_shifting().cloud.cloudwatch.move(OWN, "ALARM")
    late = story.cloud.events[-1]
    story.deliver()
    story.ticks(2).down(call).drops("v3").up()
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)
    failures, calls = list(story.failures), len(story.cloud.calls)
    story.tells(late)
    assert (story.failures, story.routing) == (failures, STABLE)
    assert {"UpdateAlias", "PutMetricAlarm"}.isdisjoint(story.operations(calls))
    story.ticks(2)
    assert story.routing == Routing("1", "3", 1000)


def test_a_rollback_that_the_alarm_finishes_for_a_throttled_tick_took_no_longer_than_that(story: Scene) -> None:
    until = story.given_shifting().cloud.clock.now + timedelta(seconds=50)
    story.cloud.cloudwatch.move(OWN, "ALARM")
    alarm = story.cloud.events.pop()

    def is_turned_away(call: Call) -> bool:
        return call.operation == "UpdateAlias" and call.at < until

    story.cloud.fail(is_turned_away, Fault.THROTTLED, times=None)
    story.ticks_now().passes(timedelta(seconds=5)).tells(alarm)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, STABLE)
    written = [call.at for call in story.cloud.calls if call.operation == "UpdateAlias"][-1]
    story.ticks(2)
    assert story.deployment().traffic.back_at == written
