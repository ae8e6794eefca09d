"""Corners of the transitions: what is asked twice, asked too late, or asked of a first deployment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.lifecycle.refusals import refusal
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Milestone, Person, Phase, Reason, Routing, events
from controller.core.model.deployment import Failing
from controller.core.model.deployment.timeline import log
from controller.core.model.observation import AlarmState
from controller.core.model.outcomes import EffectRefused, Published
from tests.builders import CHECKOUT, NOW, ROUTINGS, after, changed, confirmed, deployment, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
STABLE = Routing("2")
CANARY = Routing("3")
ALARM = events.AlarmFired("checkout-p99", after(minutes=1), CHECKOUT, "3")
FIRING = {"checkout-p99": AlarmState.FIRING}
REFUSED = EffectRefused(Reason(Cause.PUBLISH_FAILED, "no such version"))


# -- a first deployment -----------------------------------------------------------------------------------------------


def test_an_alarm_on_a_first_deployment_finds_nothing_to_go_back_to() -> None:
    first = confirmed(Phase.BAKING, stable=None)
    assert transition(first, ALARM, seen(CANARY), after(minutes=1)) is first
    assert transition(first, events.RollbackRequested(), seen(CANARY), after(minutes=1)).phase is Phase.BAKING


def test_a_newer_artifact_waits_for_a_first_deployment() -> None:
    first = confirmed(Phase.BAKING, stable=None)
    assert transition(first, events.NewerAccepted(43), seen(CANARY), NOW) is first


def test_a_first_deployment_whose_alias_aws_refuses_has_failed() -> None:
    found = transition(deployment(Phase.BAKING, stable=None), REFUSED, seen(None), NOW)
    assert (found.phase, found.reason) == (Phase.FAILED, REFUSED.reason)


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_a_refusal_of_aws_in_traffic_rolls_back(phase: Phase) -> None:
    found = transition(confirmed(phase), REFUSED, seen(ROUTINGS[phase]), NOW)
    assert (found.phase, found.reason) == (Phase.ROLLING_BACK, REFUSED.reason)


# -- twice, and too late ----------------------------------------------------------------------------------------------


def test_the_first_reason_of_a_failure_stays() -> None:
    failing = transition(
        deployment(Phase.TESTING), events.RollbackRequested(person=Person(why="first")), seen(STABLE), NOW
    )
    assert transition(failing, events.RollbackRequested(person=Person(why="second")), seen(STABLE), NOW) is failing
    assert transition(failing, REFUSED, seen(STABLE), NOW) is failing


def test_a_version_that_is_published_too_late_is_not_tested() -> None:
    failing = deployment(
        failing=Failing(Reason(Cause.REQUESTED, "a person asked"), NOW), done=frozenset({Milestone.IDENTIFIED})
    )
    assert transition(failing, Published("3", "sha-3"), seen(STABLE), NOW) is failing


def test_a_rollback_that_is_under_way_is_not_begun_again() -> None:
    back = deployment(Phase.ROLLING_BACK)
    assert transition(back, events.RollbackRequested(), seen(SPLIT), after(minutes=1)) is back


def test_a_rollback_is_confirmed_over_drift() -> None:
    back = deployment(Phase.ROLLING_BACK, drift="version 7")
    found = transition(back, events.RollbackRequested(), seen(Routing("7")), NOW)
    assert found.traffic.drift == ""
    assert Routing("7") in found.traffic.expected_routings


def test_a_rollback_that_is_handled_twice_is_not_confirmed_by_that() -> None:
    back = deployment(Phase.ROLLING_BACK, drift="version 7")
    again = events.RollbackRequested(over_drift="")
    assert transition(back, again, seen(Routing("7")), NOW) is back
    assert transition(back, replace(again, over_drift="version 7"), seen(Routing("7")), NOW).traffic.drift == ""


def test_a_rollback_over_an_alias_that_is_gone_makes_it_again() -> None:
    back = deployment(Phase.ROLLING_BACK, drift="no alias at all", reason=Reason(Cause.ALARM, "x is firing"))
    found = transition(back, events.RollbackRequested(), seen(None), NOW)
    assert (found.traffic.drift, found.reason) == ("", Reason(Cause.REQUESTED, "a person asked"))
    assert "makes it again, without its former permissions" in found.timeline[-1].text


def test_a_second_pause_and_a_second_resume_change_nothing() -> None:
    paused, running = deployment(paused=True), deployment()
    assert transition(paused, events.PauseRequested(), seen(STABLE), NOW) is paused
    assert transition(running, events.ResumeRequested(), seen(STABLE), NOW) is running


# -- drift ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_promote_does_not_overwrite_a_drifted_alias(phase: Phase) -> None:
    drifted = confirmed(phase, drift="version 7")
    assert transition(drifted, events.PromoteRequested(), seen(Routing("7")), NOW) is drifted


# -- a bake that is closed early --------------------------------------------------------------------------------------


def test_promote_ends_a_bake() -> None:
    found = transition(confirmed(Phase.BAKING), events.PromoteRequested(), seen(CANARY), NOW)
    assert (found.phase, found.traffic.closing) == (Phase.BAKING, True)


def test_promote_does_not_end_a_bake_while_an_alarm_fires() -> None:
    found = transition(confirmed(Phase.BAKING), events.PromoteRequested(), seen(CANARY, alarms=FIRING), NOW)
    assert found.phase is Phase.ROLLING_BACK


def test_a_bake_that_has_not_begun_is_not_ended() -> None:
    before = deployment(Phase.BAKING)
    assert transition(before, events.PromoteRequested(), seen(SPLIT), NOW) is before


# -- an alarm that a person overrides ---------------------------------------------------------------------------------

BLOCKING = manifest(gates={"alarms": ["checkout-p99", "queue-age"], "already_alarming": "block", "errors": False})
OVERRIDE = events.OverrideRequested("checkout-p99", person=Person("alice", "it is the fix"))
BOTH_FIRE = {"checkout-p99": AlarmState.FIRING, "queue-age": AlarmState.FIRING}


def blocked(phase: Phase = Phase.TESTING, **changes: Any) -> Deployment:
    done = frozenset({Milestone.IDENTIFIED, Milestone.TESTED}) if phase is Phase.TESTING else frozenset[Milestone]()
    return deployment(phase, **{"manifest": BLOCKING, "done": done, **changes})


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING])
def test_an_override_is_told_with_who_and_why(phase: Phase) -> None:
    found = transition(blocked(phase), OVERRIDE, seen(STABLE, alarms=FIRING), NOW)
    assert (found.phase, found.alarms.overridden) == (phase, {"checkout-p99"})
    (notice,) = found.bookkeeping.outbox
    said = "alice overrides alarm checkout-p99, which counts again once it has calmed down: it is the fix"
    assert notice.text == said
    assert found.timeline[-1].text == notice.text


def test_a_second_override_changes_nothing() -> None:
    once = transition(blocked(), OVERRIDE, seen(STABLE, alarms=FIRING), NOW)
    again = events.OverrideRequested("checkout-p99", person=Person("bob", "me too"))
    assert transition(once, again, seen(STABLE, alarms=FIRING), NOW) is once


def test_a_deployment_that_is_ending_is_not_overridden() -> None:
    ending = blocked(failing=Failing(Reason(Cause.TEST_FAILED, "test 'ping' failed"), NOW))
    assert transition(ending, OVERRIDE, seen(STABLE, alarms=FIRING), NOW) is ending
    text = refusal(ending, OVERRIDE, seen(STABLE))
    assert text and text.startswith("checkout:live#42 is ending, because test 'ping' failed; allowed now: ")


def test_an_override_starts_traffic_with_the_alarm_disarmed() -> None:
    allowed = transition(blocked(), OVERRIDE, seen(STABLE, alarms=FIRING), NOW)
    found = transition(allowed, events.Tick(), seen(STABLE, alarms=FIRING), NOW)
    assert (found.phase, found.alarms.disarmed) == (Phase.SHIFTING, {"checkout-p99"})
    held = transition(allowed, events.Tick(), seen(STABLE, alarms=BOTH_FIRE), NOW)
    assert (held.phase, held.alarms.disarmed) == (Phase.TESTING, frozenset())


def test_an_override_does_not_disarm_an_alarm_that_was_ok_when_traffic_began() -> None:
    allowed = transition(blocked(), OVERRIDE, seen(STABLE, alarms=FIRING), NOW)
    found = transition(allowed, events.Tick(), seen(STABLE, alarms={"checkout-p99": AlarmState.OK}), NOW)
    assert (found.phase, found.alarms.disarmed) == (Phase.SHIFTING, frozenset())
    shifting = changed(found, confirmed_at=NOW, expected_routings=(SPLIT,))
    assert transition(shifting, events.Tick(), seen(SPLIT, alarms=FIRING), NOW).phase is Phase.ROLLING_BACK


@pytest.mark.parametrize(
    ("before", "alarm", "text"),
    [
        (
            blocked(),
            "latency",
            "gates.alarms of checkout:live#42 does not name latency; allowed: checkout-p99, queue-age",
        ),
        (
            blocked(manifest=manifest(gates={"already_alarming": "block"})),
            "checkout-p99",
            "gates.alarms of checkout:live#42 does not name checkout-p99; allowed: none",
        ),
        (
            blocked(manifest=manifest()),
            "checkout-p99",
            (
                "already_alarming of checkout:live#42 is ignore_until_ok, so no alarm keeps it from starting;"
                " allowed now: rollback, pause, resume"
            ),
        ),
        (
            confirmed(Phase.SHIFTING, manifest=BLOCKING),
            "checkout-p99",
            (
                "checkout:live#42 is SHIFTING; an armed alarm that fires rolls back at once;"
                " allowed now: promote, next, rollback, pause, resume, accept_drift"
            ),
        ),
        (
            deployment(Phase.ROLLING_BACK, manifest=BLOCKING),
            "checkout-p99",
            "checkout:live#42 is ROLLING_BACK; allowed now: rollback, accept_drift",
        ),
    ],
    ids=["not named", "none named", "does not block", "in traffic", "rolling back"],
)
def test_an_override_that_makes_no_sense_is_refused(before: Deployment, alarm: str, text: str) -> None:
    assert refusal(before, replace(OVERRIDE, alarm=alarm), seen(SPLIT)) == text


def test_an_override_is_offered_where_an_alarm_can_block() -> None:
    assert refusal(blocked(), OVERRIDE, seen(STABLE)) is None
    text = refusal(blocked(), events.PromoteRequested(), seen(STABLE))
    assert text == "checkout:live#42 is TESTING; allowed now: rollback, pause, resume, override"


# -- refused requests -------------------------------------------------------------------------------------------------


def test_a_waiting_deployment_can_only_be_looked_at() -> None:
    text = refusal(deployment(queued=True), events.PromoteRequested(), seen(STABLE))
    assert text == "checkout:live#42 waits for the open deployment to end; allowed now: status, history"


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (None, "does not exist any more"),
        (SPLIT, "there is no drift to accept"),
        (Routing("7", "8", 100), "only one version can be kept"),
    ],
)
def test_drift_that_cannot_be_accepted_says_why(view: Routing | None, text: str) -> None:
    assert text in (refusal(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), seen(view)) or "")


def test_drift_to_one_version_can_be_accepted() -> None:
    assert refusal(confirmed(Phase.SHIFTING), events.AcceptDriftRequested(), seen(Routing("7"))) is None


@pytest.mark.parametrize(
    ("before", "request_"),
    [
        (confirmed(Phase.SHIFTING), events.PromoteRequested()),
        (confirmed(Phase.BAKING), events.RollbackRequested()),
        (deployment(Phase.TESTING, stable=None), events.RollbackRequested()),
    ],
)
def test_a_request_that_can_be_met_is_not_refused(before: Deployment, request_: events.Request) -> None:
    assert refusal(before, request_, seen(SPLIT)) is None


# -- the timeline -----------------------------------------------------------------------------------------------------


def test_a_timeline_keeps_its_newest_entries() -> None:
    long = deployment()
    for number in range(400):
        long = log(long, after(seconds=number), str(number))
    assert len(long.timeline) == 300
    assert long.timeline[-1].text == "399"
