"""Prints the bars and the two tables, and a last line of JSON for programs. The exit status is 1 where a bar does not
hold, 2 where an argument is wrong.

    python -m bench.judging [--quick] [--markdown FILE | --readme]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from pathlib import Path

from bench.judging import bars, readme
from bench.judging.deployments import TRAFFIC, WAYS, Deployed, rolled_back
from bench.judging.tables import bad_legend, bad_releases, good_legend, good_releases
from bench.judging.traffic import Cell
from bench.judging.trials import Onset, Outcome, Size, played
from bench.row import table, verdict

README = Path(__file__).resolve().parent.parent.parent / "README.md"
ALL = [Cell(*each) for each in product((1, 5, 10, 50), (10, 100, 1_000, 10_000), (0.01, 0.1, 1.0, 10.0))]
FEW = [Cell(*each) for each in product((10,), (100, 1_000), (0.1, 1.0))]
QUICK = Size(good=100, bad=100, bad_minutes=120)
DEPLOYMENTS, QUICK_DEPLOYMENTS = 1_000, 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays every cell, and says what came out."""
    asked = _asked(arguments)
    began = time.monotonic()
    deployed = simulated_deployments(QUICK_DEPLOYMENTS if asked.quick else DEPLOYMENTS)
    outcomes = simulated(dict.fromkeys(FEW, QUICK) if asked.quick else {cell: whole(cell) for cell in ALL})
    text, holds = report(outcomes, deployed, time.monotonic() - began)
    sys.stdout.write(text)
    _write(asked, readme.part(outcomes, deployed))
    return 0 if holds else 1


def report(outcomes: Sequence[Outcome], deployed: Sequence[Deployed], seconds: float) -> tuple[str, bool]:
    """Returns what to print, and whether every bar holds."""
    rows = [*bars.cells(outcomes), *bars.rows(outcomes, deployed)]
    result = {**verdict(rows), "seconds": round(seconds, 1)}
    return f"{_tables(outcomes)}\n{table(rows)}{json.dumps(result)}\n", result["ok"] is True


def whole(cell: Cell) -> Size:
    """Returns how much of a cell to play: fewer good releases where each takes long, more bad ones where a bar is."""
    return Size(
        good=1_000 if cell.expected_errors <= 20 else 200, bad=400 if cell == bars.CELL else 150, bad_minutes=180
    )


def simulated(sizes: Mapping[Cell, Size]) -> list[Outcome]:
    """Returns what came out in each cell, in order, however many processors there are."""
    with _processors() as pool:
        # The longest first, so that all end together.
        longest_first = sorted(sizes, key=lambda cell: -cell.expected_errors)
        waiting = [pool.submit(played, cell, sizes[cell]) for cell in longest_first]
        for done, _ in enumerate(as_completed(waiting), 1):
            _progress(done, len(waiting))
        return sorted((each.result() for each in waiting), key=lambda outcome: outcome.cell)


def simulated_deployments(runs: int) -> list[Deployed]:
    """Returns how many of ``runs`` whole deployments were rolled back in each way, all kinds of traffic together."""
    each = runs // len(TRAFFIC)
    with _processors() as pool:
        waiting = {
            way: [pool.submit(rolled_back, way, requests, errors, each) for requests, errors in TRAFFIC] for way in WAYS
        }
        return [Deployed(way, each * len(TRAFFIC), sum(one.result() for one in waiting[way])) for way in WAYS]


def _processors() -> ProcessPoolExecutor:
    """All there are; started afresh, not forked, so that it is the same on every system."""
    return ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.judging", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="play fewer cells, less often")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--markdown", type=Path, metavar="FILE", help="write the part of README.md there")
    where.add_argument("--readme", action="store_true", help="rewrite that part of README.md")
    asked = parser.parse_args(arguments)
    if asked.readme and asked.quick:
        parser.error("--readme shows a whole run: leave out --quick")
    return asked


def _tables(outcomes: Sequence[Outcome]) -> str:
    blocks = [f"{good_legend(outcomes)}\n\n{good_releases(outcomes)}", f"{bad_legend(outcomes)}\n"]
    blocks += [f"Bad {onset.value}:\n\n{bad_releases(outcomes, onset)}" for onset in Onset]
    return "\n".join(blocks)


def _write(asked: argparse.Namespace, part: str) -> None:
    if asked.markdown:
        asked.markdown.write_text(f"{part}\n", "utf-8")
    if asked.readme:
        README.write_text(readme.rewritten(README.read_text("utf-8"), part), "utf-8")


def _progress(done: int, cells: int) -> None:
    """Says how far it is to a person who watches, and leaves a log alone."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {cells} cells{'' if done < cells else chr(10)}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
