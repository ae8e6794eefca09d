"""Waits for Lambda: in place, or by giving way to other targets that the same tick has work for.

An update of a function takes seconds. In a tick over many functions each wait gives way to the next target, and the
tick comes back: so work that waits does not stand in a row behind other work that waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from controller.core.model import GivesWay, NotYet


class Waits:
    """The waits of one controller. ``sleep`` takes seconds."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._others_can_go_on: Callable[[], bool] = lambda: False
        self._is_noted = False

    @contextmanager
    def beside(self, others_can_go_on: Callable[[], bool], *, noted: bool) -> Iterator[None]:
        """Lets the block's waits raise GivesWay while others can go on, or NotYet if the wait is to be ``noted``."""
        self._others_can_go_on, self._is_noted = others_can_go_on, noted
        try:
            yield
        finally:
            self._others_can_go_on = lambda: False

    def pause(self, seconds: float) -> None:
        """Waits, unless somebody else can go on meanwhile."""
        if not self._others_can_go_on():
            self._sleep(seconds)
        elif self._is_noted:
            raise NotYet("AWS is still at work on the function, or on its version")
        else:
            raise GivesWay("AWS is at work on the function, and other targets come first")
