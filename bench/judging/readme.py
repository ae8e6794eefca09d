"""The simulation's part of README.md, between two lines that stay:

    <!-- judge: made by make judge -->
    <!-- judge: end -->

Rules of the file: the part is made from a whole run, never by hand. What a newcomer would get wrong: no test makes it
again, for that takes minutes; whoever changes the judge runs ``python -m bench.judging --readme``.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.judging.bars import rows
from bench.judging.deployments import Deployed
from bench.judging.tables import bad_legend, bad_releases, good_legend, good_releases
from bench.judging.trials import Onset, Outcome

BEGIN = "<!-- judge: made by make judge -->"
END = "<!-- judge: end -->"


class NoPart(ValueError):
    """README.md does not have the two lines exactly once."""


def part(outcomes: Sequence[Outcome], deployed: Sequence[Deployed]) -> str:
    """Returns the part as Markdown; the long tables are folded."""
    return "\n".join(
        [
            *(f"- {row.what}: {row.measured} (bar: {row.bar})" for row in rows(outcomes, deployed)),
            "",
            good_legend(outcomes),
            "",
            good_releases(outcomes),
            bad_legend(outcomes),
            "",
            *(_folded(f"Bad {onset.value}", bad_releases(outcomes, onset)) for onset in Onset),
        ]
    ).rstrip("\n")


def rewritten(text: str, part_: str, lines: tuple[str, str] = (BEGIN, END)) -> str:
    """Returns the README with this part in it, between its two ``lines``. Raises NoPart."""
    first, last = lines
    before, begin, rest = text.partition(f"{first}\n")
    _, end, after = rest.partition(f"{last}\n")
    if not begin or not end or first in rest or last in after:
        raise NoPart(f"README.md needs each of these lines once, in this order: {first} and {last}")
    return f"{before}{begin}\n{part_}\n\n{end}{after}"


def _folded(summary: str, table: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{table}\n</details>\n"
