"""Sweeps scenarios by hand: ``python -m tests.faults [--page] [WORDS]``; WORDS choose those whose name has them.

Note: ``--page`` shows a whole run, so it takes no words.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.judging.page import rewritten
from tests.cloud.steps import Scenario
from tests.faults import table
from tests.faults.processes import on_all_processors
from tests.faults.results import Swept
from tests.faults.scenarios import ALL
from tests.faults.sweep import sweep

_PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "evidence" / "fault-sweep.md"


def main() -> int:
    """Sweeps; returns 1 where a rule was broken."""
    asked = _asked()
    chosen = [scenario for scenario in ALL if " ".join(asked.words) in scenario.name]
    swept = on_all_processors(sweep, chosen, at_once=1, progress=_say)
    part = table.part(swept)
    print("\n".join([*swept.wrong, part]))  # noqa: T201 - what a command has to say
    if asked.page:
        _PAGE.write_text(rewritten(_PAGE.read_text("utf-8"), part, table.LINES), "utf-8")
    return int(bool(swept.wrong))


def _say(scenarios: Sequence[Scenario], swept: Swept) -> None:
    for each in scenarios:
        print(f"{each.name}: {swept.injected} faults, {len(swept.wrong)} violations", file=sys.stderr, flush=True)  # noqa: T201


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--page", action="store_true", help="rewrite the table of docs/evidence/fault-sweep.md")
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args()
    if asked.page and asked.words:
        parser.error("--page shows a whole run: leave out the words")
    return asked


if __name__ == "__main__":
    sys.exit(main())
