"""Watches an alias all the time and remembers when it was seen to carry what.

Rules of the file:
- only changes are remembered, each with the time at which its answer had come in;
- what the watch saw is the proof of the story: the shifts, their order, and how fast traffic came back.

Note: a watch that died would look like an alias that never moved. It keeps what killed it and raises that to whoever
asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALL = 100.0


@dataclass(frozen=True, slots=True)
class Routing:
    """What an alias carries. ``weights`` are AWS's: version to fraction, empty where all goes to ``version``."""

    version: str
    weights: tuple[tuple[str, float], ...] = ()

    def percent_of(self, version: str) -> float:
        """Returns the share of requests that a version gets."""
        others = sum(fraction for _, fraction in self.weights)
        share = 1 - others if version == self.version else dict(self.weights).get(version, 0.0)
        return round(share * ALL, 2)


@dataclass(frozen=True, slots=True)
class Sighting:
    """From ``at`` (seconds since 1970) on the alias was seen to carry ``routing``; None where it did not exist."""

    at: float
    routing: Routing | None


class AliasWatch:
    """A thread that asks GetAlias every ``pause`` seconds, for the length of a ``with`` block."""

    def __init__(self, functions: Any, function: str, alias: str, pause: float = 0.1) -> None:
        self._functions = functions
        self._asked = {"FunctionName": function, "Name": alias}
        self._pause = pause
        self._seen: list[Sighting] = []
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
    def sightings(self) -> tuple[Sighting, ...]:
        """What was seen so far, oldest first. Raises what ended the watch, if something did."""
        if self._failure is not None:
            raise self._failure
        return tuple(self._seen)

    @property
    def now(self) -> Routing | None:
        """What the alias was last seen to carry."""
        return self.sightings[-1].routing if self._seen else None

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(self._pause):
                routing = read(self._functions, **self._asked)
                if not self._seen or self._seen[-1].routing != routing:
                    self._seen.append(Sighting(time.time(), routing))
        except Exception as failure:  # noqa: BLE001 - kept for, and raised to, whoever asks what was seen
            self._failure = failure


def read(functions: Any, **asked: str) -> Routing | None:
    """Returns what GetAlias says an alias carries, None where it or its function does not exist."""
    try:
        return _routing(functions.get_alias(**asked))
    except functions.exceptions.ResourceNotFoundException:
        return None


def percents_of(version: str, sightings: Sequence[Sighting]) -> tuple[float, ...]:
    """Returns the shares, in percent, that a version was seen to get, in order: no zeros, nothing twice in a row."""
    shares: list[float] = []
    for sighting in sightings:
        share = sighting.routing.percent_of(version) if sighting.routing else 0.0
        if share and (not shares or shares[-1] != share):
            shares.append(share)
    return tuple(shares)


def first_back(stable: str, canary: str, sightings: Sequence[Sighting]) -> float | None:
    """Returns when ``stable`` alone was first seen after ``canary`` had had traffic, None where that never was."""
    after = False
    for sighting in sightings:
        after = after or (sighting.routing is not None and sighting.routing.percent_of(canary) > 0)
        if after and sighting.routing == Routing(stable):
            return sighting.at
    return None


def _routing(answer: Mapping[str, Any]) -> Routing:
    weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Routing(answer["FunctionVersion"], tuple(sorted(weights.items())))
