"""The modes of a deployment: each has one name, is found in its phases alone, and stands where people read of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.lifecycle import state_machine
from controller.core.model import Approval, Cause, Phase, Reason
from controller.core.model.deployment import Failing
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from controller.core.model.deployment.mode import RULES, Mode, modes, of_phase
from tests.builders import NOW, confirmed, deployment

BAD = Reason(Cause.ERRORS, "14 of 15 errors were version 3's")
IN: Mapping[Mode, Mapping[str, Any]] = {
    Mode.QUEUED: {"queued": True},
    Mode.CLEANING_UP: {"failing": Failing(BAD, NOW)},
    Mode.PAUSED: {"paused": True},
    Mode.FROZEN: {"paused": True, "frozen": BAD},
    Mode.UNDER_FREEZE: {"freeze_wait": FreezeWait(NOW, "all")},
    Mode.DRIFTED: {"drift": "version 7"},
    Mode.UNREADABLE: {"unreadable_since": NOW},
    Mode.UNCONFIRMED: {"confirmed_at": None},
    Mode.IN_DOUBT: {"doubts": 1},
    Mode.AWAITING_APPROVAL: {"approval": Approval(NOW)},
    Mode.CLOSING: {"closing": True},
    Mode.ASLEEP: {"asleep": "version 2 is Inactive"},
}


@pytest.mark.parametrize(("mode", "phase"), [(mode, phase) for mode, (phases, _) in RULES.items() for phase in phases])
def test_each_mode_is_found_in_each_of_its_phases(mode: Mode, phase: Phase) -> None:
    assert mode in modes(deployment(phase, **{"confirmed_at": NOW, **IN[mode]}))


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.TESTING, Phase.SHIFTING, Phase.BAKING])
def test_a_deployment_that_goes_on_is_in_none(phase: Phase) -> None:
    assert modes(deployment(phase, confirmed_at=NOW)) == ()


@pytest.mark.parametrize("phase", [Phase.SUCCEEDED, Phase.FAILED])
def test_a_deployment_that_is_over_has_no_mode(phase: Phase) -> None:
    every = {name: value for changes in IN.values() for name, value in changes.items()}
    assert modes(deployment(phase, **every)) == ()


def test_a_frozen_one_is_not_said_to_be_paused() -> None:
    assert modes(confirmed(Phase.SHIFTING, paused=True, frozen=BAD)) == (Mode.FROZEN,)


def test_the_header_of_the_state_machine_has_every_mode_of_every_phase() -> None:
    lines = re.findall(r"^    ([A-Z_]+) {2,}([a-z_, ]+)$", state_machine.__doc__ or "", re.MULTILINE)
    said = {phase: tuple(names.split(", ")) for phase, names in lines}
    assert said == {phase.value: tuple(mode.value for mode in of_phase(phase)) for phase in Phase if of_phase(phase)}
