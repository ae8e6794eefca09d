"""What the changes common to all phases leave in the record: entering a phase, wanting a routing, seeing the alias."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lifecycle.transitions.edits import enter, note_routing, want, weight_of
from controller.core.manifest.settings import HookPoint
from controller.core.model import Approval, Deployment, Phase, Routing
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from tests.builders import NOW, ROUTINGS, after, armed, changed, confirmed, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
SECRET = {"name": "ping", "payload": {"token": "hunter2"}}
LATER = after(minutes=7)


def entered(phase: Phase, **changes: Any) -> Deployment:
    return enter(confirmed(Phase.SHIFTING, **changes), phase, LATER, "because")


# -- entering a phase -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", Phase)
def test_only_an_end_forgets_the_payloads_of_the_tests(phase: Phase) -> None:
    found = entered(phase, manifest=manifest(tests=[SECRET]))
    assert ("hunter2" in str(found.manifest.document)) is not phase.is_terminal


def test_a_phase_begins_now_at_its_first_step_and_unconfirmed() -> None:
    found = entered(Phase.BAKING, step=1)
    assert (found.phase, found.phase_since) == (Phase.BAKING, LATER)
    assert (found.traffic.step, found.traffic.confirmed_at) == (0, None)


def test_a_phase_leaves_behind_the_calls_of_hooks_that_are_under_way() -> None:
    run = HookRun(HookPoint.EACH_STEP, 0, NOW, NOW, HookStatus.IN_PROGRESS, calls=1, calling=True)
    (left,) = entered(Phase.BAKING, hooks=(run,)).evidence.hooks
    assert left == run.left() != run


def test_people_are_told_of_the_phase() -> None:
    assert [notice.text for notice in entered(Phase.BAKING).bookkeeping.outbox] == ["BAKING: because"]


# -- wanting a routing ------------------------------------------------------------------------------------------------


def test_a_wanted_routing_is_expected_once_and_not_confirmed() -> None:
    found = want(want(confirmed(Phase.SHIFTING, step=1), LATER), LATER)
    assert found.traffic.expected_routings == (SPLIT, Routing("2", "3", 5000))
    assert found.traffic.confirmed_at is None


def test_the_weight_of_a_step_counts_for_the_evidence_from_when_it_is_wanted() -> None:
    begun = want(confirmed(Phase.SHIFTING, step=1), LATER).evidence.shift.steps[-1]
    assert (begun.began, begun.weight) == (LATER, 5000)


def test_all_traffic_is_no_step_of_the_shift() -> None:
    baking = confirmed(Phase.BAKING)
    assert want(baking, LATER).evidence.shift == baking.evidence.shift


def test_a_step_is_said_by_its_weight() -> None:
    assert [weight_of(confirmed(Phase.SHIFTING), step) for step in (0, 1)] == ["10%", "50%"]


# -- seeing the alias -------------------------------------------------------------------------------------------------


def test_drift_is_told_once_with_what_to_send() -> None:
    found = note_routing(confirmed(Phase.SHIFTING), seen(Routing("7")), LATER)
    assert found.traffic.drift == "version 7"
    (notice,) = found.bookkeeping.outbox
    assert notice.text == (
        "somebody else made checkout:live carry version 7; Slipway leaves it so: send accept_drift to keep it,"
        " or rollback"
    )
    assert note_routing(found, seen(Routing("7")), after(minutes=8)) is found


def test_a_missing_alias_is_drift_in_words() -> None:
    assert note_routing(confirmed(Phase.SHIFTING), seen(None), LATER).traffic.drift == "no alias at all"


def test_after_the_drift_the_step_begins_anew() -> None:
    answered = confirmed(
        Phase.SHIFTING, drift="version 7", approval=Approval(NOW, given=True), cut_short_at=after(minutes=1)
    )
    found = note_routing(answered, seen(SPLIT, description=armed()), LATER)
    assert (found.traffic.drift, found.traffic.confirmed_at) == ("", LATER)
    assert (found.hold.approval, found.hold.cut_short_at) == (None, None)


def test_a_confirmed_routing_keeps_the_time_of_its_first_confirmation() -> None:
    shifting = confirmed(Phase.SHIFTING)
    assert note_routing(shifting, seen(SPLIT, description=armed()), LATER) is shifting


def test_a_routing_of_an_earlier_step_is_slipways_own_and_confirms_nothing() -> None:
    shifting = changed(
        confirmed(Phase.SHIFTING, step=1), confirmed_at=None, expected_routings=(SPLIT, Routing("2", "3", 5000))
    )
    assert note_routing(shifting, seen(SPLIT, description=armed()), LATER) is shifting
