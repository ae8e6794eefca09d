"""Whether a request was met, by the record afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lifecycle.met import is_met, remembers
from controller.core.model import Approval, CarriedOut, Cause, Deployment, Phase, Reason, events
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from tests.builders import NOW, after, changed, confirmed, deployment

SHIFTING, BAKING = confirmed(Phase.SHIFTING), confirmed(Phase.BAKING)
TESTING = deployment(Phase.TESTING)
DRIFT, ASKED = Reason(Cause.DRIFT, "moved"), Reason(Cause.REQUESTED, "a person asked")
GOES_ON = (events.ResumeRequested(), events.OverrideFreezeRequested(), events.ApproveRequested())
ENDS = (Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.FAILED)


def met(request: events.Request, before: Deployment, now: Deployment) -> bool:
    return is_met(request, before, now)


@pytest.mark.parametrize(
    ("request_", "before", "now", "expected"),
    [
        (events.PromoteRequested(), SHIFTING, BAKING, True),
        (events.PromoteRequested(), SHIFTING, SHIFTING, False),
        (events.PromoteRequested(), BAKING, BAKING, False),
        (events.PromoteRequested(in_phase=Phase.BAKING), SHIFTING, BAKING, False),
        (events.PromoteRequested(), BAKING, changed(BAKING, closing=True), True),
        (events.PromoteRequested(), BAKING, deployment(Phase.SUCCEEDED), True),
        (events.NextRequested(step=1), SHIFTING, SHIFTING, False),
        (events.NextRequested(step=1), SHIFTING, changed(SHIFTING, cut_short_at=NOW), True),
        (events.NextRequested(step=1), SHIFTING, changed(SHIFTING, step=1), True),
        (events.NextRequested(step=2), SHIFTING, BAKING, True),
        (events.RollbackRequested(), SHIFTING, SHIFTING, False),
        (events.RollbackRequested(), SHIFTING, deployment(Phase.ROLLED_BACK, reason=ASKED), True),
        (events.RollbackRequested(), SHIFTING, deployment(Phase.ROLLED_BACK, reason=DRIFT), False),
        (events.RollbackRequested(), SHIFTING, confirmed(Phase.ROLLING_BACK, reason=ASKED, drift="version 7"), False),
        (events.RollbackRequested(), SHIFTING, deployment(Phase.FAILED, reason=DRIFT), False),
        (events.RollbackRequested(), TESTING, deployment(Phase.FAILED, reason=ASKED), True),
        (events.RollbackRequested(), TESTING, changed(TESTING, failing=Failing(ASKED, NOW)), True),
        (events.RollbackRequested(), TESTING, TESTING, False),
        (events.PauseRequested(), SHIFTING, changed(SHIFTING, paused=True), True),
        (events.PauseRequested(), SHIFTING, deployment(Phase.SUCCEEDED), False),
        (events.ResumeRequested(), SHIFTING, changed(SHIFTING, paused=True), False),
        (events.ResumeRequested(), SHIFTING, SHIFTING, True),
        (events.AcceptDriftRequested(), SHIFTING, deployment(Phase.ROLLED_BACK, reason=DRIFT), True),
        (events.AcceptDriftRequested(), SHIFTING, deployment(Phase.ROLLED_BACK, reason=ASKED), False),
        (events.AcceptDriftRequested(), BAKING, BAKING, False),
        (events.AcceptDriftRequested(), BAKING, changed(BAKING, phase_since=after(minutes=1)), True),
        (events.ApproveRequested(), SHIFTING, changed(SHIFTING, approval=Approval(NOW)), False),
        (events.ApproveRequested(), SHIFTING, changed(SHIFTING, approval=Approval(NOW, given=True)), True),
        (events.DenyRequested(), SHIFTING, SHIFTING, False),
        (events.DenyRequested(), SHIFTING, deployment(Phase.ROLLED_BACK, reason=Reason(Cause.DENIED, "no")), True),
        (events.OverrideRequested("red"), TESTING, TESTING, False),
        (events.OverrideRequested("red"), TESTING, changed(TESTING, overridden=frozenset({"red"})), True),
        (events.OverrideFreezeRequested(), TESTING, TESTING, False),
    ],
)
def test_a_request_is_met_if_the_record_is_as_it_asked(
    request_: events.Request, before: Deployment, now: Deployment, expected: bool
) -> None:
    assert met(request_, before, now) is expected


OVER_ALL = FreezeWait(overridden=frozenset({"all since then"}))


def test_an_override_of_a_freeze_is_met_once_the_record_has_it() -> None:
    overridden = changed(SHIFTING, freeze_wait=OVER_ALL)
    assert met(events.OverrideFreezeRequested(), SHIFTING, overridden)
    assert not met(events.OverrideFreezeRequested(), overridden, overridden)


@pytest.mark.parametrize("phase", ENDS)
@pytest.mark.parametrize("word", GOES_ON)
def test_what_turns_back_does_not_go_on_as_was_asked(word: Any, phase: Phase) -> None:
    approved = Approval(NOW, given=True)
    assert not met(word, SHIFTING, changed(deployment(phase), freeze_wait=OVER_ALL, approval=approved))


def test_an_approval_that_the_record_remembers_is_met_though_the_next_step_has_come() -> None:
    asked = events.ApproveRequested(mark="one")
    remembering = changed(SHIFTING, step=1, carried_out=(CarriedOut("one", NOW),))
    assert (remembers(remembering, asked), remembers(SHIFTING, asked)) == (True, False)
    assert (met(asked, SHIFTING, remembering), met(asked, SHIFTING, SHIFTING)) == (True, False)
