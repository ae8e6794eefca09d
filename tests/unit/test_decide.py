"""One decision: the event, the mark of a request that changed something, a newer artifact that waits, and a look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.lifecycle.state_machine import Event, decide, tells_of_drift
from controller.core.model import Alias, Cause, Phase, Reason, Routing, events
from controller.core.model.observation import AlarmState
from controller.core.model.outcomes import Routed
from tests.builders import ROUTINGS, after, armed, changed, confirmed, deployment, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
VIEW = seen(SPLIT, description=armed(), alarms={"checkout-p99": AlarmState.OK})
SHIFTING = confirmed(Phase.SHIFTING)
ROUTED = Routed(Alias(SPLIT, "revision-2", armed()))
PAUSE = events.PauseRequested(mark="the mark")


def test_a_request_that_changes_something_leaves_its_mark() -> None:
    found = decide(SHIFTING, PAUSE, VIEW, after(minutes=1))
    assert [(each.mark, each.at) for each in found.bookkeeping.carried_out] == [("the mark", after(minutes=1))]


@pytest.mark.parametrize("event", [events.PauseRequested(), events.Tick(), ROUTED])
def test_an_event_without_a_mark_leaves_none(event: Event) -> None:
    assert decide(SHIFTING, event, VIEW, after(minutes=6)).bookkeeping.carried_out == ()


def test_a_request_that_changes_nothing_leaves_no_mark() -> None:
    paused = changed(SHIFTING, paused=True)
    assert decide(paused, PAUSE, VIEW, after(minutes=1)) is paused


def test_every_event_is_followed_by_a_look() -> None:
    stepped = decide(SHIFTING, ROUTED, VIEW, after(minutes=6))
    assert stepped.traffic.step == 1
    assert decide(SHIFTING, events.Tick(), VIEW, after(minutes=6)) == stepped


@pytest.mark.parametrize(
    ("on_newer", "phase"), [("supersede", Phase.ROLLING_BACK), ("queue", Phase.SHIFTING), ("reject", Phase.SHIFTING)]
)
def test_a_newer_artifact_that_waits_takes_the_place_only_if_on_newer_says_so(on_newer: str, phase: Phase) -> None:
    waited_for = changed(SHIFTING, newer=43, manifest=manifest(on_newer=on_newer))
    assert decide(waited_for, events.Tick(), VIEW, after(minutes=1)).phase is phase
    assert decide(SHIFTING, events.Tick(), VIEW, after(minutes=1)).phase is Phase.SHIFTING


# -- drift is told once -----------------------------------------------------------------------------------------------

DRIFTED = changed(SHIFTING, drift="version 7")
ENDED = deployment(Phase.ROLLED_BACK, reason=Reason(Cause.DRIFT, "somebody else moved the alias"))


def test_drift_is_told_when_it_begins() -> None:
    assert tells_of_drift(SHIFTING, DRIFTED)
    assert not tells_of_drift(DRIFTED, DRIFTED)
    assert not tells_of_drift(DRIFTED, SHIFTING)
    assert not tells_of_drift(SHIFTING, SHIFTING)


def test_drift_is_told_when_it_ends_the_deployment() -> None:
    assert tells_of_drift(DRIFTED, ENDED)
    assert not tells_of_drift(ENDED, ENDED)
    by_alarm = replace(ENDED, reason=Reason(Cause.ALARM, "alarm x is firing"))
    assert not tells_of_drift(SHIFTING, by_alarm)
    assert not tells_of_drift(ENDED, by_alarm)


def test_the_alias_that_somebody_else_moved_is_found_by_any_event() -> None:
    found = decide(SHIFTING, ROUTED, seen(Routing("7"), alarms={}), after(minutes=1))
    assert tells_of_drift(SHIFTING, found)
