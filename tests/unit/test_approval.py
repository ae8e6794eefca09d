"""The wait for a person's approval: the gate, the question, the answers, and what follows where none comes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates import order
from controller.core.gates.manual import approval
from controller.core.lifecycle.due import WORKING, due_at
from controller.core.lifecycle.plan import emergency
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.refusals import refusal
from controller.core.lifecycle.state_machine import transition
from controller.core.manifest.settings import Manifest, OnTimeout, Wait
from controller.core.model import Approval, Cause, Deployment, Milestone, Person, Phase, Reason, Routing, events
from controller.core.model.deployment import Failing
from controller.core.model.observation import AlarmState
from controller.core.report import full
from tests.builders import NOW, ROUTINGS, after, armed, brought_back, changed, confirmed, deployment, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
STABLE = Routing("2")
OWN = "slipway/checkout/live/42"
QUIET = {"checkout-p99": AlarmState.OK, OWN: AlarmState.OK}
FIRING = {**QUIET, OWN: AlarmState.FIRING}
VIEW = seen(SPLIT, description=armed(), alarms=QUIET)
BEFORE = seen(STABLE, alarms=QUIET)
TICK = events.Tick()
ASKED_AT = after(minutes=5)
SAID = "waits for approval since 2026-11-24T10:05:00+00:00, at most 1d, then rollback; send approve or deny"
NOT_ASKED = "approval has not been asked for yet"


def paused(then: str = "rollback", pause: str = "24h", **sections: object) -> Manifest:
    """Asks before the first percent, after 10 % and after 50 %."""
    wait = {"pause": pause, "then": then}
    steps = [wait, {"weight": 10, "hold": "5m"}, wait, {"weight": 50, "hold": "10m"}, wait]
    return manifest(strategy={"steps": steps, "bake": "30m"}, **sections)


def shifting(then: str = "rollback", **changes: Any) -> Deployment:
    return confirmed(Phase.SHIFTING, **{"manifest": paused(then), **changes})


def ready(then: str = "rollback", **changes: Any) -> Deployment:
    done = frozenset({Milestone.IDENTIFIED, Milestone.TESTED})
    return deployment(Phase.TESTING, **{"manifest": paused(then), "done": done, **changes})


def asked(before: Deployment) -> Deployment:
    """Returns it as it is when people have been asked and told."""
    return changed(before, approval=Approval(ASKED_AT))


# -- the gate ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "wait"),
    [
        (ready(), Wait(timedelta(days=1), OnTimeout.ROLLBACK)),
        (shifting(), Wait(timedelta(days=1), OnTimeout.ROLLBACK)),
        (shifting(manifest=manifest()), None),
        (ready(manifest=manifest()), None),
        *[(deployment(phase, manifest=paused()), None) for phase in Phase if phase.name not in ("TESTING", "SHIFTING")],
    ],
)
def test_a_pause_stands_before_the_first_percent_and_after_a_step(before: Deployment, wait: Wait | None) -> None:
    assert approval.wait(before) == wait


def test_approval_is_the_last_gate() -> None:
    assert order.holding(shifting(), VIEW, after(minutes=4)) == "hold for another 1m"
    assert order.holding(shifting(), VIEW, after(minutes=5)) == NOT_ASKED
    assert order.holding(asked(shifting()), VIEW, after(hours=3)) == SAID
    assert order.holding(asked(shifting(paused=True)), VIEW, after(hours=3)) == "paused; send resume to go on"
    assert (order.holding(asked(shifting()), seen(SPLIT, unreadable=True), NOW) or "").startswith("hold for")


def test_before_the_first_percent_it_is_the_last_gate_too() -> None:
    blocking = paused(gates={"alarms": ["checkout-p99"], "already_alarming": "block"})
    firing = seen(STABLE, alarms={"checkout-p99": AlarmState.FIRING})
    assert (order.holding(asked(ready(manifest=blocking)), firing, NOW) or "").startswith(
        "alarm checkout-p99 is already firing"
    )
    assert order.holding(asked(ready()), BEFORE, NOW) == SAID


@pytest.mark.parametrize("before", [shifting(), ready()], ids=["in a step", "before traffic"])
def test_an_approval_opens_the_gate(before: Deployment) -> None:
    given = changed(before, approval=Approval(ASKED_AT, given=True))
    assert order.holding(given, VIEW, after(minutes=6)) is None


def test_each_pause_has_a_number() -> None:
    assert approval.asked_about(asked(ready())) == 0
    assert approval.asked_about(asked(shifting())) == 1
    assert approval.asked_about(asked(shifting(step=1))) == 2


@pytest.mark.parametrize(
    "before",
    [
        shifting(),
        asked(ready(failing=Failing(Reason(Cause.REQUESTED, "a person asked"), NOW))),
        asked(shifting(manifest=manifest())),
        asked(deployment(Phase.BAKING, manifest=paused())),
    ],
    ids=["not asked yet", "failing", "no pause", "baking"],
)
def test_nobody_is_asked_where_an_answer_would_change_nothing(before: Deployment) -> None:
    assert approval.asked_about(before) is None
    assert approval.ends(before) is None


def test_an_answer_is_waited_for_from_the_notice_on() -> None:
    assert approval.ends(asked(shifting())) == ASKED_AT + timedelta(days=1)
    assert approval.ends(changed(shifting(), approval=Approval(ASKED_AT, given=True))) is None


def test_a_wait_that_went_on_ends_at_the_deadline() -> None:
    """24 hours of its own and the 24 of each of three pauses."""
    assert approval.ends(changed(shifting("hold"), approval=Approval(ASKED_AT, overdue=True))) == after(days=4)


# -- the question -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "view", "step"), [(shifting(), VIEW, 1), (ready(), BEFORE, 0)])
def test_people_are_asked_once_with_what_to_send(before: Deployment, view: Any, step: int) -> None:
    found = transition(before, TICK, view, after(minutes=5))
    assert (found.phase, found.traffic.step, found.hold.approval) == (before.phase, 0, Approval(after(minutes=5)))
    (notice,) = found.bookkeeping.outbox
    beginning, _, sent = notice.text.partition("; send ")
    assert beginning == "waits for approval, at most 1d, then rollback"
    request, _, rest = sent.partition("}")
    assert json.loads(request + "}") == {
        "request": "approve", "function": "checkout", "alias": "live", "deployment": 42, "step": step,
    }  # fmt: skip
    assert rest == ', or the same with "deny"'
    assert transition(found, TICK, view, after(minutes=6)) is found


@pytest.mark.parametrize(
    "before",
    [
        ready(done=frozenset({Milestone.IDENTIFIED})),
        ready(paused=True),
        changed(shifting(), confirmed_at=after(minutes=1)),
        shifting(paused=True),
        shifting(paused=True, frozen=Reason(Cause.ALARM, "x is firing")),
    ],
    ids=["not tested", "paused before traffic", "hold remaining", "paused", "frozen"],
)
def test_nobody_is_asked_while_another_gate_holds(before: Deployment) -> None:
    view = BEFORE if before.phase is Phase.TESTING else VIEW
    assert transition(before, TICK, view, after(minutes=5)).hold.approval is None


@pytest.mark.parametrize(("invocations", "is_asked"), [(49, False), (50, True)])
def test_nobody_is_asked_before_enough_requests_came(invocations: int, is_asked: bool) -> None:
    counted = paused(gates={"min_invocations": 50, "errors": False})
    view = seen(SPLIT, alarms=QUIET, canary_invocations=invocations)
    found = transition(shifting(manifest=counted), TICK, view, after(minutes=10))
    assert (found.hold.approval is not None) is is_asked


def test_a_step_that_goes_on_without_requests_asks_all_the_same() -> None:
    gates = {"min_invocations": 50, "errors": False, "no_traffic": {"wait": "30m", "then": "promote"}}
    none = seen(SPLIT, alarms=QUIET, canary_invocations=0)
    before = shifting(manifest=paused(gates=gates))
    assert transition(before, TICK, none, after(minutes=34)).hold.approval is None
    found = transition(before, TICK, none, after(minutes=35))
    assert (found.traffic.step, found.hold.approval) == (0, Approval(after(minutes=35)))
    assert (order.holding(found, none, after(minutes=36)) or "").startswith("waits for approval since")


def test_nobody_is_asked_about_an_alias_that_moved_before_the_first_percent() -> None:
    found = transition(ready(), TICK, seen(Routing("7"), alarms=QUIET), NOW)
    assert found.hold.approval is None
    assert found.objection and found.objection.cause is Cause.DRIFT


def test_a_step_without_a_pause_asks_nobody() -> None:
    assert transition(shifting(manifest=manifest()), TICK, VIEW, after(minutes=5)).traffic.step == 1


# -- where no answer comes --------------------------------------------------------------------------------------------

OVER = ASKED_AT + timedelta(days=1)
UNANSWERED = Reason(Cause.UNANSWERED, "nobody has approved it within 1d and its pause says rollback")


def test_a_wait_lasts_as_long_as_it_says() -> None:
    for then in ("hold", "promote", "rollback"):
        before = asked(shifting(then))
        assert transition(before, TICK, VIEW, OVER - timedelta(seconds=1)) is before


def test_rollback_goes_back_when_the_wait_is_over() -> None:
    found = transition(asked(shifting()), TICK, VIEW, OVER)
    assert (found.phase, found.reason, found.hold.approval) == (Phase.ROLLING_BACK, UNANSWERED, None)


def test_rollback_goes_back_where_failures_freeze_too_as_without_traffic() -> None:
    frozen = shifting(manifest=paused(on_failure="freeze"))
    assert transition(asked(frozen), TICK, VIEW, OVER).phase is Phase.ROLLING_BACK


def test_rollback_before_the_first_percent_ends_the_deployment() -> None:
    found = transition(asked(ready()), TICK, BEFORE, OVER)
    assert (found.phase, found.objection) == (Phase.TESTING, UNANSWERED)
    first = transition(asked(ready(stable=None)), TICK, seen(None), OVER)
    assert (first.phase, first.reason) == (Phase.FAILED, UNANSWERED)


def test_promote_goes_on_and_says_so() -> None:
    for before, view in ((shifting("promote"), VIEW), (ready("promote"), BEFORE)):
        found = transition(asked(before), TICK, view, OVER)
        text = "nobody has answered within 1d: it goes on without approval, as the pause says"
        assert found.timeline[-1].text == text
        going = transition(found, TICK, view, OVER)
        assert (going.phase, going.traffic.step) == (Phase.SHIFTING, 1 if before.phase is Phase.SHIFTING else 0)


def test_hold_waits_on_and_says_so_once() -> None:
    found = transition(asked(shifting("hold")), TICK, VIEW, OVER)
    assert (found.phase, found.traffic.step) == (Phase.SHIFTING, 0)
    (notice,) = found.bookkeeping.outbox
    assert notice.text.startswith("nobody has answered within 1d: it waits on for approval, as the pause says; send {")
    assert transition(found, TICK, VIEW, OVER + timedelta(hours=9)) is found
    given = transition(found, events.ApproveRequested(1), VIEW, OVER + timedelta(hours=10))
    assert transition(given, TICK, VIEW, OVER + timedelta(hours=10)).traffic.step == 1


@pytest.mark.parametrize(
    ("before", "view", "phase"),
    [(shifting("hold"), VIEW, Phase.ROLLING_BACK), (ready("hold"), BEFORE, Phase.TESTING)],
)
def test_the_deadline_ends_a_wait_that_holds(before: Deployment, view: Any, phase: Phase) -> None:
    found = transition(changed(before, approval=Approval(ASKED_AT, overdue=True)), TICK, view, after(days=4))
    assert found.phase is phase
    assert found.objection and found.objection.cause is Cause.DEADLINE


def test_a_pause_by_request_holds_the_end_of_the_wait_too() -> None:
    before = asked(shifting(paused=True))
    assert transition(before, TICK, VIEW, OVER + timedelta(hours=1)) is before


# -- the answers ------------------------------------------------------------------------------------------------------


def test_an_approval_goes_on_and_the_next_pause_asks_again() -> None:
    given = transition(
        asked(shifting()), events.ApproveRequested(1, person=Person("alice", "looks right")), VIEW, after(hours=1)
    )
    assert given.timeline[-1].text == "alice approved it: looks right"
    found = transition(given, TICK, VIEW, after(hours=1))
    assert (found.traffic.step, found.hold.approval, found.traffic.confirmed_at) == (1, None, None)
    half = changed(found, confirmed_at=after(hours=1), expected_routings=(Routing("2", "3", 5000),))
    again = transition(half, TICK, seen(Routing("2", "3", 5000), alarms=QUIET), after(hours=2))
    assert (again.traffic.step, again.hold.approval) == (1, Approval(after(hours=2)))


def test_an_approval_before_the_first_percent_starts_the_traffic() -> None:
    given = transition(asked(ready()), events.ApproveRequested(0), BEFORE, after(hours=1))
    found = transition(given, TICK, BEFORE, after(hours=1))
    assert (found.phase, found.traffic.step, found.hold.approval) == (Phase.SHIFTING, 0, None)
    assert any(entry.text == "a person approved it" for entry in found.timeline)


def test_the_approval_of_the_last_step_promotes() -> None:
    given = changed(shifting(step=1), approval=Approval(ASKED_AT, given=True))
    half = changed(given, expected_routings=(Routing("2", "3", 5000),))
    found = transition(half, TICK, seen(Routing("2", "3", 5000), alarms=QUIET), after(hours=1))
    assert (found.phase, found.hold.approval) == (Phase.BAKING, None)


@pytest.mark.parametrize("answer", [events.ApproveRequested, events.DenyRequested])
@pytest.mark.parametrize(
    ("before", "step"),
    [
        (shifting(), 1),
        (asked(shifting()), 0),
        (asked(shifting(step=1)), 1),
        (asked(ready()), 1),
        (asked(ready(failing=Failing(Reason(Cause.REQUESTED, "a person asked"), NOW))), 0),
    ],
    ids=["nobody asked", "the first percent", "the step before", "a later step", "failing"],
)
def test_an_answer_to_another_question_changes_nothing(before: Deployment, step: int, answer: Any) -> None:
    assert transition(before, answer(step), VIEW, after(hours=1)) is before


def test_a_second_approval_changes_nothing() -> None:
    given = transition(asked(shifting(paused=True)), events.ApproveRequested(1), VIEW, after(hours=1))
    assert transition(given, events.ApproveRequested(1), VIEW, after(hours=1)) is given


def test_an_approval_holds_beside_a_pause() -> None:
    given = transition(asked(shifting(paused=True)), events.ApproveRequested(1), VIEW, after(hours=1))
    assert transition(given, TICK, VIEW, after(days=2)).traffic.step == 0
    going = transition(given, events.ResumeRequested(), VIEW, after(days=2))
    assert transition(going, TICK, VIEW, after(days=2)).traffic.step == 1


def test_an_approval_does_not_outrun_an_alarm() -> None:
    given = transition(asked(shifting()), events.ApproveRequested(1), seen(SPLIT, alarms=FIRING), after(hours=1))
    found = transition(given, TICK, seen(SPLIT, alarms=FIRING), after(hours=1))
    assert found.reason == Reason(Cause.ALARM, f"alarm {OWN} is firing")


ALICE = Person("alice", "totals are wrong")


def test_a_rejection_goes_back_and_speaks_against_the_bytes() -> None:
    found = transition(asked(shifting()), events.DenyRequested(1, person=ALICE), VIEW, after(hours=1))
    assert found.phase is Phase.ROLLING_BACK
    assert found.reason == Reason(Cause.DENIED, "alice denied it: totals are wrong", ALICE)
    assert quarantines(found)
    assert emergency(found, VIEW)


def test_no_answer_says_nothing_against_the_bytes() -> None:
    found = transition(asked(shifting()), TICK, VIEW, OVER)
    assert not quarantines(found)
    assert emergency(found, VIEW) == ()


def test_a_rejection_before_the_first_percent_ends_the_deployment() -> None:
    found = transition(asked(ready()), events.DenyRequested(0), BEFORE, after(hours=1))
    assert (found.phase, found.objection) == (Phase.TESTING, Reason(Cause.DENIED, "a person denied it"))
    first = transition(asked(ready(stable=None)), events.DenyRequested(0), seen(None), after(hours=1))
    assert first.phase is Phase.FAILED


def test_what_was_approved_and_is_held_can_still_be_denied() -> None:
    given = changed(shifting(paused=True), approval=Approval(ASKED_AT, given=True))
    assert transition(given, events.DenyRequested(1), VIEW, after(hours=1)).phase is Phase.ROLLING_BACK


def test_promote_goes_over_a_pause() -> None:
    found = transition(asked(shifting()), events.PromoteRequested(), VIEW, after(hours=1))
    assert (found.phase, found.hold.approval) == (Phase.BAKING, None)


# -- drift ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [events.ApproveRequested(1), events.DenyRequested(1)])
def test_an_answer_does_not_overwrite_a_drifted_alias(answer: events.Request) -> None:
    theirs = seen(Routing("7"), alarms=QUIET)
    text = refusal(asked(shifting()), answer, theirs)
    assert text and text.endswith("carry version 7; send accept_drift to keep that, or rollback")
    found = transition(asked(shifting(drift="version 7")), answer, theirs, after(hours=1))
    assert found.phase is Phase.SHIFTING


@pytest.mark.parametrize("answer", [events.ApproveRequested(1), events.DenyRequested(1)])
def test_an_alias_that_is_back_in_our_own_words_has_not_drifted(answer: events.Request) -> None:
    """A denial could not be saved, and is sent again; a console that moves an alias keeps its description."""
    assert refusal(asked(shifting()), answer, seen(STABLE, description=brought_back())) is None
    assert "send accept_drift" in (refusal(asked(shifting()), answer, seen(STABLE, description=armed())) or "")
    assert "send accept_drift" in (
        refusal(asked(shifting()), answer, seen(Routing("7"), description=brought_back())) or ""
    )


@pytest.mark.parametrize("given", [False, True])
def test_after_drift_approval_is_asked_for_anew(given: bool) -> None:
    """The person saw what the canary did before, not what it does now."""
    before = changed(shifting(drift="version 7"), approval=Approval(ASKED_AT, given=given))
    found = transition(before, TICK, VIEW, after(hours=1))
    assert (found.traffic.drift, found.hold.approval, found.traffic.confirmed_at) == ("", None, after(hours=1))
    assert transition(found, TICK, VIEW, after(hours=1, minutes=5)).hold.approval == Approval(after(hours=1, minutes=5))


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "step", "text"),
    [
        (
            shifting(),
            None,
            ("is SHIFTING and waits for no approval", "promote, next, rollback, pause, resume, accept_drift"),
        ),
        (ready(), 0, ("is TESTING and waits for no approval", "rollback, pause, resume")),
        (
            asked(shifting(step=1)),
            1,
            (
                "waits for approval of step 2, not of step 1",
                "promote, rollback, pause, resume, accept_drift, approve, deny",
            ),
        ),
        (
            asked(ready()),
            1,
            (
                "waits for approval of the first percent, which is step 0, not of step 1",
                "rollback, pause, resume, approve, deny",
            ),
        ),
        (
            deployment(Phase.BAKING, manifest=paused()),
            1,
            ("is BAKING", "promote, rollback, pause, resume, accept_drift"),
        ),
    ],
)
@pytest.mark.parametrize("answer", [events.ApproveRequested, events.DenyRequested])
def test_an_answer_that_nobody_waits_for_is_refused(
    before: Deployment, step: int | None, text: tuple[str, str], answer: Any
) -> None:
    assert refusal(before, answer(step), VIEW) == f"checkout:live#42 {text[0]}; allowed now: {text[1]}"


@pytest.mark.parametrize("step", [1, None])
@pytest.mark.parametrize("answer", [events.ApproveRequested, events.DenyRequested])
def test_an_answer_that_is_waited_for_is_not_refused(step: int | None, answer: Any) -> None:
    assert refusal(asked(shifting()), answer(step), VIEW) is None
    assert refusal(asked(ready()), answer(0), BEFORE) is None


# -- when to look again -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [shifting(), ready()], ids=["in a step", "before traffic"])
def test_a_wait_is_due_when_it_is_over(before: Deployment) -> None:
    assert due_at(asked(before), after(hours=1)) == OVER


def test_a_wait_that_is_over_is_due_as_ever() -> None:
    assert due_at(asked(shifting()), OVER) == OVER
    assert due_at(asked(ready()), OVER) == OVER + WORKING


def test_a_wait_that_went_on_is_due_at_the_deadline() -> None:
    for before in (shifting("hold"), ready("hold")):
        assert due_at(changed(before, approval=Approval(ASKED_AT, overdue=True)), OVER) == after(days=4)


def test_a_deadline_within_the_wait_is_due_first() -> None:
    late = asked(shifting(opened_at=NOW - timedelta(days=3, hours=23)))
    assert due_at(late, after(minutes=6)) == after(hours=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"approval": Approval(ASKED_AT, given=True)},
        {"newer": 43},
        {"unreadable_since": ASKED_AT},
        {"outbox": transition(shifting(), TICK, VIEW, ASKED_AT).bookkeeping.outbox},
    ],
    ids=["approved", "a newer one waits", "unreadable", "not told yet"],
)
def test_a_wait_beside_which_something_is_to_be_done_is_due_soon(changes: dict[str, Any]) -> None:
    now = after(hours=1)
    assert due_at(changed(asked(shifting()), **changes), now) == now
    assert due_at(changed(asked(ready()), **changes), now) == now + WORKING


def test_what_fails_while_people_are_asked_is_due_soon() -> None:
    failing = asked(ready(failing=Failing(Reason(Cause.DENIED, "a person denied it"), NOW)))
    assert due_at(failing, after(hours=1)) == after(hours=1) + WORKING


def test_the_error_gate_looks_at_every_tick_of_a_wait() -> None:
    judged = asked(shifting(manifest=paused(gates={"min_invocations": 0})))
    assert due_at(judged, after(hours=1)) == after(hours=1)


# -- what people are told ---------------------------------------------------------------------------------------------


def test_a_report_says_what_people_were_asked() -> None:
    found = full(asked(shifting()), VIEW, after(hours=1))
    assert found["held_by"] == SAID
    assert found["approval"] == {
        "step": 1, "asked_at": "2026-11-24T10:05:00+00:00", "ends": "2026-11-25T10:05:00+00:00", "given": False,
    }  # fmt: skip
    given: Any = full(changed(shifting(), approval=Approval(ASKED_AT, given=True)), VIEW, after(hours=1))["approval"]
    assert (given["given"], given["ends"]) == (True, None)
    assert full(shifting(), VIEW, after(hours=1))["approval"] is None
