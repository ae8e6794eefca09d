"""Many stories told on all processors, and what came of them.

The processes stay for the next stories: each takes seconds to begin, and remembers what botocore did (``remembered``).

Note: processes do not begin by "fork". A copy of this one would have its threads' locks and not its threads.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import TypeVar

from tests.faults.results import Swept

Item = TypeVar("Item")


def on_all_processors(
    tell: Callable[[Sequence[Item]], Swept],
    items: Sequence[Item],
    at_once: int,
    progress: Callable[[Sequence[Item], Swept], object] = lambda _items, _swept: None,
) -> Swept:
    """Returns the sum of what ``tell`` comes to, given ``at_once`` of the items each time; ``progress`` hears each."""
    parts = [items[start : start + at_once] for start in range(0, len(items), at_once)]
    swept = Swept()
    for told, part in zip(parts, _processes().map(tell, parts), strict=True):
        progress(told, part)
        swept.add(part)
    return swept


@cache
def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(min(os.cpu_count() or 1, 4), mp_context=multiprocessing.get_context("spawn"))
