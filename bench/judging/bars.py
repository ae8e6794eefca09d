"""What the simulation must show, and whether it does.

Rules of the file: a bar is broken only by what chance does not explain. What a newcomer would get wrong: "at most 1 %"
does not mean at most 10 of 1,000. A gate that is wrong in exactly 1 % is so more than 10 times in two of five
simulations of 1,000, and in some cell of many almost always. So the bar is the exact binomial probability of as many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

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


def rows(outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Yields one row for each bar: the worst cell, all cells together, the medians of ``CELL`` if it was played."""
    worst = max(outcomes, key=lambda each: each.false_rollbacks[0] / each.size.good)
    improbable = [each for each in outcomes if _is_broken(each.false_rollbacks[0], each.size.good)]
    yield _false_rollbacks(f"the worst of {len(outcomes)} cells", worst.false_rollbacks[0], worst.size.good, improbable)
    wrong, runs = sum(each.false_rollbacks[0] for each in outcomes), sum(each.size.good for each in outcomes)
    yield _false_rollbacks("all cells together", wrong, runs, [])
    for each in outcomes:
        if each.cell == CELL:
            yield from _catches(each)


def probability_of_at_least(count: int, runs: int, chance: float) -> float:
    """Returns how probable ``count`` or more of ``runs`` are where each happens with ``chance``."""
    return math.fsum(_probability(each, runs, chance) for each in range(count, runs + 1))


def _probability(count: int, runs: int, chance: float) -> float:
    ways = math.lgamma(runs + 1) - math.lgamma(count + 1) - math.lgamma(runs - count + 1)
    return math.exp(ways + count * math.log(chance) + (runs - count) * math.log1p(-chance))


def _is_broken(wrong: int, runs: int) -> bool:
    return probability_of_at_least(wrong, runs, SIGNIFICANCE) < IMPROBABLE


def _false_rollbacks(where: str, wrong: int, runs: int, improbable: Sequence[Outcome]) -> Row:
    culprits = "".join(f"; improbable: {each.cell}" for each in improbable)
    return Row(
        f"good releases rolled back, {where}",
        f"at most {SIGNIFICANCE:.0%}",
        f"{wrong} of {runs:,}{culprits}",
        not improbable and not _is_broken(wrong, runs),
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
