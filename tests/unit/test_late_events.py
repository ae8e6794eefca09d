"""Events that come late, or once more: after a person has decided, for another phase, or over another routing."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase, Reason, Routing, events
from controller.core.model.observation import AlarmState
from tests.builders import NOW, ROUTINGS, after, brought_back, changed, confirmed, manifest, seen

NAMED = "checkout-p99"
STABLE, SPLIT, CANARY = Routing("2"), ROUTINGS[Phase.SHIFTING], Routing("3")
FIRING, QUIET = {NAMED: AlarmState.FIRING}, {NAMED: AlarmState.OK}
PROMOTE = events.PromoteRequested()


def fired(minutes: int, **changes: Any) -> events.AlarmFired:
    return events.AlarmFired(NAMED, after(minutes=minutes), **changes)


def frozen(phase: Phase, **changes: Any) -> Deployment:
    """Returns a deployment that an alarm has frozen; on_failure leaves it to a person."""
    reason = Reason(Cause.ALARM, f"alarm {NAMED} is firing")
    return confirmed(phase, manifest=manifest(on_failure="freeze"), frozen=reason, paused=True, **changes)


# -- an alarm ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_an_alarm_from_before_a_person_overruled_it_is_answered(phase: Phase) -> None:
    before = confirmed(phase, overruled_at=after(minutes=5))
    for minutes in (4, 5):
        assert transition(before, fired(minutes), seen(ROUTINGS[phase]), after(minutes=7)) is before
    assert transition(before, fired(6), seen(ROUTINGS[phase]), after(minutes=7)).phase is Phase.ROLLING_BACK


def test_an_alarm_at_the_very_moment_of_the_first_percent_counts() -> None:
    assert transition(confirmed(Phase.SHIFTING), fired(0), seen(SPLIT), after(minutes=1)).phase is Phase.ROLLING_BACK


def test_a_late_alarm_arms_nothing() -> None:
    before = confirmed(Phase.SHIFTING, disarmed=frozenset({NAMED}))
    assert transition(before, fired(-1, was_calm=True), seen(SPLIT), after(minutes=1)) is before


def test_an_alarm_does_not_freeze_again_what_a_person_ends_in_spite_of_it() -> None:
    ending = confirmed(
        Phase.BAKING, manifest=manifest(on_failure="freeze"), closing=True, overruled_at=after(minutes=1)
    )
    assert transition(ending, fired(2), seen(CANARY), after(minutes=2)) is ending
    looked = transition(ending, events.Tick(), seen(CANARY, alarms=FIRING), after(minutes=2))
    assert looked.phase is Phase.SUCCEEDED


# -- a promotion ------------------------------------------------------------------------------------------------------


def test_a_promote_that_was_for_the_shift_does_not_end_the_bake() -> None:
    baking = confirmed(Phase.BAKING)
    for_the_shift = events.PromoteRequested(in_phase=Phase.SHIFTING)
    assert transition(baking, for_the_shift, seen(CANARY, alarms=QUIET), after(minutes=1)) is baking


def test_a_promote_ends_a_frozen_bake_in_spite_of_what_froze_it() -> None:
    for closing in (False, True):
        found = transition(
            frozen(Phase.BAKING, closing=closing), PROMOTE, seen(CANARY, alarms=FIRING), after(minutes=1)
        )
        assert (found.phase, found.traffic.closing, found.hold.frozen) == (Phase.BAKING, True, None)


def test_a_bake_that_is_being_ended_is_not_ended_again() -> None:
    ending = confirmed(Phase.BAKING, closing=True)
    assert transition(ending, PROMOTE, seen(CANARY, alarms=QUIET), after(minutes=1)) is ending
    assert transition(ending, events.NewerAccepted(43), seen(CANARY), after(minutes=1)) is ending


def test_a_promotion_says_whether_there_is_a_way_back() -> None:
    assert "rollback stays armed" in _last_words(transition(confirmed(Phase.SHIFTING), PROMOTE, seen(SPLIT), NOW))


def test_a_step_is_told_by_its_number() -> None:
    over = transition(confirmed(Phase.SHIFTING), events.Tick(), seen(SPLIT, alarms=QUIET), after(minutes=5))
    assert (over.traffic.step, _last_words(over)[:7]) == (1, "step 2:")


# -- another routing --------------------------------------------------------------------------------------------------


def test_words_of_a_rollback_over_other_traffic_do_not_count() -> None:
    view = seen(SPLIT, alarms=QUIET, description=brought_back())
    assert transition(confirmed(Phase.SHIFTING), events.Tick(), view, after(minutes=1)).phase is Phase.SHIFTING


@pytest.mark.parametrize("routing", [STABLE, CANARY], ids=str)
def test_what_slipway_itself_may_have_written_is_no_drift_to_accept(routing: Routing) -> None:
    before = changed(confirmed(Phase.SHIFTING), expected_routings=(SPLIT, routing))
    assert transition(before, events.AcceptDriftRequested(), seen(routing), NOW) is before


@pytest.mark.parametrize(("routing", "phase"), [(CANARY, Phase.BAKING), (Routing("7"), Phase.ROLLED_BACK)], ids=str)
def test_accepted_drift_is_what_the_alias_is_expected_to_carry(routing: Routing, phase: Phase) -> None:
    drifted = confirmed(Phase.SHIFTING, drift=str(routing))
    found = transition(drifted, events.AcceptDriftRequested(), seen(routing), NOW)
    assert (found.phase, set(found.traffic.expected_routings), found.traffic.drift) == (phase, {routing}, "")


def test_an_alias_that_is_made_again_for_a_rollback_is_told_with_what_it_lost() -> None:
    found = transition(confirmed(Phase.SHIFTING), events.RollbackRequested(), seen(None), NOW)
    assert any("without its former permissions and triggers" in entry.text for entry in found.timeline)


def _last_words(deployment: Deployment) -> str:
    return deployment.timeline[-1].text
