"""The safety case for people, on docs/evidence/safety-case.md: what holds, where, and which tests fail without it.

Between two lines, which stay:

    <!-- guards: made by make mutants -->
    <!-- guards: end -->
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.guards import alias, freezes, people, records, tables, way_back
from tests.guards.guard import Guard

NAME = "docs/evidence/safety-case.md"
_LINES = "<!-- guards: made by make mutants -->", "<!-- guards: end -->"
_PARTS = {
    "The alias": alias.GUARDS,
    "The way back": way_back.GUARDS,
    "What people ask for": people.GUARDS,
    "What a freeze holds": freezes.GUARDS,
    "The record": records.GUARDS,
    "Tables": tables.GUARDS,
}


def rewritten(text: str) -> str:
    """Returns the page with the tables made anew."""
    begin, end = _LINES
    before, _, rest = text.partition(begin)
    return "\n".join([f"{before}{begin}", *_made(), f"{end}{rest.partition(end)[2]}"])


def _made() -> Iterator[str]:
    for heading, guards in _PARTS.items():
        yield from ("", f"## {heading}", "", "| what holds | taken out | fails without it |", "| --- | --- | --- |")
        yield from _rows(guards)
    yield ""


def _rows(guards: Sequence[Guard]) -> Iterator[str]:
    for guard in guards:
        at = "<br>".join(f"`{each.in_words}` in `{each.where.rstrip(':')}`" for each in guard.changes)
        tests = "<br>".join(f"`{each.removeprefix('tests/').replace('|', chr(92) + '|')}`" for each in guard.killed_by)
        yield f"| {guard.name} | {at} | {tests} |"
