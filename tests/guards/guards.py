"""Every guard of the controller that a test must miss, by what it is a guard of."""

from __future__ import annotations

from tests.guards import alias, border, budget, going_on, own_alarm, records, shipping, waits, way_back
from tests.guards.guard import Guard

ALL: tuple[Guard, ...] = (
    *alias.GUARDS, *way_back.GUARDS, *records.GUARDS, *going_on.GUARDS, *shipping.GUARDS, *border.GUARDS,
    *budget.GUARDS, *waits.GUARDS, *own_alarm.GUARDS,
)  # fmt: skip
