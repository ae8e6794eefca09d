"""Lets a few execution environments start at a time; the others wait for a place. Pure.

A tick whose predecessor still runs gets an environment of its own, as in Lambda, and so does every request of a
burst. Lambda starts them on as many machines as it takes. Here they share one: started all at once, on a busy
machine, none of them would be ready in time and nothing else would get an answer.

Note: this limits starts, not runs. Any number of environments run at a time, and the wait for a place counts neither as
initialization nor as the function's own time.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

AT_ONCE = max(2, os.cpu_count() or 1)
# A module that invokes another function as it is imported keeps its place until that one has started. Anything
# shorter would make a machine that is busy busier.
PATIENCE_SECONDS = 60.0
# How often who waits looks whether a start is still needed.
LOOK_SECONDS = 0.05


def _always() -> bool:
    return True


class Place:
    """The right to start one environment."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def free(self) -> None:
        """Gives the place back. May be repeated."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class ColdStarts:
    """The places. Who has waited ``patience`` seconds gets one too many, so that no start waits for ever."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._at_once = at_once
        self._patience = patience
        self._taken = 0
        self._changed = threading.Condition()

    def place(self, needed: Callable[[], bool] = _always) -> Place | None:
        """Waits for a place; returns None where a start is not, or no longer, ``needed``."""
        deadline = time.monotonic() + self._patience
        with self._changed:
            while is_needed := needed():
                left = deadline - time.monotonic()
                if self._taken < self._at_once or left <= 0:
                    break
                self._changed.wait(min(left, LOOK_SECONDS))
            if not is_needed:
                return None
            self._taken += 1
        return Place(self._give_back)

    def _give_back(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()
