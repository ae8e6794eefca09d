"""The simulation's part of docs/evidence/error-gate-simulation.md, between two lines that stay:

    <!-- judge: made by make judge -->
    <!-- judge: end -->

The part is made from a whole run, never by hand. No test makes it again, for that takes minutes; whoever changes the
error gate runs ``python -m bench.judging --page``.
"""

from __future__ import annotations

from bench.judging import bars
from bench.judging.simulation import Simulated
from bench.judging.tables import bad_releases, good_releases

BEGIN = "<!-- judge: made by make judge -->"
END = "<!-- judge: end -->"


class NoPart(ValueError):
    """The page does not have the two lines exactly once."""


def part(found: Simulated) -> str:
    """Returns the part as Markdown."""
    shown = (*bars.together(found.promised), *bars.ten_times(found.ten_times))
    return "\n".join(
        [
            *(f"- {row.what}: {row.measured} (bar: {row.bar})" for row in shown),
            "",
            "Promised: percent of good releases rolled back, at 1,000 requests a minute where no other number stands.",
            "",
            good_releases(found.promised),
            "Not promised:",
            "",
            good_releases(found.unpromised),
            "Bad releases:",
            "",
            bad_releases(found.worse, found.late),
        ]
    ).rstrip("\n")


def rewritten(text: str, part_: str, lines: tuple[str, str] = (BEGIN, END)) -> str:
    """Returns the page with this part in it, between its two ``lines``. Raises NoPart."""
    first, last = lines
    before, begin, rest = text.partition(f"{first}\n")
    _, end, after = rest.partition(f"{last}\n")
    if not begin or not end or first in rest or last in after:
        raise NoPart(f"the page needs each of these lines once, in this order: {first} and {last}")
    return f"{before}{begin}\n{part_}\n\n{end}{after}"
