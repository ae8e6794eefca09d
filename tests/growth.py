"""How the work of a function grows with what it is given: a ratio of CPU in one run, the same on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")

TIMES = 8
LINEAR = 3.0
"""Far over the 1 of work that grows with its size, and far under the 8 of work that grows with its square."""


def growth(given: Callable[[int], Given], work: Callable[[Given], object], size: int) -> float:
    """Returns what ``TIMES`` the size costs, divided by ``TIMES``."""
    return _seconds(work, given(size * TIMES)) / _seconds(work, given(size)) / TIMES


def _seconds(work: Callable[[Given], object], given: Given) -> float:
    """Returns the least of three, so the first may make what is made once, such as a pattern."""
    return min(_once(work, given) for _ in range(3))


def _once(work: Callable[[Given], object], given: Given) -> float:
    began = time.process_time()
    work(given)
    return time.process_time() - began
