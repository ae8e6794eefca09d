"""Customers: asks the function through its alias, steadily, and keeps every answer.

Rules of the file:
- nothing is tried again; a request that got no answer of the function is *lost*, and the demo allows none;
- a function error is an answer: the version ran and raised.

Note: callers that wait for slow answers ask less often, just when it matters. So each caller makes up for what it is
behind, but for no more than a second of it, or it would answer a pause with a burst.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.asking.answers import Count

RATE = 50
"""Requests a second, all callers together."""
PATIENCE = 0.2
"""Seconds that an answer may take without slowing its caller down. More callers would only queue where it takes longer.
"""
MOST_MADE_UP = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that a version ran. ``failed``: the version raised."""

    version: str
    failed: bool


class Traffic:
    """Threads that send ``order(n)`` for n = 0, 1, 2, ... from ``start`` to the end of a ``with`` block.

    ``rate`` is in requests a second, all callers together.
    """

    def __init__(
        self,
        functions: Any,
        function: str,
        alias: str,
        order: Callable[[int], bytes],
        rate: float = RATE,
    ) -> None:
        self._functions = functions
        self._asked = {"FunctionName": function, "Qualifier": alias}
        self._order = order
        self._numbers = itertools.count()
        self._answers: list[Answer] = []
        self._lost: list[str] = []
        self._started = False
        self._stopping = threading.Event()
        callers = math.ceil(rate * PATIENCE)
        self._callers = [
            threading.Thread(
                target=self._call, args=(index / rate, callers / rate), name=f"customer-{index}", daemon=True
            )
            for index in range(callers)
        ]

    def __enter__(self) -> Traffic:
        return self

    def __exit__(self, *_: object) -> None:
        """Stops asking and waits for the answers that are on their way."""
        self._stopping.set()
        deadline = time.monotonic() + 5
        for caller in self._callers if self._started else ():
            caller.join(timeout=max(0.0, deadline - time.monotonic()))

    def start(self) -> None:
        """Starts asking. Repeating it changes nothing."""
        if self._started:
            return
        self._started = True
        for caller in self._callers:
            caller.start()

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(self._answers)

    @property
    def lost(self) -> tuple[str, ...]:
        """Why requests were lost, one text for each."""
        return tuple(self._lost)

    def _call(self, after: float, period: float) -> None:
        slot = time.monotonic() + after
        while not self._stopping.wait(max(0.0, slot - time.monotonic())):
            self._ask(next(self._numbers))
            slot = next_slot(slot, period, time.monotonic())

    def _ask(self, number: int) -> None:
        try:
            answer = self._functions.invoke(**self._asked, Payload=self._order(number))
            answer["Payload"].read()
        except (BotoCoreError, ClientError) as problem:
            self._lost.append(str(problem))
            return
        self._answers.append(Answer(answer["ExecutedVersion"], "FunctionError" in answer))


def next_slot(slot: float, period: float, now: float) -> float:
    """Returns when a caller asks again: a period later, or now where that would be making up for too much."""
    following = slot + period
    return following if now - following <= MOST_MADE_UP else now


def counts(answers: Iterable[Answer]) -> dict[str, Count]:
    """Returns the count of each version that ran, by number."""
    requests: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for answer in answers:
        requests[answer.version] += 1
        errors[answer.version] += answer.failed
    return {version: Count(requests[version], errors[version]) for version in sorted(requests, key=int)}
