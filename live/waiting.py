"""Experiments side by side in one thread: each says when it wants to look again, and nobody waits twice for CloudWatch.

An experiment is a generator. It yields a ``Pause`` where it has to wait and a ``Finding`` where it knows an answer:

    def steps(run: Run) -> Steps:
        function = yield from probe(run, "l3")
        yield from until(lambda: counted(run, function) == 5, "CloudWatch to count 5 requests", within=8)
        yield Finding("L3", "5 requests", as_expected=True)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from live.outcomes import Finding

Found = TypeVar("Found")
EVERY = 0.25
"""Minutes between two looks, where nothing else is said."""


class GivenUp(RuntimeError):
    """An experiment cannot go on; the text says why, for the table."""


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to leave an experiment alone, in minutes of this AWS, and for what it waits."""

    minutes: float
    waits_for: str


Waiting = Generator[Pause, None, Found]
Steps = Generator[Pause | Finding, None, None]


def until(look: Callable[[], Found | None], waits_for: str, within: float, every: float = EVERY) -> Waiting[Found]:
    """Returns the first true thing that ``look`` returns. Raises GivenUp after ``within`` minutes of pauses."""
    waited = 0.0
    while not (found := look()):
        if waited >= within:
            raise GivenUp(f"waited {within:g} minutes for {waits_for}")
        yield Pause(every, waits_for)
        waited += every
    return found


def alone(waiting: Waiting[Found], minute: float) -> Found:
    """Runs one wait with nothing beside it, and returns what it returns. ``minute`` is in seconds."""
    while True:
        try:
            pause = next(waiting)
        except StopIteration as ended:
            found: Found = ended.value
            return found
        time.sleep(pause.minutes * minute)
