"""What the simulation must show, and whether it does.

Rules of the file: a bar is broken only by what chance does not explain. What a newcomer would get wrong: "at most 1 %"
does not mean at most 10 of 1,000. A gate that is wrong in exactly 1 % is so more than 10 times in two of five
simulations of 1,000, and in some cell of many almost always. So the bar of a cell is the exact binomial probability of
as many. Whole deployments are held to 10 of 1,000 all the same: few of them last long enough to use up the 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from bench.judging.deployments import Deployed
from bench.judging.gates import SIGNIFICANCE
from bench.judging.traffic import Cell
from bench.judging.trials import Caught, Onset, Outcome
from bench.row import Row

IMPROBABLE = 1e-4
"""A count that is less probable than this under the bar breaks it."""
MEDIANS = (
    (Onset.START, 10, Caught(6, 11)),
    (Onset.START, 5, Caught(16, 24)),
    (Onset.START, 3, Caught(47, 55)),
    (Onset.LATE, 10, Caught(10, 20)),
)
"""The most minutes and errors that catching may take in ``CELL``."""
CELL = Cell(10, 1000, 0.1)
_MEDIAN_ERROR = 1.2
"""A median of this many runs may be off by a fifth."""


def rows(outcomes: Sequence[Outcome], deployed: Sequence[Deployed]) -> Iterator[Row]:
    """Yields one row for each bar: whole deployments, the worst cell, all cells, the medians of ``CELL`` if played."""
    yield from map(_deployments, deployed)
    worst = max(outcomes, key=lambda each: each.false_rollbacks[0] / each.size.good)
    broken = "".join(f"; too many: {each.cell}" for each in outcomes if not _cell(each).holds)
    yield _false_rollbacks(
        f"the worst of {len(outcomes)} cells", worst.false_rollbacks[0], worst.size.good, broken=broken
    )
    wrong, runs = sum(each.false_rollbacks[0] for each in outcomes), sum(each.size.good for each in outcomes)
    yield _false_rollbacks("all cells together", wrong, runs)
    for each in outcomes:
        if each.cell == CELL:
            yield from _catches(each)


def cells(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Yields the same bar for each cell of the first table."""
    return map(_cell, outcomes)


def most_by_chance(runs: int) -> int:
    """Returns how many of ``runs`` good releases may be rolled back before it is no chance any more."""
    as_many = accumulate(_probability(count, runs, SIGNIFICANCE) for count in range(runs + 1))
    return next(count for count, probability in enumerate(as_many) if 1 - probability < IMPROBABLE)


def _deployments(deployed: Deployed) -> Row:
    most = int(deployed.runs * SIGNIFICANCE)
    return Row(
        f"good releases rolled back, deployed {deployed.way}",
        f"at most {most} of {deployed.runs:,}",
        f"{deployed.rolled_back} of {deployed.runs:,}",
        deployed.rolled_back <= most,
        {"false_rollbacks": deployed.rolled_back, "runs": deployed.runs},
    )


def _cell(outcome: Outcome) -> Row:
    return _false_rollbacks(str(outcome.cell), outcome.false_rollbacks[0], outcome.size.good)


def _false_rollbacks(where: str, wrong: int, runs: int, *, broken: str = "") -> Row:
    most = most_by_chance(runs)
    return Row(
        f"good releases rolled back, {where}",
        f"at most {SIGNIFICANCE:.0%}, by chance {most} of {runs:,}",
        f"{wrong} of {runs:,}{broken}",
        not broken and wrong <= most,
        {"false_rollbacks": wrong, "runs": runs},
    )


def _catches(outcome: Outcome) -> Iterator[Row]:
    for onset, times, bar in MEDIANS:
        found = outcome.medians[onset, times][0]
        yield Row(
            f"{times} times worse {onset.value}, {outcome.cell}",
            f"{bar.minutes:g} minutes, {bar.errors:g} errors, and a fifth",
            f"{found.minutes:g} minutes, {found.errors:g} errors",
            found.minutes <= bar.minutes * _MEDIAN_ERROR and found.errors <= bar.errors * _MEDIAN_ERROR,
            {"minutes": found.minutes, "errors": found.errors} if math.isfinite(found.minutes) else {},
        )


def _probability(count: int, runs: int, chance: float) -> float:
    """Returns how probable exactly ``count`` of ``runs`` are where each happens with ``chance``."""
    ways = math.lgamma(runs + 1) - math.lgamma(count + 1) - math.lgamma(runs - count + 1)
    return math.exp(ways + count * math.log(chance) + (runs - count) * math.log1p(-chance))
