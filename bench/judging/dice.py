"""How many errors a minute has, thrown exactly and cheaply: each distribution is a table of sums, made once.

dice = random.Random("seed")
independent(1_000, 0.001)(dice)     errors among 1,000 requests of which each fails with 0.1 %
in_bursts(10.0, 3.0)(dice)          10 errors expected, in bursts of geometric sizes with a mean of 3
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

Throw = Callable[[random.Random], int]
_REST = 1e-13
"""A table ends where this much probability is left."""


@lru_cache(maxsize=4096)
def independent(trials: int, chance: float) -> Throw:
    """Returns the throw of how many of ``trials`` succeed, each with ``chance``."""
    if trials <= 0 or chance <= 0:
        return _nothing
    return _table(_binomial(trials, chance))


@lru_cache(maxsize=4096)
def in_bursts(mean: float, size: float) -> Throw:
    """Returns the throw of how many errors come in bursts: their number is Poisson, their sizes are geometric."""
    return _table(_bursts(mean / size, size)) if mean > 0 else _nothing


def burst(dice: random.Random, size: float) -> int:
    """Returns the size of one burst: geometric, at least 1, ``size`` on average."""
    return 1 + int(math.log(1 - dice.random()) / math.log1p(-1 / size)) if size > 1 else 1


def _nothing(_dice: random.Random) -> int:
    return 0


def _table(probabilities: Iterator[float]) -> Throw:
    sums: list[float] = []
    for total in accumulate(probabilities):
        sums.append(total)
        if total > 1 - _REST:
            break
    last = len(sums) - 1

    def throw(dice: random.Random) -> int:
        return min(bisect_left(sums, dice.random()), last)

    return throw


def _binomial(trials: int, chance: float) -> Iterator[float]:
    """The logarithms do not underflow where no success at all is as good as impossible."""
    ways = math.lgamma(trials + 1)
    for count in range(trials + 1):
        if chance == 1:
            yield float(count == trials)
            continue
        log = ways - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
        yield math.exp(log + count * math.log(chance) + (trials - count) * math.log1p(-chance))


def _bursts(bursts: float, size: float) -> Iterator[float]:
    """The Polya-Aeppli distribution. Source: Johnson, Kotz and Kemp, Univariate Discrete Distributions, 9.7."""
    longer = 1 - 1 / size
    before, now = 0.0, math.exp(-bursts)
    count = 0
    while True:
        yield now
        following = (bursts / size + 2 * longer * count) * now - longer**2 * max(count - 1, 0) * before
        before, now = now, following / (count + 1)
        count += 1
