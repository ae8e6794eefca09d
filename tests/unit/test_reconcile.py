"""The loop itself: what is read and in which order, how long it goes round, and whose turn comes next."""

from __future__ import annotations

import pytest

from controller.core.model import Cause, Conflict, Milestone, Phase, Routing, Transient
from controller.core.model.events import AlarmFired, NewerAccepted, PauseRequested, Tick
from controller.core.model.observation import AlarmState, Observation
from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW, after
from tests.fakes import World
from tests.unit.worlds import (
    DENIED,
    HALF,
    NOTICES,
    OWN,
    SPLIT,
    STABLE,
    count,
    fails,
    instead,
    step_over,
    stored,
    times,
    under_way,
    void,
    waits,
)

# -- what is read -----------------------------------------------------------------------------------------------------


def test_where_nothing_is_open_nothing_is_done(world: World, loop: Reconciler) -> None:
    assert loop.reconcile(CHECKOUT, Tick()) is None
    assert world.calls == ["aliases.read", "store.head"]


def test_a_number_that_nobody_has_is_none(loop: Reconciler) -> None:
    assert loop.reconcile(CHECKOUT, Tick(), 7) is None


def test_a_look_that_finds_nothing_to_do_reads_once_and_writes_nothing(world: World, loop: Reconciler) -> None:
    made = under_way(world)
    assert loop.reconcile(CHECKOUT, Tick(), 42) == made
    assert world.calls == ["aliases.read", "store.load", "alarms.states"]


def test_the_alias_is_read_before_the_record_in_every_round(world: World, loop: Reconciler) -> None:
    under_way(world)
    step_over(world)
    loop.reconcile(CHECKOUT, Tick())
    reads = [call for call in world.calls if call in ("aliases.read", "store.load")]
    assert len(reads) > 2
    assert reads == ["aliases.read", "store.load"] * (len(reads) // 2)


def test_the_record_is_saved_before_the_alias_is_written(world: World, loop: Reconciler) -> None:
    under_way(world)
    step_over(world)
    loop.reconcile(CHECKOUT, Tick())
    assert world.calls.index("store.save") < world.calls.index("aliases.route")
    assert world.routing(CHECKOUT) == HALF


def test_looking_changes_nothing(world: World, loop: Reconciler) -> None:
    made = under_way(world)
    step_over(world)
    seen = loop.look(made)
    assert seen == Observation(world.alias(CHECKOUT), {OWN: AlarmState.OK})
    assert world.calls == ["aliases.read", "alarms.states"]


# -- how long it goes round -------------------------------------------------------------------------------------------


def test_the_rounds_are_bounded_even_if_a_write_never_shows(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(world)
    step_over(world)
    stale = world.alias(CHECKOUT)
    instead(controller, "aliases.read", lambda *_, **__: stale)
    instead(controller, "aliases.route", lambda *_, **__: stale)
    loop.reconcile(CHECKOUT, Tick())
    assert 30 < count(world, "store.load") < 100


def test_the_longest_way_through_the_phases_needs_fewer_rounds_than_that(world: World, loop: Reconciler) -> None:
    under_way(world, phase=Phase.TESTING, done=frozenset({Milestone.IDENTIFIED}))
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.phase is Phase.SHIFTING and after_all.confirmed_at == NOW
    assert count(world, "store.load") < 20


def test_a_conflict_reads_everything_again(world: World, controller: Dispatcher, loop: Reconciler) -> None:
    under_way(world)
    step_over(world)
    fails(controller, "store.save", Conflict("somebody else saved"), times(1))
    loop.reconcile(CHECKOUT, Tick())
    assert world.routing(CHECKOUT) == HALF


@pytest.mark.parametrize("call", ["store.save", "aliases.route"])
def test_after_five_conflicts_it_is_left_to_the_next_tick(
    world: World, controller: Dispatcher, loop: Reconciler, call: str
) -> None:
    under_way(world)
    step_over(world)
    fails(controller, call, Conflict("somebody else was first"))
    with pytest.raises(Transient, match="somebody else keeps changing checkout:live") as caught:
        loop.reconcile(CHECKOUT, Tick())
    assert not isinstance(caught.value, Conflict)
    assert count(world, "aliases.read") == 5
    assert world.routing(CHECKOUT) == SPLIT


def test_the_event_is_not_lost_in_a_conflict(world: World, controller: Dispatcher, loop: Reconciler) -> None:
    under_way(world, alarms=["queue-age"])
    fails(controller, "store.save", Conflict("somebody else saved"), times(4))
    loop.reconcile(CHECKOUT, AlarmFired("queue-age", after(seconds=30)))
    assert (stored(world).phase, world.routing(CHECKOUT)) == (Phase.ROLLED_BACK, STABLE)


def test_a_rescue_reads_the_alias_again_where_somebody_was_faster(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(world)
    alarm = AlarmFired(OWN, after(seconds=30), CHECKOUT, "3")
    fails(controller, "aliases.route", Conflict("somebody else moved it"), times(4))
    rescued = loop.rescue(alarm)
    assert rescued is not None and rescued.routing == STABLE
    assert count(world, "aliases.read") == 5


def test_a_rescue_that_is_never_first_is_tried_again_by_the_platform(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(world)
    fails(controller, "aliases.route", Conflict("somebody else moved it"))
    with pytest.raises(Transient, match="somebody else keeps changing") as caught:
        loop.rescue(AlarmFired(OWN, after(seconds=30), CHECKOUT, "3"))
    assert not isinstance(caught.value, Conflict)
    assert count(world, "aliases.read") == 5


# -- drift ------------------------------------------------------------------------------------------------------------


def test_what_looks_like_drift_is_read_twice_before_it_is_believed(world: World, loop: Reconciler) -> None:
    under_way(world)
    world.move(CHECKOUT, Routing("7"))
    loop.reconcile(CHECKOUT, Tick())
    assert stored(world).drift == "version 7"
    first_save = world.calls.index("store.save")
    assert world.calls[:first_save].count("aliases.read") == 2
    assert world.routing(CHECKOUT) == Routing("7")


def test_drift_that_is_known_is_not_read_twice(world: World, loop: Reconciler) -> None:
    under_way(world, drift="version 7")
    world.move(CHECKOUT, Routing("7"))
    loop.reconcile(CHECKOUT, Tick())
    assert count(world, "aliases.read") == count(world, "store.load") == 1


def test_an_alias_that_moved_while_the_record_was_read_has_not_drifted(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    """Another wake-up went a step on between the two reads: the record knows of it, the alias as read does not."""
    under_way(world)
    step_over(world)
    world.meanwhile["store.load"] = lambda: void(world.dispatcher()._reconciler.reconcile(CHECKOUT, Tick()))
    loop.reconcile(CHECKOUT, Tick())
    assert world.routing(CHECKOUT) == HALF
    assert (stored(world).drift, stored(world).step) == ("", 1)
    assert all("somebody else" not in entry.text for entry in stored(world).timeline)


def test_an_alias_that_is_gone_is_read_twice_before_it_is_believed(world: World, loop: Reconciler) -> None:
    under_way(world)
    world.functions["checkout"].aliases.clear()
    loop.reconcile(CHECKOUT, Tick())
    first_save = world.calls.index("store.save")
    assert world.calls[:first_save].count("aliases.read") == 2
    reason = stored(world).reason
    assert (stored(world).phase, reason and reason.cause) == (Phase.ROLLED_BACK, Cause.DRIFT)
    assert world.alias(CHECKOUT) is None


# -- an alias that may not be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK])
def test_an_alias_that_may_not_be_read_is_tried_again_where_traffic_depends_on_it(
    world: World, controller: Dispatcher, loop: Reconciler, phase: Phase
) -> None:
    made = under_way(world, phase=phase)
    fails(controller, "aliases.read", DENIED)
    with pytest.raises(Transient, match="AccessDeniedException"):
        loop.reconcile(CHECKOUT, Tick())
    assert stored(world) == made


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING])
def test_an_alias_that_may_not_be_read_before_traffic_is_not_told_to_be_gone(
    world: World, controller: Dispatcher, loop: Reconciler, phase: Phase
) -> None:
    under_way(world, phase=phase, stable="2", preflighted=True)
    fails(controller, "aliases.read", DENIED)
    loop.reconcile(CHECKOUT, Tick())
    assert (stored(world).phase, stored(world).reason) == (Phase.FAILED, DENIED.reason)


def test_an_alias_that_may_not_be_read_keeps_nobody_from_being_told(
    world: World, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(world, phase=Phase.FAILED, outbox=NOTICES)
    fails(controller, "aliases.read", DENIED)
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert len(world.notices) == 2


# -- one after the other ----------------------------------------------------------------------------------------------


def test_the_end_of_one_is_the_turn_of_the_next_in_the_same_wake_up(world: World, loop: Reconciler) -> None:
    under_way(world, newer=43)
    waits(world, 43)
    ended = loop.reconcile(CHECKOUT, NewerAccepted(43))
    assert ended is not None and (ended.number, ended.phase) == (42, Phase.ROLLED_BACK)
    assert not world.deployment(CHECKOUT, 43).queued
    assert world.deployment(CHECKOUT, 43).preflighted


def test_one_that_waits_looks_at_the_open_one_first(world: World, loop: Reconciler) -> None:
    under_way(world, newer=43)
    begun = loop.begin(waits(world, 43))
    assert stored(world).phase is Phase.ROLLED_BACK
    assert begun.number == 43 and not begun.queued and begun.preflighted


def test_a_pause_is_followed_by_a_look_so_that_nothing_is_planned_blindly(world: World, loop: Reconciler) -> None:
    under_way(world)
    world.move(CHECKOUT, Routing("7"))
    loop.reconcile(CHECKOUT, PauseRequested())
    assert (stored(world).paused, stored(world).drift) == (True, "version 7")
    assert world.routing(CHECKOUT) == Routing("7")
