"""Whatever happens, in any order and at any time, the rules hold after every step, and everything comes to rest."""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.trying import tried
from tests.stateful.walk import Walk, Walked

WALKS, STEPS = 150, 30


def test_whatever_happens_the_rules_hold(walked: Walked) -> None:
    run_state_machine_as_test(lambda: Walk(walked), settings=tried(WALKS, STEPS))
