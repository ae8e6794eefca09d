"""The loop itself: what is read and in which order, how long it goes round, and whose turn comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Conflict, Milestone, Notice, Phase, Routing, Transient
from controller.core.model.events import AlarmFired, NewerAccepted, PauseRequested, Tick
from controller.core.model.observation import AlarmState
from controller.dispatch import Dispatcher
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW, after
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.many_functions import controller as started
from tests.cloud.under_way import (
    HALF,
    SPLIT,
    STABLE,
    fails,
    operations,
    own_alarm,
    routing,
    somebody_moves,
    somebody_saves,
    step_over,
    stored,
    under_way,
    waits,
)

OWN = own_alarm("checkout")
NOTICES = (Notice(NOW, Phase.TESTING, "first"), Notice(NOW, Phase.TESTING, "second"))


# -- what is read -----------------------------------------------------------------------------------------------------


def test_where_nothing_is_open_nothing_is_done(cloud: Cloud, loop: Reconciler) -> None:
    assert loop.reconcile(CHECKOUT, Tick()) is None
    assert operations(cloud) == ["GetAlias", "GetItem"]


def test_a_number_that_nobody_has_is_none(loop: Reconciler) -> None:
    assert loop.reconcile(CHECKOUT, Tick(), 7) is None


def test_a_look_that_finds_nothing_to_do_reads_once_and_writes_nothing(cloud: Cloud, loop: Reconciler) -> None:
    made = under_way(cloud)
    assert loop.reconcile(CHECKOUT, Tick(), 42) == made
    assert operations(cloud) == ["GetAlias", "GetItem", "DescribeAlarms"]


def reads(cloud: Cloud) -> list[str]:
    """Returns the readings of the alias and of the record, in their order."""
    both = (call for call in cloud.calls if call.operation in ("GetAlias", "GetItem"))
    return [call.operation for call in both if "freezes#all" not in str(call.parameters)]


def test_the_alias_is_read_before_the_record_in_every_round(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, done=frozenset({Milestone.IDENTIFIED}))
    loop.reconcile(CHECKOUT, Tick(), 42)
    found = reads(cloud)
    assert found[:6] == ["GetAlias", "GetItem"] * 3


def test_an_alias_that_this_wake_up_has_just_written_is_not_read_again(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    after_all = loop.reconcile(CHECKOUT, Tick(), 42)
    assert after_all is not None and after_all.traffic.confirmed_at is not None and routing(cloud) == HALF
    assert reads(cloud)[:2] == ["GetAlias", "GetItem"] and "GetAlias" not in reads(cloud)[2:]


def test_an_alias_that_was_written_a_while_ago_is_read_again(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    write = cloud.lambda_._update_alias

    def slowly(parameters: Any) -> Any:
        answer = write(parameters)
        cloud.meanwhile(lambda call: call.operation == "PutItem", lambda: cloud.advance(timedelta(seconds=11)))
        return answer

    cloud.lambda_._update_alias = slowly  # type: ignore[method-assign]
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert reads(cloud).count("GetAlias") > 1


def test_the_record_is_saved_before_the_alias_is_written(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).index("PutItem") < operations(cloud).index("UpdateAlias")
    assert routing(cloud) == HALF


def test_looking_changes_nothing(cloud: Cloud, loop: Reconciler) -> None:
    made = under_way(cloud)
    step_over(cloud)
    seen = loop.look(made)
    assert operations(cloud) == ["GetAlias", "DescribeAlarms", "GetItem"]
    assert (seen.routing, seen.alarms) == (SPLIT, {OWN: AlarmState.OK})
    assert (stored(cloud), routing(cloud)) == (made, SPLIT)


# -- how long it goes round -------------------------------------------------------------------------------------------


def test_the_rounds_are_bounded_even_if_a_write_never_shows(
    cloud: Cloud, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(cloud)
    step_over(cloud)
    alias = cloud.lambda_.functions["checkout"].aliases["live"]
    before = dict(alias)
    cloud.lambda_._get_alias = lambda _: dict(before)  # type: ignore[method-assign]
    cloud.lambda_._update_alias = lambda _: dict(before)  # type: ignore[method-assign]
    loop.reconcile(CHECKOUT, Tick())
    assert 30 < operations(cloud).count("UpdateAlias") < 100


def test_the_longest_way_through_the_phases_needs_fewer_rounds_than_that(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, done=frozenset({Milestone.IDENTIFIED}))
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.phase is Phase.SHIFTING and after_all.traffic.confirmed_at == NOW
    assert operations(cloud).count("GetAlias") < 20


def test_a_conflict_reads_everything_again(cloud: Cloud, controller: Dispatcher, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    somebody_saves(cloud, 1)
    loop.reconcile(CHECKOUT, Tick())
    assert routing(cloud) == HALF


@pytest.mark.parametrize("somebody", [somebody_saves, somebody_moves])
def test_after_five_conflicts_it_is_left_to_the_next_tick(
    cloud: Cloud, loop: Reconciler, somebody: Callable[[Cloud, int], None]
) -> None:
    under_way(cloud)
    step_over(cloud)
    somebody(cloud, 5)
    with pytest.raises(Transient, match="somebody else keeps changing checkout:live") as caught:
        loop.reconcile(CHECKOUT, Tick())
    assert not isinstance(caught.value, Conflict)
    assert operations(cloud).count("GetAlias") == 5
    assert routing(cloud) == SPLIT


def test_the_event_is_not_lost_in_a_conflict(cloud: Cloud, controller: Dispatcher, loop: Reconciler) -> None:
    under_way(cloud, alarms=["queue-age"])
    somebody_saves(cloud, 4)
    loop.reconcile(CHECKOUT, AlarmFired("queue-age", after(seconds=30)))
    assert (stored(cloud).phase, routing(cloud)) == (Phase.ROLLED_BACK, STABLE)


def test_an_emergency_rollback_reads_the_alias_again_where_somebody_was_faster(
    cloud: Cloud, controller: Dispatcher
) -> None:
    under_way(cloud)
    alarm = AlarmFired(OWN, after(seconds=30), CHECKOUT, "3")
    somebody_moves(cloud, 4)
    back = controller._emergency_rollback.from_alarm(alarm)
    assert back is not None and (back.alias.routing, back.by_us) == (STABLE, True)
    assert operations(cloud).count("GetAlias") == 5


def test_an_emergency_rollback_that_is_never_first_is_tried_again_by_the_platform(
    cloud: Cloud, controller: Dispatcher
) -> None:
    under_way(cloud)
    somebody_moves(cloud, 5)
    with pytest.raises(Transient, match="somebody else keeps changing") as caught:
        controller._emergency_rollback.from_alarm(AlarmFired(OWN, after(seconds=30), CHECKOUT, "3"))
    assert not isinstance(caught.value, Conflict)
    assert operations(cloud).count("GetAlias") == 5


# -- drift ------------------------------------------------------------------------------------------------------------


def test_what_looks_like_drift_is_read_twice_before_it_is_believed(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    cloud.lambda_.point("checkout", "live", "1")
    loop.reconcile(CHECKOUT, Tick())
    assert stored(cloud).traffic.drift == "version 1"
    first_save = operations(cloud).index("PutItem")
    assert operations(cloud)[:first_save].count("GetAlias") == 2
    assert routing(cloud) == Routing("1")


def test_drift_that_is_known_is_not_read_twice(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, drift="version 1")
    cloud.lambda_.point("checkout", "live", "1")
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert operations(cloud).count("GetAlias") == operations(cloud).count("GetItem") == 1


def test_an_alias_that_moved_while_the_record_was_read_has_not_drifted(
    cloud: Cloud, controller: Dispatcher, loop: Reconciler
) -> None:
    """Another wake-up went a step on between the two reads: the record knows of it, the alias as read does not."""
    under_way(cloud)
    step_over(cloud)
    other = started(cloud)._reconciler
    cloud.meanwhile(lambda call: call.operation == "GetItem", lambda: other.reconcile(CHECKOUT, Tick()))
    loop.reconcile(CHECKOUT, Tick())
    assert routing(cloud) == HALF
    assert (stored(cloud).traffic.drift, stored(cloud).traffic.step) == ("", 1)
    assert all("somebody else" not in entry.text for entry in stored(cloud).timeline)


def test_an_alias_that_is_gone_is_read_twice_before_it_is_believed(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    cloud.lambda_.functions["checkout"].aliases.clear()
    loop.reconcile(CHECKOUT, Tick())
    first_save = operations(cloud).index("PutItem")
    assert operations(cloud)[:first_save].count("GetAlias") == 2
    reason = stored(cloud).reason
    assert (stored(cloud).phase, reason and reason.cause) == (Phase.ROLLED_BACK, Cause.DRIFT)
    assert routing(cloud) is None


# -- an alias that may not be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK])
def test_an_alias_that_may_not_be_read_is_tried_again_where_traffic_depends_on_it(
    cloud: Cloud, controller: Dispatcher, loop: Reconciler, phase: Phase
) -> None:
    made = under_way(cloud, phase=phase)
    fails(cloud, "GetAlias", Fault.DENIED)
    with pytest.raises(Transient, match="not authorized to perform: lambda:GetAlias"):
        loop.reconcile(CHECKOUT, Tick())
    assert stored(cloud) == made


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING])
def test_an_alias_that_may_not_be_read_before_traffic_is_not_told_to_be_gone(
    cloud: Cloud, controller: Dispatcher, loop: Reconciler, phase: Phase
) -> None:
    under_way(cloud, phase=phase, stable="2", preflighted=True)
    fails(cloud, "GetAlias", Fault.DENIED)
    loop.reconcile(CHECKOUT, Tick())
    reason = stored(cloud).reason
    assert (stored(cloud).phase, reason and reason.cause) == (Phase.FAILED, Cause.PUBLISH_FAILED)


def test_an_alias_that_may_not_be_read_keeps_nobody_from_being_told(
    cloud: Cloud, controller: Dispatcher, loop: Reconciler
) -> None:
    under_way(cloud, phase=Phase.FAILED, outbox=NOTICES)
    fails(cloud, "GetAlias", Fault.DENIED)
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert [each["text"] for each in cloud.bus.details] == ["first", "second"]


# -- one after the other ----------------------------------------------------------------------------------------------


def test_the_end_of_one_is_the_turn_of_the_next_in_the_same_wake_up(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, newer=43)
    waits(cloud, 43)
    ended = loop.reconcile(CHECKOUT, NewerAccepted(43))
    assert ended is not None and (ended.number, ended.phase) == (42, Phase.ROLLED_BACK)
    assert not stored(cloud, number=43).hold.queued
    assert stored(cloud, number=43).versions.preflighted


def test_a_queued_deployment_looks_at_the_open_one_first(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, newer=43)
    begun = loop.begin(waits(cloud, 43))
    assert stored(cloud).phase is Phase.ROLLED_BACK
    assert begun.number == 43 and not begun.hold.queued and begun.versions.preflighted


def test_a_pause_is_followed_by_a_look_so_that_nothing_is_planned_blindly(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    cloud.lambda_.point("checkout", "live", "1")
    loop.reconcile(CHECKOUT, PauseRequested())
    assert (stored(cloud).hold.paused, stored(cloud).traffic.drift) == (True, "version 1")
    assert routing(cloud) == Routing("1")
