"""What an alias sees, minute by minute: which version got each request, and which requests failed.

Rules of the file: every request is thrown, none is rounded. What a newcomer would get wrong: the weight is not the
share. Lambda picks the version for each request, so the canary's requests of a minute are binomial, too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.judging.binomial import binomial
from controller.core.judge import Minute


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One line of a table: ``weight`` and ``errors`` in percent, ``requests`` a minute of both versions together."""

    weight: float
    requests: int
    errors: float

    @property
    def expected_errors(self) -> float:
        """How many errors a minute has while both versions are good."""
        return self.requests * self.errors / 100

    def __str__(self) -> str:
        return f"weight {self.weight:g} %, {self.requests:,} requests a minute, {self.errors:g} % errors"


def minutes(dice: random.Random, cell: Cell, times: float) -> Iterator[Minute]:
    """Yields minutes without end in which the canary fails ``times`` as often as the stable version, at most always."""
    rate = cell.errors / 100
    canary_rate = min(1.0, times * rate)
    while True:
        canary = binomial(dice, cell.requests, cell.weight / 100)
        stable = cell.requests - canary
        yield Minute(canary, binomial(dice, canary, canary_rate), stable, binomial(dice, stable, rate))
