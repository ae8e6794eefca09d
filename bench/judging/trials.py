"""Plays deployments in one cell: many that are good for an hour, and many that are or turn bad.

Rules of the file: what is counted is when each gate rolled back, never how sure it was. What a newcomer would get
wrong: a release that turns bad late is the good hour of before, continued. A gate that rolled back within that hour has
not caught anything; it was too soon, and that is how its median counts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from statistics import median_low
from typing import NamedTuple

from bench.judging.gates import GATES, Gate
from bench.judging.traffic import Cell, minutes
from controller.core.judge import Minute

GOOD_MINUTES = 60
"""How long a good release is watched; it turns bad after that."""
TIMES = (2, 3, 5, 10)
"""How much more often a bad canary fails."""


class Onset(Enum):
    """Since when the canary is bad."""

    START = "from the start"
    LATE = "after a good hour"


class Caught(NamedTuple):
    """When a gate rolled back, counted from where the canary turned bad: minutes, and errors of both versions."""

    minutes: float
    errors: float


NEVER = Caught(math.inf, math.inf)
TOO_SOON = Caught(-math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class Size:
    """How many good and bad releases to play in a cell, and how long to wait for a bad one to be caught."""

    good: int
    bad: int
    bad_minutes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out in a cell; the gates in the order of ``GATES``."""

    cell: Cell
    size: Size
    false_rollbacks: tuple[int, ...]
    medians: Mapping[tuple[Onset, int], tuple[Caught, ...]]


def played(cell: Cell, size: Size) -> Outcome:
    """Returns what came out in the cell. The same cell and size give the same."""
    dice = random.Random(repr(cell))  # noqa: S311 - a seeded dice, so that the same run throws the same
    good = [watched(GATES, minutes(dice, cell, 1), GOOD_MINUTES) for _ in range(size.good)]
    before = {
        Onset.START: [GATES] * size.bad,
        Onset.LATE: [each.gates for each in good[: size.bad]],
    }
    found = {
        (onset, times): medians(before[onset], minutes(dice, cell, times), size.bad_minutes)
        for onset in Onset
        for times in TIMES
    }
    rolled_back = zip(*([caught is not NEVER for caught in each.caught] for each in good), strict=True)
    return Outcome(cell, size, tuple(map(sum, rolled_back)), found)


class Watched(NamedTuple):
    """What the gates are after a walk, and when each rolled back."""

    gates: tuple[Gate, ...]
    caught: tuple[Caught, ...]


def watched(gates: tuple[Gate, ...], walk: Iterator[Minute], at_most: int) -> Watched:
    """Returns what the gates make of the next minutes of ``walk``, until all of them have rolled back."""
    now = list(gates)
    caught = [TOO_SOON if gate.fired else NEVER for gate in gates]
    waiting = [index for index, gate in enumerate(gates) if not gate.fired]
    errors = 0
    for number, minute in enumerate(islice(walk, at_most), 1):
        errors += minute.canary_errors + minute.stable_errors
        for index in waiting:
            now[index] = now[index].after(minute)
            if now[index].fired:
                caught[index] = Caught(number, errors)
        waiting = [index for index in waiting if not now[index].fired]
        if not waiting:
            break
    return Watched(tuple(now), tuple(caught))


def medians(before: Sequence[tuple[Gate, ...]], walk: Iterator[Minute], at_most: int) -> tuple[Caught, ...]:
    """Returns the median of each gate, of minutes and of errors; infinite where half never caught anything."""
    runs: list[tuple[Caught, ...]] = []
    for gates in before:
        # Once most of all runs went by, the median is "never": the rest need not be watched to the end.
        lost = [[run[index] for run in runs].count(NEVER) > len(before) // 2 for index in range(len(gates))]
        watching = tuple(_GaveUp() if hopeless else gate for gate, hopeless in zip(gates, lost, strict=True))
        caught = watched(watching, walk, at_most).caught
        runs.append(tuple(NEVER if hopeless else each for each, hopeless in zip(caught, lost, strict=True)))
    return tuple(
        Caught(median_low(each.minutes for each in of_gate), median_low(each.errors for each in of_gate))
        for of_gate in zip(*runs, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _GaveUp:
    """Stands in for a gate that need not look any more."""

    fired: bool = True

    def after(self, minute: Minute) -> _GaveUp:
        raise AssertionError(f"nobody looks at {minute} any more")
