"""Prints the tables and the bars, and a last line of JSON for programs. The exit status is 1 where a bar does not hold,
2 where an argument is wrong.

    python -m bench.judging [--quick] [--markdown FILE | --page]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.judging import page
from bench.judging.simulation import Simulated, simulated
from bench.row import table, verdict

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "evidence" / "error-gate-simulation.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays everything, and says what came out."""
    asked = _asked(arguments)
    began = time.monotonic()
    found = simulated(quick=asked.quick)
    text, holds = report(found, time.monotonic() - began)
    sys.stdout.write(text)
    part = page.part(found)
    if asked.markdown:
        asked.markdown.write_text(f"{part}\n", "utf-8")
    if asked.page:
        PAGE.write_text(page.rewritten(PAGE.read_text("utf-8"), part), "utf-8")
    return 0 if holds else 1


def report(found: Simulated, seconds: float) -> tuple[str, bool]:
    """Returns what to print, and whether every bar holds."""
    result = {**verdict(found.rows), "seconds": round(seconds, 1)}
    return f"{page.part(found)}\n\n{table(found.rows)}{json.dumps(result)}\n", result["ok"] is True


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.judging", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="play fewer kinds of releases, and fewer of each")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--markdown", type=Path, metavar="FILE", help="write the part of the page there")
    where.add_argument("--page", action="store_true", help="rewrite that part of the page")
    asked = parser.parse_args(arguments)
    if asked.page and asked.quick:
        parser.error("--page shows a whole run: leave out --quick")
    return asked


if __name__ == "__main__":
    sys.exit(main())
