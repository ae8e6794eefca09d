"""The error gate in the machine: it judges while both versions serve, rolls back on proof, remembers what it saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core import gates
from controller.core.events import Tick
from controller.core.judge import CountedMinute, Judgement, Minute
from controller.core.machine import transition
from controller.core.model import Cause, Deployment, Phase
from controller.core.observation import AlarmState
from controller.core.plan import due_at, quarantines
from tests.builders import NOW, ROUTINGS, after, confirmed, manifest, seen

SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET = {"slipway/checkout/live/42": AlarmState.OK}
WATCHED = manifest(gates={"errors": {"significance": 0.01}, "min_invocations": 0})
UNWATCHED = manifest(gates={"errors": False, "min_invocations": 0})
BAD = Minute(100, 8, 900, 1)
GOOD = Minute(100, 0, 900, 1)


def shifting(**changes: Any) -> Deployment:
    return confirmed(Phase.SHIFTING, manifest=WATCHED, **changes)


def looked(deployment: Deployment, *minutes: Minute, first: int = 0) -> Deployment:
    """Returns the deployment after a look that found these minutes, the first of which began ``first`` minutes after
    NOW.
    """
    counted = tuple(CountedMinute(after(minutes=first + place), each) for place, each in enumerate(minutes))
    return transition(deployment, Tick(), seen(SPLIT, alarms=QUIET, minutes=counted), after(minutes=3))


def test_a_canary_that_fails_more_often_is_rolled_back_with_the_counts() -> None:
    back = looked(shifting(), BAD, BAD)
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.ERRORS
    assert "version 3 failed 16 of 200 (8 %) requests, version 2 2 of 1,800 (0.111 %)" in back.reason.text


def test_its_bytes_are_quarantined() -> None:
    assert quarantines(looked(shifting(), BAD, BAD))


def test_a_canary_that_fails_as_often_stays() -> None:
    assert looked(shifting(), *[Minute(100, 1, 900, 9)] * 30).phase is Phase.SHIFTING


def test_evidence_is_kept_from_look_to_look_and_from_step_to_step() -> None:
    once = looked(shifting(step=1, written=(ROUTINGS[Phase.SHIFTING],)), Minute(100, 2, 900, 1))
    assert once.phase is Phase.SHIFTING
    assert looked(once, Minute(100, 3, 900, 0), first=1).phase is Phase.ROLLING_BACK


def test_a_minute_counts_once_however_often_it_is_read() -> None:
    once = looked(shifting(), GOOD, BAD)
    again = looked(replace(once, phase=Phase.SHIFTING), GOOD, BAD)
    assert again.judgement == once.judgement


def test_the_gate_can_be_turned_off() -> None:
    off = confirmed(Phase.SHIFTING, manifest=UNWATCHED)
    assert not gates.judges(off)
    assert looked(off, BAD, BAD).phase is Phase.SHIFTING


def test_requests_that_cannot_be_counted_hold_the_step() -> None:
    blind = seen(SPLIT, alarms=QUIET, minutes=None)
    held = transition(shifting(), Tick(), blind, after(minutes=5))
    assert (held.step, held.unreadable_since) == (0, after(minutes=5))
    assert gates.holding(held, blind, after(minutes=5)) == "CloudWatch does not count the requests of both versions"


def test_it_looks_at_every_tick_while_both_versions_serve() -> None:
    assert due_at(shifting(), NOW) == NOW
    assert due_at(confirmed(Phase.SHIFTING, manifest=UNWATCHED), NOW) == after(minutes=5)


@pytest.mark.parametrize(("log", "words"), [(50, "over 1,000,000,000 to 1"), (5, "149 to 1"), (13, "442,000 to 1")])
def test_evidence_is_said_as_odds(log: float, words: str) -> None:
    evidence = replace(Judgement().evidence, minutes=1, sums=(log + 0.0001,) * 6)
    assert words in Judgement(evidence).in_words("3", "2")
