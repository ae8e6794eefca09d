"""Looks at many deployments at once: what they ask, what they note, and when a whole look has to follow."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from controller.core.model import Milestone, Phase, Routing, Transient
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.shift import Shift
from controller.dispatch import Dispatcher
from controller.reconcile.ticks.quiet_looks import turns
from tests.builders import NOW, PAST, after, deployment, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Fault, Refusal
from tests.cloud.under_way import (
    HALF,
    SPLIT,
    STABLE,
    fails,
    fires,
    live,
    operations,
    own_alarm,
    routing,
    saved_by_another,
    stored,
    under_way,
)
from tests.unit.raw_events import TICK, hears, line, looked_at

MINUTES_OF_A_TURN = 15
JUDGED = {
    "strategy": {"steps": [{"weight": 10, "hold": "1h"}, {"weight": 50, "hold": "10m"}], "bake": "30m"},
    "gates": {},
}
NAMES = tuple(
    name
    for name in (f"function-{number}" for number in range(30))
    if not any(turns(8, NOW + timedelta(minutes=minute))(live(name)) for minute in range(7))
)[:8]
"""Functions whose aliases no look reads in turn within the first minutes."""


@pytest.fixture
def busy(cloud: Cloud) -> Cloud:
    """Eight functions whose error gate has looked at minutes, the last just now; none of their requests fails."""
    for name in NAMES:
        put(cloud, name)
    cloud.advance(timedelta(minutes=3))
    return cloud


def put(cloud: Cloud, name: str, **gates: object) -> None:
    under_way(cloud, name, manifest=manifest(**{**JUDGED, "gates": gates}), shift=Shift(PAST).in_step(NOW, 1000))
    cloud.callers.clear()
    cloud.counted[name, "live"] = {"2": (900, 0), "3": (100, 0)}


def asked(cloud: Cloud, controller: Dispatcher) -> Counter[str]:
    """Lets a tick look; returns its calls by their operations."""
    first = len(cloud.calls)
    hears(controller, TICK)
    return Counter(call.operation for call in cloud.calls[first:])


def looks(cloud: Cloud, name: str) -> int:
    """How many looks of a function's error gate are noted?"""
    return stored(cloud, name).evidence.shift.evidence.units


def test_looks_with_nothing_to_do_make_one_call_for_all_to_each_service_and_none_to_lambda(
    busy: Cloud, controller: Dispatcher
) -> None:
    hears(controller, TICK)
    busy.advance(timedelta(minutes=1))
    assert asked(busy, controller) == {"Query": 1, "DescribeAlarms": 1, "BatchGetItem": 1, "GetMetricData": 1}


def test_minutes_without_errors_are_written_down_every_five_minutes_and_none_is_lost(
    busy: Cloud, controller: Dispatcher
) -> None:
    noted = []
    for _ in range(12):
        hears(controller, TICK)
        noted.append(looks(busy, NAMES[0]))
        busy.advance(timedelta(minutes=1))
    assert noted == [1, 1, 1, 1, 1, 6, 6, 6, 6, 6, 11, 11]


def test_minutes_that_were_not_written_down_are_judged_when_an_error_comes(busy: Cloud, controller: Dispatcher) -> None:
    for _ in range(4):
        hears(controller, TICK)
        busy.advance(timedelta(minutes=1))
    busy.counted[NAMES[0], "live"] = {"2": (900, 0), "3": (100, 1)}
    busy.advance(timedelta(minutes=2))
    hears(controller, TICK)
    found = stored(busy, NAMES[0]).evidence.shift
    assert (found.evidence.units, found.seen.canary_errors) == (7, 1)
    assert [looks(busy, name) for name in NAMES[1:3]] == [7, 7]


def test_the_log_counts_quiet_looks_and_names_the_others(busy: Cloud, controller: Dispatcher) -> None:
    fires(busy, NAMES[3])
    told = line(controller, TICK)
    assert (told["due"], told["quiet"], looked_at(told)) == (8, 7, [NAMES[3]])
    assert routing(busy, NAMES[3]) == STABLE


def test_few_deployments_are_looked_at_one_by_one(cloud: Cloud, controller: Dispatcher) -> None:
    for name in NAMES[:5]:
        put(cloud, name)
    assert asked(cloud, controller)["GetAlias"] >= 5


def test_a_step_whose_hold_is_over_is_taken_by_a_whole_look(busy: Cloud, controller: Dispatcher) -> None:
    under_way(
        busy, "quick", manifest=manifest(**{**JUDGED, "strategy": {"steps": [{"weight": 10, "hold": "1m"},
        {"weight": 50, "hold": "10m"}]}, "gates": {"min_invocations": 0}}), shift=Shift(PAST).in_step(NOW, 1000),
    )  # fmt: skip
    told = line(controller, TICK)
    assert (told["quiet"], looked_at(told)) == (8, ["quick"])
    assert routing(busy, "quick") == HALF


def test_an_alarm_that_is_to_be_put_again_is_put_by_a_whole_look(busy: Cloud, controller: Dispatcher) -> None:
    gates = {"errors": False, "min_invocations": 0}
    known = {"stable_before": ServedBefore(5_400, 12), "shift": Shift(PAST).in_step(NOW, 1000)}
    done = deployment(Phase.BAKING).done - {Milestone.ALARM_IN_BAKE}
    under_way(busy, "baking", Phase.BAKING, manifest=manifest(gates=gates), done=done, **known)
    told = line(controller, TICK)
    assert (told["quiet"], looked_at(told)) == (8, ["baking"])
    assert Milestone.ALARM_IN_BAKE in stored(busy, "baking").done


def test_every_alias_is_read_within_a_turn() -> None:
    for count, minutes in ((8, 15), (3_000, 15), (10_000, 50)):
        for name in NAMES:
            hit = [minute for minute in range(minutes) if turns(count, after(minutes=minute))(live(name))]
            assert len(hit) == 1


def test_an_alias_that_somebody_else_moved_is_noticed_within_a_turn(busy: Cloud, controller: Dispatcher) -> None:
    busy.lambda_.point(NAMES[0], "live", "1")
    for _ in range(MINUTES_OF_A_TURN):
        hears(controller, TICK)
        busy.advance(timedelta(minutes=1))
    assert stored(busy, NAMES[0]).traffic.drift == "version 1"
    assert routing(busy, NAMES[0]) == Routing("1")


def test_an_error_of_the_canary_is_noted_only_beside_the_alias_as_read(busy: Cloud, controller: Dispatcher) -> None:
    hears(controller, TICK)
    busy.counted[NAMES[0], "live"] = {"2": (900, 1), "3": (100, 1)}
    busy.counted[NAMES[1], "live"] = {"2": (900, 1), "3": (100, 0)}
    busy.advance(timedelta(minutes=3))
    assert asked(busy, controller)["GetAlias"] == 1
    assert stored(busy, NAMES[0]).evidence.shift.seen.canary_errors == 2
    assert stored(busy, NAMES[1]).evidence.shift.seen.stable_errors == 2


def test_errors_beside_a_moved_alias_say_nothing_about_the_canary(busy: Cloud, controller: Dispatcher) -> None:
    hears(controller, TICK)
    busy.lambda_.point(NAMES[0], "live", "2", {"3": 0.9})
    busy.counted[NAMES[0], "live"] = {"2": (100, 5), "3": (900, 45)}
    busy.advance(timedelta(minutes=3))
    told = line(controller, TICK)
    assert looked_at(told) == [NAMES[0]]
    assert stored(busy, NAMES[0]).traffic.drift == "version 2 with 90% to version 3"
    noted = looks(busy, NAMES[0])
    for _ in range(5):
        busy.advance(timedelta(minutes=1))
        hears(controller, TICK)
    assert looks(busy, NAMES[0]) == noted
    assert stored(busy, NAMES[0]).phase is Phase.SHIFTING


def test_a_batch_of_which_the_table_leaves_some_out_is_asked_for_again(busy: Cloud, controller: Dispatcher) -> None:
    busy.table.batch = 3
    assert line(controller, TICK)["quiet"] == 8


def test_deployments_that_the_table_leaves_out_for_good_are_looked_at_one_by_one(
    busy: Cloud, controller: Dispatcher
) -> None:
    busy.table.batch = 1
    told = line(controller, TICK)
    assert (told["quiet"], len(looked_at(told))) == (5, 3)


def test_a_table_that_reads_no_batches_leads_to_whole_looks(busy: Cloud, controller: Dispatcher) -> None:
    fails(busy, "BatchGetItem", Fault.THROTTLED)
    told = line(controller, TICK)
    assert (told["quiet"], sorted(looked_at(told))) == (0, sorted(NAMES))


def test_series_that_cannot_be_read_hold_their_own_deployment_alone(busy: Cloud, controller: Dispatcher) -> None:
    busy.metrics.unread = {NAMES[0]}
    assert line(controller, TICK)["quiet"] == 8
    assert stored(busy, NAMES[0]).evidence.unreadable_since is not None
    assert [looks(busy, name) for name in NAMES[:3]] == [0, 1, 1]
    busy.metrics.unread = set()
    busy.advance(timedelta(minutes=1))
    assert line(controller, TICK)["quiet"] == 8
    assert stored(busy, NAMES[0]).evidence.unreadable_since is None


@pytest.mark.parametrize("problem", [Fault.THROTTLED, Fault.SERVICE_ERROR, Fault.READ_TIMEOUT])
def test_with_cloudwatch_silent_everything_is_held_and_lambda_is_asked_nothing(
    busy: Cloud, controller: Dispatcher, problem: Fault
) -> None:
    fails(busy, "GetMetricData", problem)
    found = asked(busy, controller)
    assert (found["GetAlias"], found["GetMetricData"]) == (0, 1)
    assert all(stored(busy, name).evidence.unreadable_since for name in NAMES)
    assert {routing(busy, name) for name in NAMES} == {SPLIT}


def test_a_silent_cloudwatch_is_asked_once_by_a_tick(cloud: Cloud, controller: Dispatcher) -> None:
    for number in range(120):
        put(cloud, f"function-{number}")
    cloud.advance(timedelta(minutes=3))
    fails(cloud, "GetMetricData", Fault.THROTTLED)
    found = asked(cloud, controller)
    assert (found["BatchGetItem"], found["GetMetricData"]) == (2, 1)


def test_one_refused_question_keeps_no_other_from_its_answer(busy: Cloud, controller: Dispatcher) -> None:
    def refused(call: Call) -> None:
        if call.operation == "GetMetricData" and NAMES[0] in repr(call.parameters):
            raise Refusal(400, "ValidationError", "Invalid metric")

    busy.wire.on_attempt = refused
    assert line(controller, TICK)["quiet"] == 8
    assert [looks(busy, name) for name in NAMES[:3]] == [0, 1, 1]


def test_a_record_that_somebody_else_saves_meanwhile_stays_as_it_is(busy: Cloud, controller: Dispatcher) -> None:
    ours = stored(busy, NAMES[0])
    busy.meanwhile(lambda call: call.operation == "GetMetricData", lambda: saved_by_another(busy, ours))
    assert line(controller, TICK)["quiet"] == 8
    assert looks(busy, NAMES[0]) == 0


def test_a_record_that_cannot_be_saved_is_told_and_keeps_no_other_from_its_look(
    busy: Cloud, controller: Dispatcher
) -> None:
    fails(busy, "PutItem", Fault.SERVICE_ERROR, about=f"{NAMES[0]}:live")
    with pytest.raises(Transient, match=r"1 of 1 looks failed"):
        hears(controller, TICK)
    assert [looks(busy, name) for name in NAMES[:3]] == [0, 1, 1]


def test_alarms_that_cannot_be_read_lead_to_whole_looks_that_say_so(busy: Cloud, controller: Dispatcher) -> None:
    fails(busy, "DescribeAlarms", Fault.SERVICE_ERROR)
    told = line(controller, TICK)
    assert (told["quiet"], len(looked_at(told))) == (0, 8)
    assert all(stored(busy, name).evidence.unreadable_since for name in NAMES)


def test_a_firing_alarm_comes_before_quiet_looks(busy: Cloud, controller: Dispatcher) -> None:
    fires(busy, NAMES[5])
    hears(controller, TICK)
    found = operations(busy)
    assert found.index("UpdateAlias") < found.index("BatchGetItem")
    assert own_alarm(NAMES[5]) in stored(busy, NAMES[5]).reason.text  # type: ignore[union-attr]
