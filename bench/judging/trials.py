"""Plays many releases of each cell, on all processors, and counts how they ended.

Each release has a dice of its own, seeded with its cell and number, so the same code gives the same numbers on any
number of processors. The rivals are shown the first releases of a cell.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from statistics import fmean, median_low
from typing import TypeVar

from bench.judging.cells import Cell, Worse, held, manifest
from bench.judging.release import Outcome, played
from bench.judging.rivals import RIVALS, Fired, watched

RIVALS_RUNS = 60
"""How many releases of a cell the rivals are shown."""
_PART = 50
_T = TypeVar("_T")
_Played = TypeVar("_Played", Cell, Worse)


@dataclass(frozen=True, slots=True)
class RivalEnded:
    """The shares of releases that a rival rolled back, and before all traffic had moved; the errors met then."""

    rolled_back: float
    early: float
    met: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How the releases of a cell ended.

    ``rolled_back`` of ``runs`` were, ``early`` of these before all traffic had moved.
    ``longer`` is how many minutes a release was held longer on average, ``met`` how many of the canary's errors callers
    met. ``rivals`` is how those ended that each rival was shown.
    """

    cell: Cell
    runs: int
    rolled_back: int
    early: int = 0
    longer: float = 0.0
    met: float = 0.0
    rivals: Mapping[str, RivalEnded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caught:
    """When a bad release was back: the medians of the minutes and of both versions' errors that were seen by then."""

    worse: Worse
    minutes: int
    errors: int


class Trials:
    """Plays cells side by side: ``times`` as many releases as each asks for."""

    def __init__(self, times: float = 1.0) -> None:
        # Started afresh, not forked, so that it is the same on every system.
        self._pool = ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))
        self._times = times

    def __enter__(self) -> Trials:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def ended(self, cell: Cell) -> Callable[[], Ended]:
        """Begins to play a cell; what is returned waits for how its releases ended."""
        waiting, shown = self._parts(_deployed, cell, cell.runs), self._parts(_shown, cell, RIVALS_RUNS)
        return lambda: _ended(cell, _joined(waiting), _joined(shown))

    def caught(self, worse: Worse) -> Callable[[], Caught]:
        """Begins to play a bad release; what is returned waits for when it was back."""
        waiting = self._parts(_held, worse, worse.runs)
        return lambda: _caught(worse, _joined(waiting))

    def _parts(
        self, play: Callable[[_Played, range], list[_T]], what: _Played, runs: int
    ) -> Sequence[Future[list[_T]]]:
        runs = round(runs * self._times)
        return [
            self._pool.submit(play, what, range(first, min(first + _PART, runs))) for first in range(0, runs, _PART)
        ]


def _deployed(cell: Cell, numbers: range) -> list[Outcome]:
    way = manifest(cell.way)
    return [played(_dice(cell, number), cell.service, way) for number in numbers]


def _shown(cell: Cell, numbers: range) -> list[Mapping[str, Fired | None]]:
    way = manifest(cell.way)
    return [watched(_dice(cell, number), cell.service, way) for number in numbers]


def _held(worse: Worse, numbers: range) -> list[Outcome]:
    way = held(worse.weight)
    return [played(_dice(worse, number), worse.service, way) for number in numbers]


def _dice(played: Cell | Worse, number: int) -> random.Random:
    return random.Random(f"{played}, release {number}")  # noqa: S311 - a seeded dice, so that the same run throws the same


def _joined(parts: Iterable[Future[list[_T]]]) -> list[_T]:
    return [*chain.from_iterable(part.result() for part in parts)]


def _ended(cell: Cell, outcomes: Sequence[Outcome], shown: Sequence[Mapping[str, Fired | None]]) -> Ended:
    return Ended(
        cell,
        len(outcomes),
        rolled_back=sum(each.cause is not None for each in outcomes),
        early=sum(each.before_promotion for each in outcomes),
        longer=fmean(each.doubted.total_seconds() / 60 for each in outcomes),
        met=fmean(each.met for each in outcomes),
        rivals={name: _rival([each[name] for each in shown]) for name in RIVALS},
    )


def _rival(shown: Sequence[Fired | None]) -> RivalEnded:
    fired = [each for each in shown if each]
    met = fmean(each.met for each in fired) if fired else 0.0
    return RivalEnded(len(fired) / len(shown), sum(each.before_promotion for each in fired) / len(shown), met)


def _caught(worse: Worse, outcomes: Sequence[Outcome]) -> Caught:
    return Caught(
        worse,
        median_low(each.judged_minutes for each in outcomes),
        median_low(each.judged_errors for each in outcomes),
    )
