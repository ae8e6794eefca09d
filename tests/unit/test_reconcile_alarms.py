"""When a wake-up reads alarms and counts requests, and what it does where it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.manifest.settings import Manifest
from controller.core.model import Cause, Milestone, Phase, Reason
from controller.core.model.deployment import Failing
from controller.core.model.events import AlarmFired, Tick
from controller.core.model.observation import AlarmState
from controller.core.statistics.slow_requests import timeouts
from controller.reconcile.loop import Reconciler
from tests.builders import CHECKOUT, NOW, after, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault
from tests.cloud.under_way import (
    HALF,
    SPLIT,
    fails,
    fires,
    operations,
    own_alarm,
    routing,
    step_over,
    stored,
    under_way,
)

OWN = own_alarm("checkout")


def counting() -> Manifest:
    return manifest(
        gates={"alarms": [], "errors": False, "min_invocations": 50, "no_traffic": {"wait": "30m", "then": "rollback"}}
    )


def test_alarm_states_are_read_once_in_a_wake_up(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("GetItem") > 1
    assert operations(cloud).count("DescribeAlarms") == 1


def test_alarm_states_that_a_tick_has_read_are_not_read_again(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud)
    step_over(cloud)
    loop.reconcile(CHECKOUT, Tick(), 42, {OWN: AlarmState.OK, "theirs": AlarmState.FIRING})
    assert operations(cloud).count("DescribeAlarms") == 0
    assert routing(cloud) == HALF


def test_alarm_states_that_lack_one_are_read_again(cloud: Cloud, loop: Reconciler) -> None:
    """The alarm of its own may have been made since the tick read them."""
    under_way(cloud)
    fires(cloud)
    loop.reconcile(CHECKOUT, Tick(), 42, {"theirs": AlarmState.OK})
    assert operations(cloud).count("DescribeAlarms") == 1
    assert stored(cloud).phase is Phase.ROLLED_BACK


def test_for_an_alarms_own_event_no_alarm_is_read(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, alarms=["queue-age"])
    loop.reconcile(CHECKOUT, AlarmFired("queue-age", after(seconds=30)))
    assert stored(cloud).phase is Phase.ROLLED_BACK
    assert operations(cloud).count("DescribeAlarms") == 0


def test_an_alarms_event_that_changes_nothing_is_followed_by_a_look_at_all_alarms(
    cloud: Cloud, loop: Reconciler
) -> None:
    under_way(cloud, alarms=["queue-age"])
    loop.reconcile(CHECKOUT, AlarmFired("theirs", after(seconds=30)))
    assert operations(cloud).count("DescribeAlarms") == 1
    assert stored(cloud).phase is Phase.SHIFTING


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.ROLLING_BACK, Phase.SUCCEEDED])
def test_where_alarms_do_not_count_they_are_not_read(cloud: Cloud, loop: Reconciler, phase: Phase) -> None:
    under_way(cloud, phase=phase, alarms=["queue-age"], **FAILING.get(phase, {}))
    loop.reconcile(CHECKOUT, Tick(), 42)
    assert operations(cloud).count("DescribeAlarms") == 0


def test_a_first_deployment_reads_no_alarms(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, phase=Phase.TESTING, alarms=["queue-age"], stable=None, done=frozenset({Milestone.IDENTIFIED}))
    cloud.lambda_.functions["checkout"].aliases.clear()
    loop.reconcile(CHECKOUT, Tick())
    assert (stored(cloud).phase, operations(cloud).count("DescribeAlarms")) == (Phase.SUCCEEDED, 0)


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_alarms_that_cannot_be_read_hold_the_step_and_raise_nothing(
    cloud: Cloud, loop: Reconciler, problem: Fault
) -> None:
    under_way(cloud)
    step_over(cloud)
    fails(cloud, "DescribeAlarms", problem)
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.evidence.unreadable_since is not None
    assert routing(cloud) == SPLIT


@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_requests_that_cannot_be_counted_hold_the_step_and_raise_nothing(
    cloud: Cloud, loop: Reconciler, problem: Fault
) -> None:
    under_way(cloud, manifest=counting())
    cloud.advance(timedelta(minutes=50))
    fails(cloud, "GetMetricData", problem)
    loop.reconcile(CHECKOUT, Tick())
    assert (stored(cloud).phase, routing(cloud)) == (Phase.SHIFTING, SPLIT)


def test_requests_are_counted_only_once_the_hold_is_over(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, manifest=counting())
    cloud.callers["checkout", "live"] = 600
    loop.reconcile(CHECKOUT, Tick())
    assert "GetMetricData" not in operations(cloud)
    step_over(cloud)
    loop.reconcile(CHECKOUT, Tick())
    assert "GetMetricData" in operations(cloud)
    assert routing(cloud) == HALF


def pacing(**gates: object) -> Manifest:
    return manifest(gates={"alarms": [], "errors": False, "min_invocations": 0, **gates})


TIMEOUTS = {"timeouts": {"significance": 0.01}}


def test_the_pace_is_read_in_one_call_and_only_where_a_gate_goes_by_it(cloud: Cloud, loop: Reconciler) -> None:
    made = under_way(cloud)
    loop.look(made)
    assert operations(cloud).count("GetMetricData") == 0
    loop.look(replace(made, manifest=pacing(latency={"significance": 0.01}, throttles={"percent": 1})))
    assert operations(cloud).count("GetMetricData") == 1
    assert operations(cloud).count("GetFunction") == 0


def test_the_timeouts_of_both_versions_are_read_once(cloud: Cloud, loop: Reconciler) -> None:
    under_way(cloud, manifest=pacing(**TIMEOUTS))
    loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("GetFunction") == 2
    (known,) = stored(cloud).evidence.slow_requests
    assert (known.threshold, known.since) == (timeouts(timedelta(seconds=3), timedelta(seconds=3)), NOW)
    cloud.advance(timedelta(minutes=1))
    loop.reconcile(CHECKOUT, Tick())
    assert operations(cloud).count("GetFunction") == 2


@pytest.mark.parametrize("call", ["GetMetricData", "GetFunction"])
@pytest.mark.parametrize("problem", [Fault.SERVICE_ERROR, Fault.DENIED])
def test_a_pace_that_cannot_be_read_holds_the_step_and_raises_nothing(
    cloud: Cloud, loop: Reconciler, problem: Fault, call: str
) -> None:
    under_way(cloud, manifest=pacing(**TIMEOUTS))
    step_over(cloud)
    fails(cloud, call, problem)
    after_all = loop.reconcile(CHECKOUT, Tick())
    assert after_all is not None and after_all.evidence.unreadable_since is not None
    assert routing(cloud) == SPLIT


FAILING: dict[Phase, dict[str, Any]] = {
    Phase.PREPARING: {"failing": Failing(Reason(Cause.DEADLINE, "too late"), NOW), "stable": "2"},
}
