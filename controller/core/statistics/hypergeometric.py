"""Fisher's noncentral hypergeometric distribution: which of two versions has the errors, given all requests and errors.

    Table(canary=100, stable=900, errors=10)     at equal odds of failing the canary has one of the ten

Rules of the file: all values are natural logarithms, so nothing overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_NEGLIGIBLE = 1e-17
"""Relative to the largest term: smaller terms are below the precision of a float."""


@dataclass(frozen=True, slots=True)
class Table:
    """The margins of a minute's 2 x 2 table: the requests of each version, and the errors of both together."""

    canary: int
    stable: int
    errors: int

    @property
    def lowest(self) -> int:
        """The fewest errors the canary can have had."""
        return max(0, self.errors - self.stable)

    @property
    def highest(self) -> int:
        """The most errors the canary can have had."""
        return min(self.canary, self.errors)

    def rise(self, j: int) -> float:
        """The term of j + 1 canary errors divided by the term of j, at even odds."""
        return (self.canary - j) * (self.errors - j) / ((j + 1) * (self.stable - self.errors + j + 1))


def log_total(table: Table, ratio: float) -> float:
    """Returns the logarithm of the sum over j of C(canary, j) * C(stable, errors - j) * ratio**j."""
    # The terms rise to one peak and fall. Summing from the peak outwards, until terms are negligible, takes a few
    # thousand terms for a million requests; the whole sum has as many terms as errors.
    peak = _peak(table, ratio)
    top = _log_choose(table.canary, peak) + _log_choose(table.stable, table.errors - peak) + peak * math.log(ratio)
    total, term = 1.0, 1.0
    for j in range(peak, table.highest):
        term *= ratio * table.rise(j)
        total += term
        if term < _NEGLIGIBLE * total:
            break
    term = 1.0
    for j in range(peak - 1, table.lowest - 1, -1):
        term /= ratio * table.rise(j)
        total += term
        if term < _NEGLIGIBLE * total:
            break
    return top + math.log(total)


def log_ways(table: Table) -> float:
    """Returns the logarithm of all ways to spread the errors over the requests: the total at even odds."""
    # Vandermonde's identity: this is exact, and no sum.
    return _log_choose(table.canary + table.stable, table.errors)


def _peak(table: Table, ratio: float) -> int:
    """Returns the j of the largest term, by bisection."""
    low, high = table.lowest, table.highest
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if ratio * table.rise(middle) > 1 else (low, middle)
    return low


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)
