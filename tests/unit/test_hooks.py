"""Which hook is waited for, what its answer means, and when it is to be called; each with the record alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates import hooks
from controller.core.gates.hooks import runs
from controller.core.gates.hooks.payload import payload
from controller.core.lifecycle.due import WORKING, due_at
from controller.core.lifecycle.plan import call, plan
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.state_machine import transition
from controller.core.manifest.settings import HookPoint
from controller.core.model import Cause, Deployment, Milestone, Phase, Reason, Routing
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hook_run import HookAnswer, HookRun, HookStatus
from controller.core.model.effects import CallHook
from controller.core.model.events import Tick
from controller.core.model.outcomes import HookAnswered
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, deployment, eventful, manifest, seen

SEEN = seen(ROUTINGS[Phase.SHIFTING])
TESTED = frozenset({Milestone.IDENTIFIED, Milestone.TESTED})
TRAFFIC, STEP, PROMOTION, BAKE, BACK = HookPoint
SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET: dict[str, Any] = {"alarms": [], "errors": False, "min_invocations": 0}
FROZEN = Reason(Cause.ALARM, "alarm checkout-p99 is firing")


def hooked(phase: Phase, *runs: HookRun, then: str = "rollback", **changes: Any) -> Deployment:
    """Returns a deployment with a hook at every point that has just done so much of its phase."""
    section = {point.value: {"function": f"slipway-hook-{point.value}", "then": then} for point in HookPoint}
    wants = manifest(hooks=section, gates=QUIET, **changes.pop("sections", {}))
    make = confirmed if phase in ROUTINGS else deployment
    done = {"done": TESTED} if phase is Phase.TESTING else {}
    return make(phase, **{"manifest": wants, "hooks": runs, **done, **changes})


def run(point: HookPoint, status: HookStatus = HookStatus.NO_ANSWER, **changes: Any) -> HookRun:
    return replace(HookRun(point, 0, NOW, NOW, status, calls=1), **changes)


# -- which ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "changes", "points"),
    [
        (Phase.PREPARING, {}, ()),
        (Phase.TESTING, {"done": frozenset({Milestone.IDENTIFIED})}, ()),
        (Phase.TESTING, {}, (TRAFFIC,)),
        (Phase.TESTING, {"stable": None}, (TRAFFIC, PROMOTION)),
        (Phase.TESTING, {"sections": {"strategy": {"steps": []}}}, (TRAFFIC, PROMOTION)),
        (Phase.TESTING, {"failing": Failing(FROZEN, NOW)}, ()),
        (Phase.SHIFTING, {}, (STEP,)),
        (Phase.SHIFTING, {"step": 1}, (STEP, PROMOTION)),
        (Phase.SHIFTING, {"step": 1, "frozen": FROZEN}, ()),
        (Phase.BAKING, {}, (BAKE,)),
        (Phase.BAKING, {"closing": True}, ()),
        (Phase.BAKING, {"frozen": FROZEN}, ()),
        (Phase.ROLLING_BACK, {"reason": FROZEN}, (BACK,)),
        *[(phase, {}, ()) for phase in Phase if phase.is_terminal],
    ],
)
def test_each_phase_has_its_hooks(phase: Phase, changes: dict[str, Any], points: tuple[HookPoint, ...]) -> None:
    assert hooks.points(hooked(phase, **changes)) == points


@pytest.mark.parametrize("phase", Phase)
def test_a_manifest_without_hooks_waits_for_none(phase: Phase) -> None:
    bare = deployment(phase, done=TESTED)
    assert (hooks.points(bare), hooks.holding(bare), hooks.next_look(bare)) == ((), None, None)


def test_a_hook_of_another_step_does_not_count_for_this_one() -> None:
    before = hooked(Phase.SHIFTING, run(STEP, HookStatus.SUCCEEDED), step=1)
    assert hooks.waited_for(before) is STEP
    both = changed(before, hooks=(*before.evidence.hooks, run(STEP, HookStatus.SUCCEEDED, step=1)))
    assert hooks.waited_for(both) is PROMOTION


# -- what it means ----------------------------------------------------------------------------------------------------

NAMED = "hook each_step of step 1 (slipway-hook-each_step)"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ((), f"{NAMED} is to be called"),
        ((run(STEP, calls=0),), f"{NAMED} has not answered yet"),
        ((run(STEP, reason="it raised"),), f"{NAMED} has not answered yet: it raised"),
        ((run(STEP, HookStatus.IN_PROGRESS, reason="12 of 40"),), f"{NAMED} is in progress: 12 of 40"),
        ((run(STEP, HookStatus.SUCCEEDED),), None),
        (
            (run(STEP, HookStatus.IN_PROGRESS, overdue=True),),
            f"{NAMED} has not finished in 10m; Slipway goes on calling it, and a person decides",
        ),
    ],
)
def test_a_hook_that_holds_says_why(asked: tuple[HookRun, ...], text: str | None) -> None:
    assert hooks.holding(hooked(Phase.SHIFTING, *asked, then="hold")) == text


@pytest.mark.parametrize("then", ["hold", "promote", "rollback"])
def test_failed_ends_the_deployment_whatever_then_says(then: str) -> None:
    before = hooked(Phase.SHIFTING, run(STEP, HookStatus.FAILED, reason="3 of 40"), then=then)
    assert hooks.danger(before, SEEN, NOW) == Reason(Cause.HOOK, f"{NAMED} failed: 3 of 40")


@pytest.mark.parametrize(
    ("then", "ends", "passes"), [("rollback", True, False), ("hold", False, False), ("promote", False, True)]
)
def test_silence_means_what_then_says(then: str, ends: bool, passes: bool) -> None:
    before = hooked(Phase.SHIFTING, run(STEP, overdue=True), then=then)
    silent = Reason(Cause.HOOK_SILENT, f"{NAMED} has not answered in 10m")
    assert (hooks.danger(before, SEEN, NOW), hooks.unanswered(before)) == (None, silent if ends else None)
    assert (hooks.waited_for(before) is None) is passes


def test_only_what_a_hook_says_quarantines_the_bytes() -> None:
    back = [deployment(Phase.ROLLING_BACK, reason=Reason(cause, "x")) for cause in (Cause.HOOK, Cause.HOOK_SILENT)]
    assert [quarantines(each) for each in back] == [True, False]


@pytest.mark.parametrize("status", [HookStatus.FAILED, HookStatus.NO_ANSWER])
def test_a_first_deployment_in_its_bake_has_nothing_to_go_back_to(status: HookStatus) -> None:
    first = hooked(Phase.BAKING, run(BAKE, status, overdue=True), stable=None)
    assert (hooks.danger(first, SEEN, NOW), hooks.unanswered(first), hooks.waited_for(first)) == (None, None, None)


@pytest.mark.parametrize("then", ["hold", "promote", "rollback"])
def test_after_a_rollback_silence_keeps_nothing_open(then: str) -> None:
    before = hooked(Phase.ROLLING_BACK, run(BACK, overdue=True), then=then, reason=FROZEN)
    assert (hooks.danger(before, SEEN, NOW), hooks.unanswered(before), hooks.waited_for(before)) == (None, None, None)


# -- when -------------------------------------------------------------------------------------------------------------


def test_a_wait_counts_from_when_the_hook_was_asked() -> None:
    before = hooked(Phase.SHIFTING, run(STEP))
    assert not hooks.is_over(before, before.evidence.hooks[0], after(minutes=9.9))
    assert hooks.is_over(before, before.evidence.hooks[0], after(minutes=10))


def test_a_hook_that_lambda_never_called_is_waited_for_a_little_longer() -> None:
    before = hooked(Phase.SHIFTING, run(STEP, calls=0))
    assert not hooks.is_over(before, before.evidence.hooks[0], after(minutes=14.9))
    assert hooks.is_over(before, before.evidence.hooks[0], after(minutes=15))


def test_a_hook_is_called_when_it_is_due_and_not_before() -> None:
    before = hooked(Phase.SHIFTING, run(STEP, call_at=after(minutes=3)))
    assert hooks.to_call(before, after(minutes=2)) is None
    assert hooks.to_call(before, after(minutes=3)) == before.evidence.hooks[0]


def test_a_call_that_was_begun_is_made_again_only_when_it_must_be_lost() -> None:
    before = runs.begin_call(hooked(Phase.SHIFTING, run(STEP, call_at=NOW - timedelta(minutes=3))), NOW)
    assert (before.evidence.hooks[0].calling, before.evidence.hooks[0].call_at) == (True, NOW)
    assert hooks.to_call(before, after(seconds=89)) is None
    assert hooks.to_call(before, after(seconds=90)) == before.evidence.hooks[0]


@pytest.mark.parametrize(
    "changes", [{"drift": "version 7"}, {"queued": True}, {"frozen": FROZEN, "paused": True}], ids=str
)
def test_a_hook_is_not_called_while_somebody_else_decides(changes: dict[str, Any]) -> None:
    assert hooks.to_call(hooked(Phase.SHIFTING, run(STEP), **changes), after(minutes=1)) is None


def test_a_pause_does_not_hold_the_calls_of_a_hook_that_was_asked() -> None:
    assert hooks.to_call(hooked(Phase.SHIFTING, run(STEP), paused=True), after(minutes=1))


def test_a_hook_is_not_called_before_its_run_has_begun() -> None:
    assert hooks.to_call(hooked(Phase.SHIFTING), after(minutes=1)) is None


AT_30: dict[str, Any] = {"begun_at": after(minutes=30)}
LATE = [
    hooked(Phase.BAKING, run(BAKE, overdue=True, call_at=moment), then="hold")
    for moment in (after(hours=2), after(days=2))
]


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        (hooked(Phase.TESTING, done=frozenset()), NOW, NOW + WORKING),
        (hooked(Phase.TESTING, run(TRAFFIC)), NOW, NOW),
        (hooked(Phase.TESTING, run(TRAFFIC, call_at=after(minutes=3))), NOW, after(minutes=3)),
        (hooked(Phase.TESTING, run(TRAFFIC, call_at=after(hours=1))), NOW, after(minutes=10)),
        (hooked(Phase.TESTING, run(TRAFFIC, calling=True)), NOW, after(seconds=90)),
        (hooked(Phase.SHIFTING, run(STEP, call_at=after(minutes=3))), NOW, after(minutes=3)),
        (hooked(Phase.SHIFTING, run(STEP, call_at=after(minutes=8))), NOW, after(minutes=5)),
        (hooked(Phase.SHIFTING, run(STEP, call_at=after(minutes=8))), after(minutes=6), after(minutes=6)),
        (hooked(Phase.SHIFTING, run(STEP, HookStatus.SUCCEEDED, call_at=None)), NOW, after(minutes=5)),
        (hooked(Phase.BAKING, run(BAKE, call_at=after(minutes=38))), after(minutes=31), after(minutes=31)),
        (hooked(Phase.BAKING, run(BAKE, **AT_30, call_at=after(minutes=38))), after(minutes=31), after(minutes=38)),
        (hooked(Phase.BAKING, run(BAKE, **AT_30, call_at=after(hours=2))), after(minutes=31), after(minutes=40)),
        (LATE[0], after(hours=1), after(hours=2)),
        (LATE[1], after(hours=1), after(days=1)),
        (hooked(Phase.ROLLING_BACK, run(BACK, call_at=after(minutes=3))), NOW, NOW),
    ],
)  # fmt: skip
def test_a_deployment_is_due_when_its_hook_is_or_when_the_wait_for_it_ends(
    before: Deployment, now: Any, due: Any
) -> None:
    assert due_at(before, now) == due


# -- the call ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", Phase)
def test_a_call_is_no_part_of_a_plan(phase: Phase) -> None:
    """What brings traffic back never stands behind a hook."""
    assert not any(isinstance(effect, CallHook) for effect in plan(eventful(phase, queued=False), SEEN, NOW))


def test_the_call_that_was_begun_has_the_number_after_the_last_answer() -> None:
    before = hooked(Phase.SHIFTING, run(STEP, calls=4))
    assert call(before) is None
    assert call(runs.begin_call(before, NOW)) == CallHook(STEP, 0, 5)


def answered(
    number: int, status: HookStatus = HookStatus.SUCCEEDED, point: HookPoint = STEP, step: int = 0
) -> HookAnswered:
    return HookAnswered(point, step, number, HookAnswer(status))


@pytest.mark.parametrize(
    "event", [answered(1), answered(3), answered(2, step=1), answered(2, point=PROMOTION)], ids=str
)
def test_an_answer_to_another_call_is_nobodys(event: HookAnswered) -> None:
    before = runs.begin_call(hooked(Phase.SHIFTING, run(STEP)), NOW)
    assert transition(before, event, SEEN, NOW) is before


def test_an_answer_is_noted_once() -> None:
    before = runs.begin_call(hooked(Phase.SHIFTING, run(STEP)), NOW)
    once = transition(before, answered(2), SEEN, NOW)
    assert (once.evidence.hooks[0].status, once.evidence.hooks[0].calls) == (HookStatus.SUCCEEDED, 2)
    assert transition(once, answered(2), SEEN, NOW) is once


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK])
def test_an_answer_to_a_call_that_nobody_waits_for_any_more_is_nobodys(phase: Phase) -> None:
    left = run(STEP, HookStatus.IN_PROGRESS).left()
    before = hooked(phase, left)
    assert transition(before, answered(2), seen(ROUTINGS[phase]), NOW) is before


@pytest.mark.parametrize("changes", [{"paused": True}, {"confirmed_at": None}], ids=str)
def test_a_step_that_is_held_or_not_seen_yet_asks_no_hook(changes: dict[str, Any]) -> None:
    before = hooked(Phase.SHIFTING, **changes)
    view = Routing("2") if "confirmed_at" in changes else SPLIT
    assert transition(before, Tick(), seen(view), after(minutes=1)).evidence.hooks == ()
    assert transition(hooked(Phase.SHIFTING), Tick(), seen(SPLIT), after(minutes=1)).evidence.hooks


def test_an_answer_alone_moves_nothing() -> None:
    """What was seen before a call of a minute says little; the look after it decides."""
    before = runs.begin_call(hooked(Phase.SHIFTING, run(STEP)), NOW)
    found = transition(before, answered(2, HookStatus.FAILED), seen(SPLIT), after(hours=1))
    assert (found.phase, found.reason) == (Phase.SHIFTING, None)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_terminal or phase is Phase.PREPARING])
def test_where_no_hook_is_asked_no_answer_is_noted(phase: Phase) -> None:
    before = changed(hooked(phase), hooks=(run(STEP, calling=True),))
    assert transition(before, answered(2), SEEN, NOW) is before


def test_a_hook_that_is_busy_for_hours_does_not_fill_the_timeline() -> None:
    before = hooked(Phase.SHIFTING, run(STEP, HookStatus.IN_PROGRESS))
    for number in range(2, 102):
        answer = HookAnswer(HookStatus.IN_PROGRESS, f"{number} of 1000")
        event = HookAnswered(STEP, 0, number, answer)
        before = transition(runs.begin_call(before, after(minutes=number)), event, seen(SPLIT), after(minutes=number))
    assert (before.timeline, before.evidence.hooks[0].reason) == ((), "101 of 1000")


# -- what it is told --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "changes", "told"),
    [
        (Phase.TESTING, {}, {"weight": 0, "step": None}),
        (Phase.SHIFTING, {"step": 1}, {"weight": 50.0, "step": 2, "steps": 2}),
        (Phase.BAKING, {}, {"weight": 100.0, "step": None}),
        (Phase.ROLLING_BACK, {"reason": FROZEN}, {"weight": 0, "why": FROZEN.text}),
        (Phase.BAKING, {"stable": None}, {"stable": None}),
    ],
)
def test_a_hook_is_told_how_much_traffic_the_new_version_has(
    phase: Phase, changes: dict[str, Any], told: dict[str, Any]
) -> None:
    found = payload(hooked(phase, **changes), CallHook(TRAFFIC, 0, 1), "arn:f:")
    assert {name: found[name] for name in told} == told


def test_where_the_template_does_not_say_where_functions_are_there_are_no_arns() -> None:
    found: Any = payload(hooked(Phase.SHIFTING), CallHook(STEP, 0, 1), "")
    assert (found["alias_arn"], found["stable"], found["canary"]) == (
        None,
        {"version": "2", "arn": None},
        {"version": "3", "arn": None},
    )
