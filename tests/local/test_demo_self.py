"""The controller deploys itself, as a person has it shown by ``make demo-self``: every act ends on one that works."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from local.package import ROOT

ACTS = ("good", "fails-on-import", "fails-on-ticks", "cannot-roll-back", "stops-starting")


@pytest.fixture(scope="module")
def done() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.demo_self"], cwd=ROOT, capture_output=True, text=True, timeout=480, check=False
    )


@pytest.fixture(scope="module")
def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The last line."""
    assert done.returncode == 0, done.stderr[-3000:]
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


def ends(told: dict[str, Any], act: str) -> tuple[str, str, str]:
    """How the deployments of the controller, and why, and of the function ended."""
    found = told["acts"][act]
    return found["controller"], found["cause"], found["function"]


def test_a_good_new_controller_is_promoted_by_itself_while_it_deploys_a_function(told: dict[str, Any]) -> None:
    assert ends(told, "good") == ("SUCCEEDED", "promoted", "SUCCEEDED")


def test_a_new_controller_that_fails_on_import_gets_no_traffic(told: dict[str, Any]) -> None:
    assert ends(told, "fails-on-import") == ("FAILED", "test_failed", "SUCCEEDED")
    assert told["acts"]["fails-on-import"]["shares"] == []


def test_a_new_controller_that_fails_on_ticks_is_rolled_back(told: dict[str, Any]) -> None:
    assert ends(told, "fails-on-ticks") == ("ROLLED_BACK", "alarm", "SUCCEEDED")


def test_a_function_comes_back_although_the_new_controller_cannot_roll_back_and_so_does_the_controller(
    told: dict[str, Any],
) -> None:
    assert ends(told, "cannot-roll-back") == ("ROLLED_BACK", "alarm", "ROLLED_BACK")


def test_a_new_controller_that_cannot_be_imported_any_more_in_its_bake_is_rolled_back(told: dict[str, Any]) -> None:
    assert ends(told, "stops-starting") == ("ROLLED_BACK", "alarm", "SUCCEEDED")
    assert told["acts"]["stops-starting"]["shares"] == [100.0]


@pytest.mark.parametrize("act", ACTS)
def test_an_act_ends_on_one_version_that_answers(told: dict[str, Any], act: str) -> None:
    found = told["acts"][act]
    assert (found["live"], found["answers_status"]) == ({"version": "2", "weights": {}}, "2")


def test_all_of_it_is_told(told: dict[str, Any], done: subprocess.CompletedProcess[str]) -> None:
    assert (told["ok"], tuple(told["acts"])) == (True, ACTS)
    drops = [line for line in done.stdout.splitlines() if "  drop " in line]
    assert len(drops) == 2 * len(ACTS)
    assert told["seconds_total"] <= 240
