"""``make mutants``: takes each guard of the controller out and runs the tests that must fail then.

    make mutants
    .venv/bin/python -m tests.guards quarantine pruning     # only guards whose sentence has one of these

Prints what has survived and, last, "128 guards, 128 killed, 0 survived"; ends with 1 where one has survived or cannot
be taken out, or where a test fails though every guard stands. Where all of them were killed the page is written anew.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.guards import page, without
from tests.guards.guards import ALL

_AT_ONCE = 2


def main(words: Sequence[str]) -> int:
    """Returns 0 where every guard that is meant was killed, else 1."""
    guards = [guard for guard in ALL if not words or any(word in guard.name for word in words)]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folders = [Path(folder) / str(part) for part in range(_AT_ONCE)]
        parts = [guards[part::_AT_ONCE] for part in range(_AT_ONCE)]
        # Another start than by "fork": each of them forks, and so must have no thread but its own.
        with ProcessPoolExecutor(_AT_ONCE, multiprocessing.get_context("spawn")) as workers:
            said = [each for part in workers.map(without.told, folders, parts) for each in part]
    print(*said, sep="\n", end="\n" if said else "")  # noqa: T201 - a command that talks to a person
    killed = len(guards) - len(said)
    print(f"{len(guards)} guards, {killed} killed, {len(said)} survived ({time.monotonic() - begun:.0f} s)")  # noqa: T201
    if not words and not said:
        file = without.ROOT / page.NAME
        file.write_text(page.rewritten(file.read_text("utf-8")), "utf-8")
    return 0 if guards and not said else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except without.Silent as problem:
        sys.exit(str(problem))
