"""What a call that fails leaves undone, what it does not keep from being done, and when it is tried again."""

from __future__ import annotations

import pytest

from controller.core.model import Cause, Deployment, Milestone, Notice, NotYet, Phase, Reason, Throttled, Transient
from controller.core.model.delay import DelayKind
from controller.core.model.events import Tick
from controller.core.model.observation import AlarmState
from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW
from tests.fakes import World, Zip
from tests.unit.worlds import (
    DENIED,
    DOWN,
    HALF,
    NOTICES,
    OWN,
    count,
    fails,
    step_over,
    stored,
    times,
    under_way,
    with_a_test,
)


def test_an_effect_that_failed_is_not_tried_again_in_the_same_wake_up(world: World, loop: Reconciler) -> None:
    under_way(world, phase=Phase.TESTING, manifest=with_a_test(), outbox=NOTICES)
    world.down = {"versions.invoke"}
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "versions.invoke") == 1
    assert count(world, "store.load") > 1, "the notices moved the record, so there was another round"


def test_the_next_wake_up_tries_it_again(world: World, loop: Reconciler) -> None:
    under_way(world, phase=Phase.TESTING, manifest=with_a_test())
    world.down = {"versions.invoke"}
    for _ in range(2):
        loop.reconcile(CHECKOUT, Tick())
    assert count(world, "versions.invoke") == 2
    world.forget_faults()
    loop.reconcile(CHECKOUT, Tick())
    assert stored(world).phase is Phase.SHIFTING


def test_people_are_told_also_where_another_effect_failed(world: World, loop: Reconciler) -> None:
    under_way(world, phase=Phase.TESTING, manifest=with_a_test(), outbox=NOTICES)
    world.down = {"versions.invoke"}
    loop.reconcile(CHECKOUT, Tick())
    assert [notice.text for _, notice in world.notices] == ["first", "second"]
    assert stored(world).outbox == ()


def test_a_notice_that_fails_does_not_keep_the_next_one(world: World, controller: Dispatcher, loop: Reconciler) -> None:
    under_way(world, outbox=NOTICES)
    fails(controller, "notices.send", DOWN, lambda _, notice: notice.text == "first")
    with pytest.raises(Transient, match="it is down"):
        loop.reconcile(CHECKOUT, Tick())
    assert [notice.text for _, notice in world.notices] == ["second"]
    assert stored(world).outbox == NOTICES[:1]


def test_each_notice_that_fails_is_tried_once_in_a_wake_up(world: World, loop: Reconciler) -> None:
    under_way(world, outbox=NOTICES)
    world.down = {"notices"}
    step_over(world)
    with pytest.raises(Transient):
        loop.reconcile(CHECKOUT, Tick())
    assert count(world, "notices.send") == 2


def test_nothing_that_failed_is_tried_again_however_much_else_fails_after_it(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    reason = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
    under_way(world, phase=Phase.ROLLING_BACK, reason=reason, outbox=NOTICES)
    world.down = {"store.quarantine", "publishing.restore"}
    tried = []

    def is_first(_: Deployment, notice: Notice) -> bool:
        tried.append(notice)
        return notice.text == "first"

    fails(controller, "notices.send", DOWN, is_first)
    with pytest.raises(Transient, match=r"store\.quarantine is down"):
        loop.reconcile(CHECKOUT, Tick())
    assert (count(world, "store.quarantine"), count(world, "publishing.restore")) == (1, 1)
    assert tried == list(NOTICES)


def test_notices_that_fail_do_not_hold_the_traffic(world: World, loop: Reconciler) -> None:
    under_way(world, outbox=NOTICES)
    world.down = {"notices"}
    step_over(world)
    with pytest.raises(Transient):
        loop.reconcile(CHECKOUT, Tick())
    assert world.routing(CHECKOUT) == HALF
    assert stored(world).confirmed_at == world.now


def test_what_follows_an_effect_that_failed_is_not_done_in_its_round(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    """An alias that could not be written is not to be backed by a quarantine and a restored $LATEST."""
    under_way(world)
    world.alarms[OWN] = AlarmState.FIRING
    world.down = {"aliases.route"}
    with pytest.raises(Transient, match=r"aliases\.route is down"):
        loop.reconcile(CHECKOUT, Tick())
    assert (stored(world).phase, stored(world).done & {Milestone.QUARANTINED, Milestone.RESTORED}) == (
        Phase.ROLLING_BACK,
        frozenset(),
    )
    assert [notice.phase for _, notice in world.notices] == [Phase.ROLLING_BACK]


def test_the_first_failure_of_several_is_the_one_that_is_raised(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    reason = Reason(Cause.ALARM, "alarm checkout-p99 is firing")
    under_way(world, phase=Phase.ROLLING_BACK, reason=reason, outbox=NOTICES)
    world.down = {"publishing.restore", "store.quarantine", "notices"}
    with pytest.raises(Transient, match=r"store\.quarantine is down"):
        loop.reconcile(CHECKOUT, Tick())


EFFECTS = {
    "publishing.facts": {},
    "publishing.onboard": {"preflighted": True, "onboards": True},
    "publishing.identify": {"preflighted": True, "stable": "2"},
    "publishing.publish": {"preflighted": True, "stable": "2", "done": frozenset({Milestone.IDENTIFIED})},
    "versions.invoke": {"phase": Phase.TESTING, "manifest": with_a_test()},
}


@pytest.mark.parametrize("call", EFFECTS)
def test_before_traffic_a_call_that_fails_is_noted_and_not_raised(world: World, loop: Reconciler, call: str) -> None:
    """A tick that failed for it would be made twice more, and be a dead letter, in every minute."""
    under_way(world, **{"phase": Phase.PREPARING, **EFFECTS[call]})
    world.down = {call}
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(world).delay
    assert noted is not None
    assert (noted.kind, noted.said) == (DelayKind.FAILING, f"{call} is down")
    assert stored(world).timeline[-1].text == noted.in_words()


@pytest.mark.parametrize("outage", ["alarms.states", "store.made_by", "store.quarantined"])
def test_what_a_deployment_only_asks_beside_its_work_is_not_counted_against_it(
    world: World, loop: Reconciler, outage: str
) -> None:
    under_way(world, phase=Phase.PREPARING, alarms=["queue-age"])
    world.down = {outage}
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(world).delay
    assert noted is not None
    assert (noted.kind, noted.failing_since) == (DelayKind.OUTAGE, None)
    world.forget_faults()
    world.zips[stored(world).artifact.key] = Zip("{}", NOW)
    loop.reconcile(CHECKOUT, Tick())
    assert stored(world).delay is None


@pytest.mark.parametrize(
    ("raised", "kind"), [(NotYet("AWS is at work"), DelayKind.AT_WORK), (Throttled("busy"), DelayKind.THROTTLED)]
)
def test_aws_at_work_and_a_throttle_are_no_failures(
    world: World, controller: Dispatcher, loop: Reconciler, raised: Transient, kind: DelayKind
) -> None:
    under_way(world, phase=Phase.TESTING, manifest=with_a_test())
    fails(controller, "versions.invoke", raised)
    loop.reconcile(CHECKOUT, Tick())
    noted = stored(world).delay
    assert noted is not None and noted.kind is kind


def test_what_is_refused_for_good_is_decided_on_and_not_raised(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(world)
    step_over(world)
    fails(controller, "aliases.route", DENIED, times(1))
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.phase is Phase.ROLLED_BACK
    assert after_all.reason == DENIED.reason
