"""What was broken, how often, and what happened: the sweep's numbers for people, on docs/evidence/fault-sweep.md.

Rules of the file: the part is made from a whole run, never by hand; ``make faults`` writes it.

Note: "ended otherwise" is no violation. Where AWS denies for good what a deployment needs, the right end is that the
old version serves, and each scenario says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.results import Swept

LINES = ("<!-- faults: made by make faults -->", "<!-- faults: end -->")


def part(swept: Swept) -> str:
    """Returns the part as Markdown."""
    return "\n".join([*_rows(swept), "", f"In all: {swept}."])


def _rows(swept: Swept) -> Iterator[str]:
    columns = (
        "what was broken", "stories", "calls that failed", "ended as if nothing had been",
        "ended otherwise, as it should", "rules broken",
    )  # fmt: skip
    yield f"| {' | '.join(columns)} |"
    yield "| --- " + "| ---: " * (len(columns) - 1) + "|"
    for broken, row in sorted(swept.rows.items()):
        otherwise = row.stories - row.as_undisturbed - row.wrong
        numbers = (row.stories, row.injected, row.as_undisturbed, otherwise, row.wrong)
        yield f"| {broken} | {' | '.join(f'{number:,}' for number in numbers)} |"
