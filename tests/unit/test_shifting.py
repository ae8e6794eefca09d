"""A look while the canary serves: which alarms bring traffic back, and in which words a shift and a bake go on."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.lifecycle.state_machine import transition
from controller.core.manifest.settings import HookPoint
from controller.core.model import Cause, Deployment, Phase, Reason, Routing, events
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import AlarmState, Observation
from controller.core.routing import alias_description
from tests.builders import NOW, ROUTINGS, after, armed, changed, confirmed, deployment, manifest, seen

SPLIT, HALF = ROUTINGS[Phase.SHIFTING], Routing("2", "3", 5000)
STABLE, CANARY = Routing("2"), Routing("3")
QUIET, FIRING = {"checkout-p99": AlarmState.OK}, {"checkout-p99": AlarmState.FIRING}
P99_FIRED = events.AlarmFired("checkout-p99", after(minutes=1), None, version="3")


def view(routing: Routing | None, alarms: dict[str, AlarmState] = QUIET, **more: Any) -> Observation:
    return seen(routing, description=armed(), alarms=alarms, **more)


def ticked(before: Deployment, observed: Observation, minutes: float = 1) -> Deployment:
    return transition(before, events.Tick(), observed, after(minutes=minutes))


def alarmed(before: Deployment, routing: Routing | None) -> Deployment:
    return transition(before, P99_FIRED, view(routing), after(minutes=2))


def told(found: Deployment) -> str:
    return found.timeline[-1].text


def in_the_last_step(**changes: Any) -> Deployment:
    return changed(confirmed(Phase.SHIFTING, step=1, **changes), expected_routings=(HALF,))


# -- an alarm ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", [SPLIT, STABLE, CANARY, Routing("2", "3", 7700)], ids=str)
def test_an_alarm_brings_back_whatever_part_of_the_traffic_the_canary_has(routing: Routing) -> None:
    """Also before the alias was seen to carry the step: the write may be under way."""
    assert alarmed(deployment(Phase.SHIFTING), routing).phase is Phase.ROLLING_BACK


@pytest.mark.parametrize("routing", [Routing("7"), Routing("7", "3", 1000), None], ids=str)
def test_an_alarm_leaves_the_routing_of_somebody_else_alone(routing: Routing | None) -> None:
    assert alarmed(confirmed(Phase.SHIFTING), routing).phase is Phase.SHIFTING
    assert ticked(confirmed(Phase.SHIFTING), view(Routing("7"), FIRING)).phase is Phase.SHIFTING


def test_an_alarm_before_the_first_percent_is_nobodys() -> None:
    waiting = confirmed(Phase.SHIFTING, since=None)
    assert alarmed(waiting, SPLIT) is waiting


def test_a_closing_deployment_is_still_brought_back() -> None:
    closing = confirmed(Phase.BAKING, closing=True)
    assert alarmed(closing, CANARY).phase is Phase.ROLLING_BACK
    assert ticked(closing, view(CANARY, FIRING)).phase is Phase.ROLLING_BACK


def test_a_person_who_closes_in_spite_of_a_freeze_is_not_overruled_by_the_same_alarm() -> None:
    freezes = manifest(on_failure="freeze")
    closing = confirmed(Phase.BAKING, manifest=freezes, closing=True, overruled_at=NOW)
    assert alarmed(closing, CANARY) is closing
    open_yet = confirmed(Phase.BAKING, manifest=freezes, overruled_at=NOW)
    assert alarmed(open_yet, CANARY).hold.frozen == Reason(Cause.ALARM, "alarm checkout-p99 is firing")


# -- brought back by the alias alone ----------------------------------------------------------------------------------


def brought_back(line: str, routing: Routing = STABLE) -> Deployment:
    return ticked(confirmed(Phase.SHIFTING), seen(routing, description=line, alarms=QUIET))


def test_the_record_follows_a_rollback_by_the_alias_with_its_cause_and_words() -> None:
    because = Reason(Cause.HOOK, "hook each_step failed: no orders")
    found = brought_back(alias_description.rolled_back(42, "3", "2", because))
    assert (found.phase, found.reason) == (Phase.ROLLING_BACK, because)


@pytest.mark.parametrize("of", [(41, "3"), (42, "4")], ids=["another deployment", "another version"])
def test_the_line_of_another_rollback_is_drift(of: tuple[int, str]) -> None:
    found = brought_back(alias_description.rolled_back(*of, "2", Reason(Cause.ALARM, "x")), Routing("1"))
    assert (found.phase, found.traffic.drift) == (Phase.SHIFTING, "version 1")


def test_a_line_about_a_rollback_says_nothing_while_the_canary_has_traffic() -> None:
    line = alias_description.rolled_back(42, "3", "2", Reason(Cause.ALARM, "x"))
    assert brought_back(line, SPLIT).phase is Phase.SHIFTING


# -- a hook that does not answer --------------------------------------------------------------------------------------

ASKS = manifest(hooks={"each_step": {"function": "smoke", "wait": "10m", "then": "rollback"}})
CALLED = HookRun(HookPoint.EACH_STEP, 0, NOW, NOW, HookStatus.IN_PROGRESS, calls=1)


def test_a_hook_that_does_not_finish_in_time_brings_traffic_back() -> None:
    silent = confirmed(Phase.SHIFTING, manifest=ASKS, hooks=(CALLED,))
    assert ticked(silent, view(SPLIT), 9.9).phase is Phase.SHIFTING
    back = ticked(silent, view(SPLIT), 10)
    assert (back.phase, back.reason and back.reason.cause) == (Phase.ROLLING_BACK, Cause.HOOK_SILENT)


def test_a_hook_does_not_move_the_alias_of_somebody_else() -> None:
    silent = confirmed(Phase.SHIFTING, manifest=ASKS, hooks=(CALLED,))
    assert ticked(silent, view(Routing("7")), 10).phase is Phase.SHIFTING


# -- going on ---------------------------------------------------------------------------------------------------------


def test_the_next_step_is_told_by_its_number_and_weight() -> None:
    found = ticked(confirmed(Phase.SHIFTING), view(SPLIT), 5)
    assert (found.traffic.step, told(found)) == (1, "step 2: 50% to version 3")


def test_the_promotion_says_that_rollback_stays_armed() -> None:
    found = ticked(in_the_last_step(), view(HALF), 10)
    assert (found.phase, told(found)) == (Phase.BAKING, "BAKING: all traffic to version 3; rollback stays armed")


def test_a_deployment_ends_only_once_the_alias_is_disarmed() -> None:
    closing = confirmed(Phase.BAKING, closing=True)
    assert ticked(closing, view(CANARY)) is closing
    line = alias_description.write(closing, freezes=False)
    ended = ticked(closing, seen(CANARY, description=line, alarms=QUIET))
    assert (ended.phase, ended.reason and ended.reason.cause) == (Phase.SUCCEEDED, Cause.PROMOTED)


def counted(then: str, canary: int | None, minutes: float, **changes: Any) -> Deployment:
    gates = {"alarms": [], "errors": False, "min_invocations": 50, "no_traffic": {"wait": "30m", "then": then}}
    return ticked(
        confirmed(Phase.SHIFTING, manifest=manifest(gates=gates), **changes),
        seen(SPLIT, description=armed(), canary_invocations=canary),
        minutes,
    )


def test_too_few_requests_bring_traffic_back_after_the_wait_and_say_how_long_it_was() -> None:
    assert counted("rollback", 0, 34.9).phase is Phase.SHIFTING
    back = counted("rollback", 7, 35)
    assert back.reason == Reason(
        Cause.NO_TRAFFIC,
        "7 of 50 requests have reached version 3 in this step; gates.no_traffic says rollback, 30m after its hold",
    )


def test_a_step_that_goes_on_without_requests_says_so() -> None:
    found = counted("promote", 7, 35)
    assert found.traffic.step == 1
    assert [entry.text for entry in found.timeline if "no_traffic" in entry.text] == [
        "7 of 50 requests have reached version 3 in this step; gates.no_traffic says promote"
    ]


def test_a_shift_without_any_data_is_no_lack_of_traffic() -> None:
    gates = {"alarms": [], "errors": False, "min_invocations": 0, "no_traffic": {"wait": "30m", "then": "rollback"}}
    before = in_the_last_step(manifest=manifest(gates=gates), has_data=False)
    back = ticked(before, seen(HALF, description=armed()), 40)
    assert (back.phase, back.reason and back.reason.cause) == (Phase.ROLLING_BACK, Cause.NO_DATA)
