"""Lets a few execution environments start at a time; the others wait for their turn.

A tick whose predecessor still runs gets an environment of its own, as in Lambda, and so does every request of a
burst. Lambda starts them on as many machines as it takes. Here they share one: started all at once, on a busy
machine, none of them would be ready in time and nothing else would get an answer.

What a newcomer would get wrong: this limits starts, not runs. Any number of environments run at a time, and the
wait for a turn counts neither as initialization nor as the function's own time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = max(2, os.cpu_count() or 1)
# A module that invokes another function as it is imported holds its place until that one has started.
PATIENCE_SECONDS = 15.0


class ColdStarts:
    """The places. Who has waited ``patience`` seconds starts without one, so that no start waits for ever."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._places = threading.BoundedSemaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Waits for a place and keeps it for the length of the block; yields whether it has got one."""
        has_place = self._places.acquire(timeout=self._patience)
        try:
            yield has_place
        finally:
            if has_place:
                self._places.release()
