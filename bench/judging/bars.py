"""What the simulation must show, and whether it does.

A bar on false rollbacks is broken by what chance does not explain only. "At most 1 %" does not mean at most 10 of
1,000: a gate that is wrong in exactly 1 % is so more than 10 times in two of five simulations of 1,000. So the bar of a
cell is the exact binomial probability of as many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from statistics import fmean

from bench.judging.cells import Way
from bench.judging.rivals import SIGNIFICANCE
from bench.judging.trials import Caught, Ended
from bench.row import Row

IMPROBABLE = 1e-4
"""A count that is less probable than this under the bar breaks it."""
CAUGHT_LATE = 0.8
"""The share of releases that must come back whose failures all come late."""
EARLY = 0.8
"""The share of releases ten times as bad that must be back before all traffic has moved."""
MET = 0.65
"""How many of the errors that callers met with one look they may meet still."""
LONGER = 1.0
"""By how many minutes a good release may be held longer, on average."""
_MEDIAN_ERROR = 1.3
"""The numbers are of a gate that needs 100 to 1: 125 to 1 take a twentieth longer, and a median of so few runs may be
off by a quarter. The first minute is no whole one.
"""


def kept(promised: Sequence[Ended]) -> Iterator[Row]:
    """Yields the bar of each good release that is promised to stay."""
    for each in promised:
        yield _kept(f"good releases rolled back: {each.cell}", each.rolled_back, each.runs)


def together(promised: Sequence[Ended]) -> Iterator[Row]:
    """Yields the bars of all of them together: how many are rolled back, and how much longer the others are held."""
    wrong, runs = sum(each.rolled_back for each in promised), sum(each.runs for each in promised)
    yield _kept(f"good releases rolled back, {len(promised)} kinds together", wrong, runs)
    longer = fmean(each.longer for each in promised if each.cell.way is Way.DEFAULT)
    yield Row(
        f"minutes that a good release is held longer on average, {Way.DEFAULT.value}",
        f"under {LONGER:g}",
        f"{longer:.2f}",
        longer < LONGER,
    )


def failing_late(late: Sequence[Ended]) -> Iterator[Row]:
    """Yields the bar of each release whose failures come late."""
    for each in late:
        share = each.rolled_back / each.runs
        yield Row(
            f"bad releases back: {each.cell}", f"at least {CAUGHT_LATE:.0%}", f"{share:.0%}", share >= CAUGHT_LATE
        )


def worse(caught: Sequence[Caught]) -> Iterator[Row]:
    """Yields the bar of each release that is worse."""
    for each in caught:
        bad = each.worse
        in_time = each.minutes <= bad.minutes * _MEDIAN_ERROR + 1
        few = each.errors <= bad.errors * (_MEDIAN_ERROR + 1 / bad.minutes)
        yield Row(
            f"{bad} is back after",
            f"{bad.minutes:g} minutes, {bad.errors:,g} errors, a minute and three tenths",
            f"{each.minutes:g} minutes, {each.errors:,} errors",
            in_time and few,
            {"minutes": each.minutes, "errors": each.errors},
        )


def ten_times(ended: Ended) -> Iterator[Row]:
    """Yields what is promised of a release that is ten times as bad, beside one look at each minute."""
    before, rival = ended.early / ended.runs, ended.rivals["one look"]
    yield Row(
        f"back before all traffic had moved: {ended.cell}",
        f"at least {EARLY:.0%}",
        f"{before:.0%}, by one look {rival.early:.0%}",
        before >= EARLY,
    )
    yield Row(
        f"errors that callers met: {ended.cell}",
        f"at most {MET:.0%} of those by one look",
        f"{ended.met:.0f}, by one look {rival.met:.0f}",
        ended.met <= MET * rival.met,
    )


def most_by_chance(runs: int) -> int:
    """Returns how many of ``runs`` good releases may be rolled back before it is no chance any more."""
    as_many = accumulate(_probability(count, runs, SIGNIFICANCE) for count in range(runs + 1))
    return next(count for count, probability in enumerate(as_many) if 1 - probability < IMPROBABLE)


def _kept(what: str, wrong: int, runs: int) -> Row:
    most = most_by_chance(runs)
    return Row(
        what,
        f"at most {SIGNIFICANCE:.0%}, by chance {most:,} of {runs:,}",
        f"{wrong:,} of {runs:,}",
        wrong <= most,
        {"false_rollbacks": wrong, "runs": runs},
    )


def _probability(count: int, runs: int, chance: float) -> float:
    """Returns how probable exactly ``count`` of ``runs`` are where each happens with ``chance``."""
    ways = math.lgamma(runs + 1) - math.lgamma(count + 1) - math.lgamma(runs - count + 1)
    return math.exp(ways + count * math.log(chance) + (runs - count) * math.log1p(-chance))
