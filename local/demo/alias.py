"""Watches an alias and remembers when it carried what: the proof of the shifts, and of how fast traffic came back.

Note: a watch that died would look like an alias that never moved. It keeps what killed it and raises that to whoever
asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.asking.answers import Routing

ALL = 100.0


@dataclass(frozen=True, slots=True)
class Carried:
    """From ``at`` (seconds since 1970) on the alias was seen to carry ``routing``; None while it did not exist."""

    at: float
    routing: Routing | None

    def percent_of(self, version: str) -> float:
        return self.routing.percents.get(version, 0.0) if self.routing else 0.0


class AliasWatch:
    """A thread that asks GetAlias every ``pause`` seconds, for the length of a ``with`` block."""

    def __init__(self, functions: Any, function: str, alias: str, pause: float = 0.1) -> None:
        self._functions = functions
        self._asked = {"FunctionName": function, "Name": alias}
        self._pause = pause
        self._changes: list[Carried] = []
        self._failure: Exception | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="alias-watch", daemon=True)

    def __enter__(self) -> AliasWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=2)

    @property
    def changes(self) -> tuple[Carried, ...]:
        """What was seen so far, oldest first. Raises what ended the watch, if something did."""
        if self._failure is not None:
            raise self._failure
        return tuple(self._changes)

    @property
    def now(self) -> Routing | None:
        """What the alias was last seen to carry."""
        return self.changes[-1].routing if self._changes else None

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(self._pause):
                routing = read(self._functions, **self._asked)
                if not self._changes or self._changes[-1].routing != routing:
                    self._changes.append(Carried(time.time(), routing))
        except Exception as failure:  # noqa: BLE001 - kept for, and raised to, whoever asks what was seen
            self._failure = failure


def read(functions: Any, **asked: str) -> Routing | None:
    """Returns what GetAlias says an alias carries, None where it or its function does not exist."""
    try:
        answer = functions.get_alias(**asked)
    except functions.exceptions.ResourceNotFoundException:
        return None
    weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Routing(answer["FunctionVersion"], tuple(sorted(weights.items())))


def percents_of(version: str, changes: Sequence[Carried]) -> tuple[float, ...]:
    """Returns the percentages that a version was seen to get, in order: no zeros, nothing twice in a row."""
    found: list[float] = []
    for change in changes:
        percent = change.percent_of(version)
        if percent and found[-1:] != [percent]:
            found.append(percent)
    return tuple(found)


def first_back(stable: str, canary: str, changes: Sequence[Carried]) -> float | None:
    """Returns when ``stable`` alone was first seen after ``canary`` had had traffic, None where that never was."""
    after = False
    for change in changes:
        after = after or change.percent_of(canary) > 0
        if after and change.routing == Routing(stable):
            return change.at
    return None
