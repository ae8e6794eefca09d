"""Whatever happens, in any order and at any time, the rules hold after every step, and everything comes to rest."""

from __future__ import annotations

import re
import runpy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import Drop, Minutes, Scenario
from tests.cloud.steps_at_any_time import Heal, RunBy, UntilAtRest
from tests.faults.left_undone import AtRest
from tests.stateful.source_text import pasted
from tests.stateful.strategies import GIVEN
from tests.stateful.walk import AGAIN, Walked, walk
from tests.stateful.walk_settings import tried

WALKS, STEPS = 80, 30
MANY = 200
"""More walks than it takes to find what "hasty" does."""


def evaluated(text: str, folder: Path) -> Scenario:
    file = folder / "found.py"
    file.write_text(text)
    found: Scenario = runpy.run_path(str(file))["FOUND"]
    return found


def test_whatever_happens_the_rules_hold(walked: Walked) -> None:
    walk(walked, tried(WALKS, STEPS))


def test_a_broken_controller_is_found_and_what_is_printed_tells_it_again(tmp_path: Path) -> None:
    how = settings(tried(MANY, STEPS), derandomize=True, database=None)
    with pytest.raises(AssertionError) as found:
        walk(Walked(), how, (RunBy(("hasty",)), *GIVEN))
    wrong, _, text = str(found.value).partition(AGAIN)
    # Somebody else's routing is overwritten, perhaps with that of a deployment which was brought back meanwhile.
    assert re.match(r"\(h\) checkout:live was moved by somebody else and overwritten|\(l\) .* was brought back", wrong)
    scenario = evaluated(text, tmp_path)
    assert len(scenario.when) < STEPS / 2
    again = scenario.begun().to_the_end()
    assert scenario.wrong(again)[0] == wrong.splitlines()[0]
    by_today = replace(scenario, given=GIVEN, when=(*scenario.when, Heal(), UntilAtRest()))
    assert by_today.wrong(by_today.begun().to_the_end()) == []


def test_a_scenario_is_printed_as_what_makes_it_again(tmp_path: Path) -> None:
    lost = FailsAt("GetItem", Fault.LOST, 3)
    steps = (Drop("v2", None), Drop("v3", key="checkout/a.zip"), Before("PutItem", lost), Minutes(1))
    scenario = Scenario("walk's", given=GIVEN, when=steps, then=AtRest())
    assert evaluated(pasted(scenario), tmp_path) == scenario
    assert "Before('PutItem', FailsAt('GetItem', Fault.LOST, 3))," in pasted(scenario)
