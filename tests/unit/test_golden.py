"""Records that an older release stored are read by today's code.

The files of tests/golden were written once and are never written again. A change that breaks this test breaks the
deployments that are open while a new controller takes over.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from controller.core.manifest.settings import HookPoint
from controller.core.model import (
    Approval,
    Artifact,
    Cause,
    Deployment,
    Milestone,
    Phase,
    Reason,
    Routing,
    Target,
    TestOutcome,
)
from controller.core.model.deployment.hold.delay import Delay, DelayKind
from controller.core.model.deployment.hook_run import HookStatus
from controller.core.records.codec import from_record, to_record
from controller.core.routing.desired import wanted
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.history import Kind
from controller.core.statistics.sample_ratio import SampleRatio
from controller.core.statistics.sequential_evidence import Minute
from controller.core.statistics.slow_requests import Measure, Threshold
from tests.builders import NOW, after

FOLDER = Path(__file__).parents[1] / "golden"
FILES = sorted(FOLDER.glob("schema-1-*.json"))
PING = TestOutcome("ping", passed=True, seconds=0.123)


def read(phase: Phase) -> Deployment:
    return from_record(json.loads((FOLDER / f"schema-1-{phase.value}.json").read_text()), 7)


def test_every_phase_has_its_record() -> None:
    assert {file.stem.removeprefix("schema-1-") for file in FILES} == {phase.value for phase in Phase}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_writing_it_again_loses_nothing(file: Path) -> None:
    record = json.loads(file.read_text())
    assert holds(to_record(from_record(record, 7)), record)


def holds(again: object, record: object) -> bool:
    """Is all of the record still there? What holds it may have gained fields."""
    match record, again:
        case dict(), dict():
            return all(name in again and holds(again[name], part) for name, part in record.items())
        case list(), list():
            return len(again) == len(record) and all(map(holds, again, record))
    return again == record


@pytest.mark.parametrize("again", [{"a": [{"b": 2}]}, {"a": []}, {}, {"a": [{}]}, {"a": [{"b": 1}, {"b": 1}]}])
def test_a_lost_field_is_noticed(again: object) -> None:
    assert holds({"a": [{"b": 1, "c": 2}], "d": 3}, {"a": [{"b": 1}]})
    assert not holds(again, {"a": [{"b": 1}]})


@pytest.mark.parametrize("phase", Phase)
def test_the_fields_of_every_record(phase: Phase) -> None:
    found = read(phase)
    assert (found.target, found.number, found.phase, found.revision) == (Target("checkout", "live"), 42, phase, 7)
    assert found.artifact == Artifact("drop", "checkout/3.zip", "v3", NOW, "0A", 1000)
    assert (found.alarms.own, found.opened_at) == ("slipway/checkout/live/42", NOW)
    assert found.manifest.gates.alarms == ("checkout-p99",)
    assert [step.weight for step in found.manifest.strategy.steps] == [1000, 5000]
    assert found.manifest.tests[0].payload == {"ping": True, "price": 0.5}
    assert found.extra == {}


def test_preparing() -> None:
    found = read(Phase.PREPARING)
    assert (found.hold.queued, found.lifts_quarantine, found.versions.preflighted, found.stable) == (
        True,
        True,
        False,
        None,
    )


def test_testing() -> None:
    found = read(Phase.TESTING)
    assert (found.stable, found.canary, found.versions.sha256, found.done) == (
        "2",
        "3",
        "sha-3",
        frozenset({Milestone.IDENTIFIED}),
    )
    assert found.versions.stable_artifact and found.versions.stable_artifact.key == "checkout/2.zip"
    assert [notice.phase for notice in found.bookkeeping.outbox] == [Phase.TESTING]


def test_shifting() -> None:
    found = read(Phase.SHIFTING)
    assert wanted(found) == Routing("2", "3", 5000)
    assert (found.traffic.step, found.traffic.confirmed_at, found.traffic.since) == (1, after(minutes=7), NOW)
    assert (found.alarms.disarmed, found.hold.newer, found.hold.paused) == (frozenset({"checkout-p99"}), 43, True)
    assert found.evidence.tests == (PING,)
    assert len(found.timeline) == 3


def test_the_evidence_of_a_shift() -> None:
    found = read(Phase.SHIFTING)
    assert (found.evidence.shift.seen, found.evidence.shift.whole, found.evidence.shift.evidence.units) == (
        Minute(100, 3, 900, 1),
        1.5,
        1,
    )
    assert found.evidence.shift.past and found.evidence.shift.past.history.kind is Kind.BURSTY
    assert found.evidence.sample_ratio == SampleRatio(NOW, 100, 900)
    (slow_requests,) = found.evidence.slow_requests
    assert slow_requests.threshold == Threshold(Measure.P99, timedelta(milliseconds=240), timedelta(milliseconds=240))
    assert (slow_requests.judgement.canary_errors, len(slow_requests.judgement.evidence.sums)) == (3, 6)
    assert [metric.bake.before for metric in found.evidence.metrics] == [((800, 1),)]


def test_hooks_and_approvals() -> None:
    found = read(Phase.SHIFTING)
    assert [(run.point, run.status, run.calls) for run in found.evidence.hooks] == [
        (HookPoint.BEFORE_TRAFFIC, HookStatus.SUCCEEDED, 1),
        (HookPoint.EACH_STEP, HookStatus.IN_PROGRESS, 2),
    ]
    assert found.evidence.hooks[1].state == '{"run": 1.5}'
    assert found.hold.approval == Approval(after(minutes=5), given=True, overdue=True)
    assert read(Phase.TESTING).hold.approval == Approval(after(minutes=5))


def test_delays() -> None:
    found = read(Phase.PREPARING)
    assert found.hold.delay == Delay(DelayKind.FAILING, "Invoke of checkout:3 failed: no", "mend it", after(minutes=3))
    assert found.versions.behind == 41


def test_the_evidence_of_a_bake() -> None:
    found = read(Phase.BAKING)
    assert (found.evidence.stable_before, found.evidence.bake.before) == (ServedBefore(5400, 12), ((900, 1), (880, 0)))
    assert found.evidence.bake.judgement.stable_invocations == 900


def test_baking() -> None:
    found = read(Phase.BAKING)
    assert wanted(found) == Routing("3")
    assert (found.traffic.closing, found.traffic.drift, found.evidence.unreadable_since) == (
        True,
        "version 7",
        after(minutes=21),
    )


def test_rolling_back() -> None:
    found = read(Phase.ROLLING_BACK)
    assert wanted(found) == Routing("2")
    assert found.reason == Reason(Cause.ALARM, "alarm checkout-p99 is firing")
    assert found.traffic.expected_routings == (Routing("2", "3", 1000), Routing("2"))
    assert found.cleans_up_since == NOW


@pytest.mark.parametrize(
    ("phase", "cause"),
    [(Phase.SUCCEEDED, Cause.PROMOTED), (Phase.ROLLED_BACK, Cause.ALARM), (Phase.FAILED, Cause.TEST_FAILED)],
)
def test_the_ends(phase: Phase, cause: Cause) -> None:
    found = read(phase)
    assert found.reason and found.reason.cause is cause
    assert wanted(found) is None


def test_a_failed_test_is_remembered() -> None:
    found = read(Phase.FAILED)
    assert found.evidence.tests == (TestOutcome("ping", passed=False, seconds=2.5, why="it took 2.50s, allowed: 2s"),)
    assert found.versions.onboards
