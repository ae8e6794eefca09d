"""The safety case: every guard of the controller that a test must miss, by what it is a guard of."""

from __future__ import annotations

from tests.guards import alias, freezes, people, records, tables, way_back
from tests.guards.guard import Guard

ALL: tuple[Guard, ...] = (
    *alias.GUARDS,
    *way_back.GUARDS,
    *people.GUARDS,
    *freezes.GUARDS,
    *records.GUARDS,
    *tables.GUARDS,
)
