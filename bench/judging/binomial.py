"""How many of n trials succeed, thrown exactly: no normal or Poisson stands in for the binomial.

Rules of the file: the distribution is exact up to the rounding of a float, and a throw costs little at any n.

Note: ``random.binomialvariate`` is of Python 3.12, and this project runs on 3.11 too. Source: L. Devroye, Non-Uniform
Random Variate Generation (1986), chapter X.4: waiting times, and splitting by a beta.
"""

from __future__ import annotations

import math
import random

_FEW = 6.0
"""Up to about this many expected successes, going from one to the next is quicker than splitting."""


def binomial(dice: random.Random, trials: int, chance: float) -> int:
    """Returns how many of ``trials`` succeed where each does with ``chance``."""
    if trials <= 0 or chance <= 0:
        return 0
    if chance > 0.5:
        return trials - binomial(dice, trials, 1 - chance)
    if trials * chance <= _FEW:
        return _from_one_to_the_next(dice, trials, chance)
    return _split(dice, trials, chance)


def _from_one_to_the_next(dice: random.Random, trials: int, chance: float) -> int:
    """Counts successes by how many trials lie between them, which is geometric."""
    failing = math.log1p(-chance)
    successes, trial = -1, 0
    while trial <= trials:
        trial += int(math.log(1.0 - dice.random()) / failing) + 1
        successes += 1
    return successes


def _split(dice: random.Random, trials: int, chance: float) -> int:
    """Throws where one of the ordered trials lies, and counts the few between it and the chance.

    A trial succeeds where its uniform number is at most ``chance``. The number of a given rank is beta distributed, and
    those on either side of it are again uniform. The rank is the one expected at the chance, so what is left to count
    is about the root of what there was.
    """
    rank = int((trials + 1) * chance)
    place = dice.betavariate(rank, trials + 1 - rank)
    if place <= chance:
        return rank + binomial(dice, trials - rank, (chance - place) / (1 - place))
    return rank - 1 - binomial(dice, rank - 1, (place - chance) / place)
