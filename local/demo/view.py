"""Shows the story: plain lines with the time where stdout is piped; ``live_view`` has the one for terminals.

Note: stdout ends with one line of JSON, printed after the view was closed. A view is done when it is left, by an
exception too: nothing is drawn over what comes after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Protocol, TextIO

from local.demo.scene import Scene, counts_in_words, evidence_in_words, routing_in_words

BETWEEN_LINES = 4.0
"""Seconds after which the traffic gets another line although nothing moved."""


class View(AbstractContextManager["View"], Protocol):
    """Where the story is shown."""

    def say(self, text: str) -> None:
        """Adds a line that stays."""

    def show(self, scene: Scene) -> None:
        """Shows how things are now."""


class PlainView:
    """Prints a line for what is said, for every change of phase or routing, for every minute that the error gate has
    judged, and every few seconds for the traffic.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock
        self._shown: tuple[object, ...] = ()
        self._shown_at = float("-inf")
        self._judged: tuple[str, ...] = ()

    def __enter__(self) -> PlainView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._out.flush()

    def say(self, text: str) -> None:
        clock = datetime.fromtimestamp(self._clock()).astimezone().strftime("%H:%M:%S.%f")[:-5]
        print(f"{clock}  {text}", file=self._out, flush=True)

    def show(self, scene: Scene) -> None:
        judged = evidence_in_words(scene)
        if judged and judged != self._judged:
            self._judged = judged
            self.say(f"      {'; '.join(judged)}")
        essence = (scene.deployment, scene.phase, scene.routing)
        if not scene.phase or (essence == self._shown and self._clock() - self._shown_at < BETWEEN_LINES):
            return
        self._shown, self._shown_at = essence, self._clock()
        told = (scene.phase, routing_in_words(scene.routing), f"requests: {counts_in_words(scene.counts)}")
        self.say(f"    {' | '.join(told)}")
