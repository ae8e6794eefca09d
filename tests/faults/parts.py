"""Many stories told on all processors, and what came of them.

What a newcomer would get wrong: processes do not begin by "fork". A copy of this one would have its threads' locks and
not its threads.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from tests.faults.sweep import Swept

Item = TypeVar("Item")


@dataclass
class Found:
    """What came of it: the numbers for the end of the run, and each thing that went wrong."""

    swept: Swept = field(default_factory=Swept)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.swept.add(other.swept)
        self.wrong += other.wrong


def on_all_processors(tell: Callable[[Sequence[Item]], Found], items: Sequence[Item], at_once: int) -> Found:
    """Returns the sum of what ``tell`` finds, given ``at_once`` of the items each time."""
    parts = [items[start : start + at_once] for start in range(0, len(items), at_once)]
    found = Found()
    begin = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4), mp_context=begin) as pool:
        for part in pool.map(tell, parts):
            found.add(part)
    return found
