"""Guards of freezes: what may not go forward while one is in force, and who never asks."""

from __future__ import annotations

from tests.guards.changes import omits, skips
from tests.guards.guard import Guard

GUARDS = (
    Guard(
        "no step is taken under a freeze",
        omits("core.gates.order:HOLDS", "freeze.holds"),
        ("tests/scenarios/test_freezes.py::test_no_step_is_taken_under_a_freeze",),
    ),
    Guard(
        "no first percent moves under a freeze",
        omits("core.gates.order:HOLDS_BEFORE_TRAFFIC", "freeze.holds"),
        ("tests/scenarios/test_freezes.py::test_a_tested_version_gets_no_first_percent",),
    ),
    Guard(
        "freezes that cannot be read hold what would go forward",
        skips("core.gates.freeze:forbids", "freezes"),
        ("tests/scenarios/test_freezes.py::test_freezes_that_cannot_be_read_hold_and_say_so",),
    ),
    Guard(
        "a person's request in a dead letter is not carried out again",
        skips("requests.redriving:Redriving._redriven", "word"),
        ("tests/scenarios/test_redrive.py::test_a_persons_request_is_told_and_not_carried_out_again",),
    ),
)
