"""The phase x event table: no cell is missing, and each cell does what its name says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.gates.hooks.answers import read_answer
from controller.core.lifecycle.refusals import REQUESTS, refusal
from controller.core.lifecycle.state_machine import TABLE, edges, transition
from controller.core.lifecycle.transitions.edits import nothing, refuse
from controller.core.manifest.settings import HookPoint
from controller.core.model import (
    Alias,
    Approval,
    Cause,
    Milestone,
    Notice,
    Person,
    Phase,
    Reason,
    Routing,
    TestOutcome,
    events,
    outcomes,
)
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.observation import AlarmState, Observation
from tests.builders import (
    CHECKOUT,
    NOW,
    ROUTINGS,
    after,
    armed,
    artifact,
    brought_back,
    changed,
    confirmed,
    deployment,
    manifest,
    seen,
)  # fmt: skip

OWN = "slipway/checkout/live/42"
NAMED = "checkout-p99"
SPLIT = ROUTINGS[Phase.SHIFTING]
STABLE = Routing("2")
CANARY = Routing("3")
FIRING = {NAMED: AlarmState.FIRING, OWN: AlarmState.OK}
QUIET = {NAMED: AlarmState.OK, OWN: AlarmState.OK}
EVENTS: dict[type, Any] = {
    events.Tick: events.Tick(),
    events.AlarmFired: events.AlarmFired(NAMED, after(minutes=1)),
    events.NewerAccepted: events.NewerAccepted(43),
    events.PromoteRequested: events.PromoteRequested(),
    events.NextRequested: events.NextRequested(),
    events.RollbackRequested: events.RollbackRequested(person=Person(why="smells")),
    events.PauseRequested: events.PauseRequested(),
    events.ResumeRequested: events.ResumeRequested(),
    events.AcceptDriftRequested: events.AcceptDriftRequested(),
    events.ApproveRequested: events.ApproveRequested(),
    events.DenyRequested: events.DenyRequested(),
    events.OverrideRequested: events.OverrideRequested(NAMED, person=Person("alice", "it is the fix")),
    events.OverrideFreezeRequested: events.OverrideFreezeRequested(person=Person("alice", "it is the fix")),
    outcomes.Preflighted: outcomes.Preflighted("2"),
    outcomes.Onboarded: outcomes.Onboarded("2"),
    outcomes.Identified: outcomes.Identified("sha-3"),
    outcomes.Published: outcomes.Published("3", "sha-3"),
    outcomes.Unchanged: outcomes.Unchanged("2"),
    outcomes.Delayed: outcomes.Delayed(DelayKind.AT_WORK, Reason(Cause.PUBLISH_FAILED, "AWS is at work")),
    outcomes.EffectRefused: outcomes.EffectRefused(Reason(Cause.PREFLIGHT, "the role differs")),
    outcomes.Tested: outcomes.Tested((TestOutcome("ping", True, 0.1),)),
    outcomes.Routed: outcomes.Routed(Alias(Routing("2"), "revision-2", "")),
    outcomes.CaughtUp: outcomes.CaughtUp(),
    outcomes.BecameActive: outcomes.BecameActive(),
    outcomes.Asleep: outcomes.Asleep("version 2 is Pending"),
    outcomes.Restored: outcomes.Restored("3"),
    outcomes.Finished: outcomes.Finished(Milestone.BACKED_UP),
    outcomes.AlarmMade: outcomes.AlarmMade(Milestone.ALARM_MADE, timedelta(seconds=3)),
    outcomes.Sent: outcomes.Sent(Notice(NOW, Phase.PREPARING, "hello")),
    outcomes.HookAnswered: outcomes.HookAnswered(HookPoint.EACH_STEP, 0, 1, read_answer({"status": "FAILED"})),
}
ASKING = manifest(
    strategy={
        "steps": [{"pause": "1h"}, {"weight": 10, "hold": "5m"}, {"pause": "1h"}, {"weight": 50, "hold": "10m"}],
        "bake": "30m",
    },
    gates={"alarms": [NAMED], "errors": False, "min_invocations": 0, "already_alarming": "block"},
)
VIEWS = (
    None, STABLE, SPLIT, CANARY, Routing("7"), Routing("2", "3", 5000),
)  # fmt: skip


def test_every_event_has_a_cell_in_every_phase() -> None:
    assert set(TABLE) == set(EVENTS)
    assert all(set(row) == set(Phase) for row in TABLE.values())


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_a_cell_enters_only_the_phases_it_declares(kind: type, phase: Phase) -> None:
    move = TABLE[kind][phase]
    allowed = {phase, *move.leads_to}  # type: ignore[attr-defined]
    reached = confirmed(phase) if phase in ROUTINGS else deployment(phase)
    for before in (deployment(phase), reached, changed(reached, manifest=ASKING, approval=Approval(NOW))):
        for view in VIEWS:
            for alarms in (QUIET, FIRING):
                for now in (NOW, after(minutes=1), after(hours=2), after(days=2)):
                    found = transition(before, EVENTS[kind], seen(view, alarms=alarms), now)
                    assert found.phase in allowed, (view, alarms, now)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_terminal])
@pytest.mark.parametrize(
    "kind",
    [kind for kind in EVENTS if kind not in (outcomes.Finished, outcomes.AlarmMade, outcomes.Restored, outcomes.Sent)],
    ids=lambda kind: kind.__name__,
)
def test_an_ended_deployment_stays_as_it_is(kind: type, phase: Phase) -> None:
    before = deployment(phase, done=frozenset(Milestone))
    assert transition(before, EVENTS[kind], seen(SPLIT, alarms=FIRING), after(hours=1)) is before


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_a_waiting_deployment_stays_as_it_is(kind: type) -> None:
    before = deployment(queued=True)
    assert transition(before, EVENTS[kind], seen(STABLE), NOW) is before


def test_no_phase_that_serves_can_end_without_a_way_back_or_a_promotion() -> None:
    assert (Phase.SHIFTING, Phase.FAILED) not in edges()
    assert (Phase.SHIFTING, Phase.SUCCEEDED) not in edges()


# -- before traffic ---------------------------------------------------------------------------------------------------


def test_a_version_is_tested_before_it_serves() -> None:
    found = transition(deployment(preflighted=True, stable="2"), outcomes.Published("3", "s"), seen(STABLE), NOW)
    assert (found.phase, found.canary) == (Phase.PREPARING, "3")
    found = transition(found, outcomes.BecameActive(), seen(STABLE), NOW)
    assert found.phase is Phase.TESTING
    assert transition(found, events.Tick(), seen(STABLE), NOW).phase is Phase.TESTING


def test_passed_tests_start_the_first_step() -> None:
    found = _tested(deployment(Phase.TESTING), seen(STABLE, alarms=QUIET), NOW)
    assert (found.phase, found.traffic.step, found.traffic.confirmed_at) == (Phase.SHIFTING, 0, None)
    assert found.traffic.expected_routings == (STABLE, SPLIT)


def test_a_failed_test_ends_in_failed_once_the_stable_code_is_back() -> None:
    found = transition(
        deployment(Phase.TESTING), outcomes.Tested((TestOutcome("ping", False, 1, "no"),)), seen(STABLE), NOW
    )
    assert found.phase is Phase.TESTING
    assert found.failing and found.failing.reason.cause is Cause.TEST_FAILED
    found = transition(found, outcomes.Finished(Milestone.RESTORED), seen(STABLE), NOW)
    assert transition(found, events.Tick(), seen(STABLE), NOW).phase is Phase.FAILED


def test_a_function_that_cannot_be_restored_does_not_keep_a_failing_deployment_open() -> None:
    failing = transition(deployment(Phase.TESTING), events.RollbackRequested(), seen(STABLE), NOW)
    assert transition(failing, events.Tick(), seen(STABLE), after(minutes=15)).phase is Phase.FAILED


def test_quarantined_bytes_fail_before_anything_is_touched() -> None:
    refused = outcomes.Identified("sha-3", Reason(Cause.QUARANTINED, "rolled back before"))
    found = transition(deployment(preflighted=True, stable="2"), refused, seen(STABLE), NOW)
    assert found.phase is Phase.FAILED
    assert Milestone.IDENTIFIED not in found.done


def test_the_stable_version_under_its_old_number_is_no_change() -> None:
    found = transition(deployment(preflighted=True, stable="2"), outcomes.Published("2", "s"), seen(STABLE), NOW)
    assert found.phase is Phase.SUCCEEDED
    assert found.reason and found.reason.cause is Cause.UNCHANGED


def test_a_first_deployment_goes_to_all_traffic_after_its_tests() -> None:
    first = deployment(Phase.TESTING, stable=None)
    found = _tested(first, seen(None), NOW)
    assert (found.phase, found.traffic.expected_routings) == (Phase.BAKING, (CANARY,))


def test_a_first_deployment_that_fails_its_tests_leaves_no_alias() -> None:
    first = deployment(Phase.TESTING, stable=None)
    found = transition(first, outcomes.Tested((TestOutcome("ping", False, 1, "no"),)), seen(None), NOW)
    assert found.phase is Phase.FAILED


def test_an_alias_that_moved_before_the_first_percent_ends_the_deployment() -> None:
    found = _tested(deployment(Phase.TESTING), seen(Routing("7"), alarms=QUIET), NOW)
    assert found.objection and found.objection.cause is Cause.DRIFT


def test_an_alarm_that_fires_already_can_block_the_start() -> None:
    blocking = deployment(Phase.TESTING, manifest=manifest(gates={"alarms": [NAMED], "already_alarming": "block"}))
    assert _tested(blocking, seen(STABLE, alarms=FIRING), NOW).phase is Phase.TESTING
    assert _tested(blocking, seen(STABLE, alarms=QUIET), NOW).phase is Phase.SHIFTING


def test_the_deadline_ends_what_never_served() -> None:
    found = transition(deployment(), events.Tick(), seen(STABLE), after(days=1))
    assert found.phase is Phase.FAILED
    assert found.reason and found.reason.cause is Cause.DEADLINE


# -- in traffic -------------------------------------------------------------------------------------------------------


def test_a_hold_counts_from_when_the_alias_was_seen_to_carry_the_step() -> None:
    entered = deployment(Phase.SHIFTING)
    assert transition(entered, events.Tick(), seen(STABLE, alarms=QUIET), after(hours=1)).traffic.confirmed_at is None
    late = transition(entered, events.Tick(), seen(SPLIT, description=armed(), alarms=QUIET), after(hours=1))
    assert (late.traffic.confirmed_at, late.traffic.step) == (after(hours=1), 0)


def test_a_step_ends_when_its_hold_is_over() -> None:
    holding = confirmed(Phase.SHIFTING)
    assert transition(holding, events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=4.9)) is holding
    found = transition(holding, events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=5))
    assert (found.traffic.step, found.traffic.confirmed_at) == (1, None)


def test_the_last_step_promotes() -> None:
    last = changed(confirmed(Phase.SHIFTING, step=1), expected_routings=(Routing("2", "3", 5000),))
    found = transition(last, events.Tick(), seen(Routing("2", "3", 5000), alarms=QUIET), after(minutes=10))
    assert found.phase is Phase.BAKING


def test_a_bake_disarms_the_way_back_before_it_succeeds() -> None:
    baking = confirmed(Phase.BAKING)
    closing = transition(baking, events.Tick(), seen(CANARY, alarms=QUIET, description=armed()), after(minutes=30))
    assert (closing.phase, closing.traffic.closing) == (Phase.BAKING, True)
    still = transition(closing, events.Tick(), seen(CANARY, alarms=QUIET, description=armed()), after(minutes=31))
    assert still.phase is Phase.BAKING
    done = transition(
        closing, events.Tick(), seen(CANARY, alarms=QUIET, description="slipway #42 deployed 3"), after(minutes=31)
    )
    assert done.phase is Phase.SUCCEEDED


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_a_firing_alarm_seen_by_a_tick_rolls_back(phase: Phase) -> None:
    found = transition(confirmed(phase), events.Tick(), seen(ROUTINGS[phase], alarms=FIRING), after(minutes=1))
    assert found.phase is Phase.ROLLING_BACK
    assert found.reason == Reason(Cause.ALARM, "alarm checkout-p99 is firing")


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
@pytest.mark.parametrize("version", [None, "3"])
def test_an_alarm_event_rolls_back_without_being_seen_firing(phase: Phase, version: str | None) -> None:
    alarm = events.AlarmFired(NAMED, after(minutes=1), CHECKOUT, version)
    assert transition(confirmed(phase), alarm, seen(ROUTINGS[phase]), after(minutes=1)).phase is Phase.ROLLING_BACK


@pytest.mark.parametrize(
    "alarm",
    [
        events.AlarmFired(NAMED, after(minutes=-1)),
        events.AlarmFired(NAMED, after(minutes=1), CHECKOUT, "2"),
        events.AlarmFired("somebody-elses", after(minutes=1)),
        events.AlarmFired("slipway/checkout/live/41", after(minutes=1), CHECKOUT, "3"),
    ],
    ids=["from before the first percent", "about the stable version", "not named", "of another deployment"],
)
def test_any_other_alarm_is_a_no_op(alarm: events.AlarmFired) -> None:
    before = confirmed(Phase.BAKING)
    assert transition(before, alarm, seen(CANARY), after(minutes=2)) is before


def test_an_alarm_that_fired_before_the_start_is_ignored_until_it_was_ok() -> None:
    started = _tested(deployment(Phase.TESTING), seen(STABLE, alarms=FIRING), NOW)
    assert started.alarms.disarmed == {NAMED}
    shifting = changed(started, confirmed_at=NOW, expected_routings=(SPLIT,))
    assert transition(shifting, events.Tick(), seen(SPLIT, alarms=FIRING), after(minutes=1)).phase is Phase.SHIFTING
    calm = transition(shifting, events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=2))
    assert not calm.alarms.disarmed
    assert transition(calm, events.Tick(), seen(SPLIT, alarms=FIRING), after(minutes=3)).phase is Phase.ROLLING_BACK


def test_an_alarm_that_calms_down_to_no_data_is_armed_too() -> None:
    """Its metric has points only while something is wrong, so it is never OK."""
    shifting = confirmed(Phase.SHIFTING, disarmed=frozenset({NAMED}))
    no_data = {**QUIET, NAMED: AlarmState.INSUFFICIENT_DATA}
    for silent in ({**QUIET, NAMED: AlarmState.MISSING}, {OWN: AlarmState.OK}):
        assert transition(shifting, events.Tick(), seen(SPLIT, alarms=silent), after(minutes=1)).alarms.disarmed == {
            NAMED
        }
    calm = transition(shifting, events.Tick(), seen(SPLIT, alarms=no_data), after(minutes=1))
    assert not calm.alarms.disarmed
    assert transition(calm, events.Tick(), seen(SPLIT, alarms=FIRING), after(minutes=2)).phase is Phase.ROLLING_BACK


def test_an_event_that_says_the_alarm_was_ok_arms_it() -> None:
    shifting = confirmed(Phase.SHIFTING, disarmed=frozenset({NAMED}))
    alarm = events.AlarmFired(NAMED, after(minutes=1))
    assert transition(shifting, alarm, seen(SPLIT), after(minutes=1)).phase is Phase.SHIFTING
    was_calm = replace(alarm, was_calm=True)
    assert transition(shifting, was_calm, seen(SPLIT), after(minutes=1)).phase is Phase.ROLLING_BACK


def test_unreadable_alarms_hold_and_then_roll_back() -> None:
    shifting = confirmed(Phase.SHIFTING)
    unread = Observation(seen(SPLIT).alias, None, unreadable=True)
    held = transition(shifting, events.Tick(), unread, after(minutes=6))
    assert (held.phase, held.traffic.step, held.evidence.unreadable_since) == (Phase.SHIFTING, 0, after(minutes=6))
    back = transition(held, events.Tick(), unread, after(minutes=21))
    assert back.reason and back.reason.cause is Cause.ALARMS_UNREADABLE


def test_alarms_that_can_be_read_again_forget_the_blind_time() -> None:
    unread = confirmed(Phase.SHIFTING, unreadable_since=NOW)
    found = transition(unread, events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=14))
    assert found.evidence.unreadable_since is None


def test_too_few_requests_hold_a_step_and_then_roll_back() -> None:
    shifting = confirmed(
        Phase.SHIFTING,
        manifest=manifest(gates={"min_invocations": 50, "no_traffic": {"wait": "30m", "then": "rollback"}}),
    )
    few = replace(seen(SPLIT, alarms={OWN: AlarmState.OK}), canary_invocations=49)
    assert transition(shifting, events.Tick(), few, after(minutes=9)) is shifting
    back = transition(shifting, events.Tick(), few, after(minutes=35))
    assert back.reason and back.reason.cause is Cause.NO_TRAFFIC


@pytest.mark.parametrize(("then", "step"), [("hold", 0), ("promote", 1)])
def test_no_traffic_does_what_the_manifest_says(then: str, step: int) -> None:
    shifting = confirmed(
        Phase.SHIFTING, manifest=manifest(gates={"min_invocations": 50, "no_traffic": {"wait": "30m", "then": then}})
    )
    none = replace(seen(SPLIT, alarms={OWN: AlarmState.OK}), canary_invocations=0)
    found = transition(shifting, events.Tick(), none, after(minutes=36))
    assert (found.phase, found.traffic.step) == (Phase.SHIFTING, step)


def test_requests_that_cannot_be_counted_are_not_no_requests() -> None:
    shifting = confirmed(Phase.SHIFTING, manifest=manifest(gates={"min_invocations": 50}))
    uncounted = seen(SPLIT, alarms={OWN: AlarmState.OK})
    held = transition(shifting, events.Tick(), uncounted, after(hours=3))
    assert (held.phase, held.traffic.step, held.evidence.unreadable_since) == (Phase.SHIFTING, 0, after(hours=3))


def test_requests_that_cannot_be_counted_hold_for_a_bounded_time() -> None:
    shifting = confirmed(
        Phase.SHIFTING, manifest=manifest(gates={"min_invocations": 50}), unreadable_since=after(minutes=5)
    )
    uncounted = seen(SPLIT, alarms={OWN: AlarmState.OK})
    assert transition(shifting, events.Tick(), uncounted, after(minutes=19)).phase is Phase.SHIFTING
    back = transition(shifting, events.Tick(), uncounted, after(minutes=20))
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.ALARMS_UNREADABLE


def test_a_pause_holds_a_step_but_not_a_rollback() -> None:
    paused = transition(confirmed(Phase.SHIFTING), events.PauseRequested(), seen(SPLIT), NOW)
    assert transition(paused, events.Tick(), seen(SPLIT, alarms=QUIET), after(hours=1)).traffic.step == 0
    assert transition(paused, events.Tick(), seen(SPLIT, alarms=FIRING), after(hours=1)).phase is Phase.ROLLING_BACK


def test_resume_lets_a_paused_deployment_go_on() -> None:
    paused = confirmed(Phase.SHIFTING, paused=True)
    going = transition(paused, events.ResumeRequested(), seen(SPLIT), after(minutes=6))
    assert transition(going, events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=6)).traffic.step == 1


def test_on_failure_freeze_stops_where_it_is() -> None:
    frozen = transition(
        confirmed(Phase.SHIFTING, manifest=manifest(on_failure="freeze")),
        events.Tick(),
        seen(SPLIT, alarms=FIRING),
        NOW,
    )
    assert (frozen.phase, frozen.hold.paused) == (Phase.SHIFTING, True)
    assert transition(frozen, events.Tick(), seen(SPLIT, alarms=FIRING), after(minutes=1)) is frozen
    assert transition(frozen, events.RollbackRequested(), seen(SPLIT), NOW).phase is Phase.ROLLING_BACK
    assert transition(frozen, events.PromoteRequested(), seen(SPLIT, alarms=FIRING), NOW).phase is Phase.BAKING


def test_promote_skips_the_remaining_steps() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.PromoteRequested(), seen(SPLIT, alarms=QUIET), NOW)
    assert (found.phase, found.traffic.expected_routings) == (Phase.BAKING, (SPLIT, CANARY))


def test_promote_does_not_outrun_a_firing_alarm() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.PromoteRequested(), seen(SPLIT, alarms=FIRING), NOW)
    assert found.phase is Phase.ROLLING_BACK


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_a_newer_artifact_sends_traffic_back_to_stable(phase: Phase) -> None:
    found = transition(confirmed(phase), events.NewerAccepted(43), seen(ROUTINGS[phase]), NOW)
    assert found.phase is Phase.ROLLING_BACK
    assert found.reason and found.reason.cause is Cause.SUPERSEDED


def test_a_deadline_in_traffic_rolls_back() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.Tick(), seen(SPLIT, alarms=QUIET), after(days=1))
    assert found.reason and found.reason.cause is Cause.DEADLINE


# -- drift ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [Routing("7"), STABLE, Routing("2", "3", 5000), Routing("2", "9", 1000)])
def test_an_alias_that_somebody_else_moved_is_left_alone(view: Routing | None) -> None:
    found = transition(confirmed(Phase.SHIFTING), events.Tick(), seen(view, alarms=QUIET), after(minutes=6))
    assert (found.phase, found.traffic.step) == (Phase.SHIFTING, 0)
    assert found.traffic.drift


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING, Phase.SHIFTING, Phase.BAKING])
@pytest.mark.parametrize("held", [{}, {"paused": True}, {"drift": "version 7"}], ids=str)
def test_an_alias_that_is_gone_ends_the_deployment(phase: Phase, held: dict[str, Any]) -> None:
    before = changed(deployment(phase, stable="2"), **held)
    found = transition(before, events.Tick(), seen(None, alarms=QUIET), after(minutes=1))
    assert found.objection and found.objection.cause is Cause.DRIFT
    assert "checkout:live does not exist any more" in found.objection.text
    cleaning_up = {Phase.PREPARING: Phase.FAILED, Phase.TESTING: Phase.TESTING}
    assert found.phase is cleaning_up.get(phase, Phase.ROLLING_BACK)
    assert (found.hold.paused, found.traffic.drift) == (False, "") if phase.serves else True


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING, Phase.BAKING])
def test_an_alias_that_a_first_deployment_has_still_to_make_is_not_gone(phase: Phase) -> None:
    before = deployment(phase, stable=None, preflighted=True, expected_routings=(CANARY,))
    found = transition(before, events.Tick(), seen(None, alarms=QUIET), after(minutes=1))
    assert (found.phase, found.reason) == (phase, None)


def test_a_first_deployment_whose_alias_is_gone_is_over() -> None:
    before = confirmed(Phase.BAKING, stable=None)
    found = transition(before, events.Tick(), seen(None, alarms=QUIET), after(minutes=1))
    assert (found.phase, found.reason and found.reason.cause) == (Phase.ROLLED_BACK, Cause.DRIFT)


def test_a_rollback_ends_where_its_version_is_gone() -> None:
    gone = Reason(Cause.DRIFT, "UpdateAlias of checkout:live to version 2 failed: not found; somebody deleted it")
    before = deployment(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "alarm x is firing"))
    told = transition(before, outcomes.EffectRefused(gone), seen(CANARY), after(minutes=1))
    assert (told.phase, told.timeline[-1].text) == (Phase.ROLLING_BACK, gone.text)
    found = transition(told, outcomes.EffectRefused(gone), seen(CANARY), after(minutes=1))
    assert found.phase is Phase.FAILED
    assert found.timeline[-1].text == (
        f"FAILED: rollback is impossible: {gone.text}; the reason for the rollback was: alarm x is firing"
    )


def test_a_refusal_once_traffic_is_back_does_not_fail_the_rollback() -> None:
    refused = outcomes.EffectRefused(Reason(Cause.DRIFT, "somebody deleted it"))
    found = confirmed(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "alarm x is firing"))
    for _ in range(3):
        found = transition(found, refused, seen(STABLE), after(minutes=1))
    assert found.phase is Phase.ROLLING_BACK


@pytest.mark.parametrize("view", [Routing("7"), STABLE, Routing("2", "9", 1000)])
def test_an_alarm_does_not_overwrite_a_drifted_alias_that_spares_the_canary(view: Routing) -> None:
    found = transition(confirmed(Phase.SHIFTING), events.Tick(), seen(view, alarms=FIRING), after(minutes=1))
    assert found.phase is Phase.SHIFTING


@pytest.mark.parametrize("view", [Routing("7"), STABLE, Routing("2", "9", 1000)])
def test_nor_does_its_event(view: Routing) -> None:
    found = transition(confirmed(Phase.SHIFTING), events.AlarmFired("checkout-p99", NOW), seen(view), NOW)
    assert found == confirmed(Phase.SHIFTING)


def test_an_alarm_takes_traffic_from_the_canary_at_whatever_weight_it_has() -> None:
    found = transition(
        confirmed(Phase.SHIFTING), events.Tick(), seen(Routing("2", "3", 9000), alarms=FIRING), after(minutes=1)
    )
    assert found.phase is Phase.ROLLING_BACK
    assert Routing("2", "3", 9000) in found.traffic.expected_routings


def test_a_request_to_roll_back_overwrites_a_drifted_alias() -> None:
    drifted = confirmed(Phase.SHIFTING, drift="version 7")
    found = transition(drifted, events.RollbackRequested(), seen(Routing("7")), NOW)
    assert (found.phase, found.traffic.drift) == (Phase.ROLLING_BACK, "")
    assert Routing("7") in found.traffic.expected_routings


def test_accepted_drift_ends_the_deployment_on_that_version() -> None:
    found = transition(
        confirmed(Phase.SHIFTING, drift="version 7"), events.AcceptDriftRequested(), seen(Routing("7")), NOW
    )
    assert (found.phase, found.reason and found.reason.cause) == (Phase.ROLLED_BACK, Cause.DRIFT)


def test_accepted_drift_to_the_canary_goes_on_to_bake() -> None:
    found = transition(confirmed(Phase.SHIFTING, drift="version 3"), events.AcceptDriftRequested(), seen(CANARY), NOW)
    assert found.phase is Phase.BAKING


def test_drift_to_two_versions_cannot_be_accepted() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), seen(Routing("7", "8", 100)), NOW)
    assert (found.phase, bool(found.traffic.drift)) == (Phase.SHIFTING, True)


def test_an_alias_that_comes_back_by_itself_goes_on() -> None:
    found = transition(
        confirmed(Phase.SHIFTING, drift="version 7"), events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=1)
    )
    assert found.traffic.drift == ""


def test_a_newer_artifact_does_not_overwrite_a_drifted_alias() -> None:
    before = confirmed(Phase.SHIFTING, drift="version 7")
    assert transition(before, events.NewerAccepted(43), seen(Routing("7")), NOW) is before


# -- back -------------------------------------------------------------------------------------------------------------


def test_a_rollback_ends_when_the_alias_was_seen_back_and_all_is_cleaned_up() -> None:
    view = seen(STABLE, description=brought_back())
    back = deployment(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "alarm x is firing"))
    seen_back = transition(back, events.Tick(), view, NOW)
    assert (seen_back.phase, seen_back.traffic.confirmed_at) == (Phase.ROLLING_BACK, NOW)
    for milestone in (Milestone.AWAKE, Milestone.QUARANTINED, Milestone.BACKUP_RESTORED, Milestone.RESTORED):
        seen_back = transition(seen_back, outcomes.Finished(milestone), view, NOW)
    assert transition(seen_back, events.Tick(), view, NOW).phase is Phase.ROLLED_BACK


def test_a_rollback_is_not_done_by_an_alias_that_never_left_stable() -> None:
    """The first percent may be on its way to it."""
    back = deployment(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "x"), done=frozenset(Milestone))
    found = transition(back, events.Tick(), seen(STABLE, description=armed()), NOW)
    assert (found.phase, found.traffic.confirmed_at) == (Phase.ROLLING_BACK, None)


def test_a_rollback_is_never_done_before_the_alias_was_seen_back() -> None:
    done = frozenset(Milestone)
    back = deployment(Phase.ROLLING_BACK, reason=Reason(Cause.ALARM, "x"), done=done)
    assert transition(back, events.Tick(), seen(SPLIT), after(days=3)).phase is Phase.ROLLING_BACK


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (": alarm checkout-p99 is firing", Reason(Cause.ALARM, "alarm checkout-p99 is firing")),
        (" (requested): a person asked", Reason(Cause.REQUESTED, "a person asked")),
    ],
)
def test_an_alias_brought_back_by_its_own_words_makes_the_record_follow(said: str, reason: Reason) -> None:
    view = seen(STABLE, alarms=QUIET, description=f"slipway #42 rolled back 3 to 2{said}")
    found = transition(confirmed(Phase.SHIFTING), events.Tick(), view, NOW)
    assert (found.phase, found.reason) == (Phase.ROLLING_BACK, reason)


def test_the_words_of_an_older_rollback_do_not_count() -> None:
    line = "slipway #41 rolled back 1 to 2: alarm x is firing"
    found = transition(confirmed(Phase.SHIFTING), events.Tick(), seen(STABLE, alarms=QUIET, description=line), NOW)
    assert found.traffic.drift == "version 2"


def test_aws_refusing_a_rollback_is_told_once() -> None:
    refused = outcomes.EffectRefused(Reason(Cause.PUBLISH_FAILED, "no such version"))
    once = transition(deployment(Phase.ROLLING_BACK), refused, seen(SPLIT), NOW)
    assert len(once.bookkeeping.outbox) == 1
    assert transition(once, refused, seen(SPLIT), after(minutes=1)) is once


# -- what people are told ---------------------------------------------------------------------------------------------


def test_each_change_of_phase_leaves_one_notice() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.PromoteRequested(), seen(SPLIT, alarms=QUIET), NOW)
    assert [notice.phase for notice in found.bookkeeping.outbox] == [Phase.BAKING]
    assert transition(found, outcomes.Sent(found.bookkeeping.outbox[0]), seen(SPLIT), NOW).bookkeeping.outbox == ()


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("word", REQUESTS)
def test_a_refused_request_says_what_is_allowed(word: str, phase: Phase) -> None:
    request = EVENTS[REQUESTS[word]]
    refused = TABLE[type(request)][phase] is refuse
    goes_on = word in ("promote", "next", "approve", "deny")
    view = CANARY if goes_on and phase is Phase.BAKING else SPLIT if goes_on else Routing("7")
    before = deployment(phase, manifest=ASKING, confirmed_at=NOW, approval=Approval(NOW, given=word == "next"))
    text = refusal(before, request, seen(view))
    assert (text is not None) == refused
    assert text is None or ("allowed now: " in text and phase.value in text)


def test_what_slipway_wrote_is_no_drift() -> None:
    text = refusal(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), seen(SPLIT))
    assert text and "no drift to accept" in text


def test_what_slipway_brought_back_without_its_record_is_no_drift() -> None:
    back = seen(STABLE, description=brought_back())
    text = refusal(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), back)
    assert text and "no drift to accept" in text
    assert refusal(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), seen(STABLE)) is None


def test_a_drifted_alias_cannot_be_promoted_over() -> None:
    text = refusal(confirmed(Phase.SHIFTING), events.PromoteRequested(), seen(Routing("7")))
    assert text and "send accept_drift" in text


def test_a_first_deployment_has_no_way_back() -> None:
    first = confirmed(Phase.BAKING, stable=None)
    text = refusal(first, events.RollbackRequested(), seen(CANARY))
    assert text and "first deployment" in text


def test_the_cells_nothing_and_refuse_leave_the_record_as_it_is() -> None:
    before = deployment()
    assert nothing(before, None, seen(None), NOW) is refuse(before, None, seen(None), NOW) is before


def test_an_older_artifact_is_recognised_by_time_then_by_sequencer_of_the_same_key() -> None:
    assert artifact(uploaded_at=after(seconds=-1)).is_older_than(artifact())
    assert artifact(sequencer="09").is_older_than(artifact())
    assert artifact(sequencer="0").is_older_than(artifact(sequencer="01"))
    assert not artifact(key="checkout/4.zip", sequencer="09").is_older_than(artifact())


def _tested(before: Any, view: Observation, now: datetime) -> Any:
    tested = transition(before, outcomes.Tested(()), view, now)
    return transition(tested, events.Tick(), view, now)
