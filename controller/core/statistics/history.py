"""How the errors of an alias came in the day before: one by one, in bursts, or hardly ever.

The day decides which witnesses of ``error_evidence`` count, and how much one error is worth. Errors that come in bursts
of ten, all of them on one version, are one tenth as surprising as ten errors that came by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

LOOK_BACK = timedelta(days=1)
"""How much of the alias's past is read."""
_MINUTE = timedelta(minutes=1)
_WINDOW = 180
"""Minutes: the day is looked at in windows of three hours."""
_BLOCK = 10
"""Minutes that are added up to find bursts that last longer than one."""
_OUTAGES = 2
"""How many of the worst windows say nothing: two outages in a day do not make an alias one with bursts."""
_FEWEST_ERRORS = 20
_CLEAN_AT_MOST = 1.25
_BLOCKS_CLEAN_AT_MOST = 1.8
_FEWEST_MINUTES_FOR_BLOCKS = 60
FEWEST_MINUTES = 10
"""How many minutes must be known to say how unevenly a share varies."""
ASSUMED_SPREAD = 2.0
"""That of pairs: what is not known is not taken for chance alone."""

Served = tuple[int, int]
"""The requests of a minute and the errors among them."""


class Kind(Enum):
    """How errors come: independent of each other, too seldom to tell, or in bursts."""

    CLEAN = "clean"
    THIN = "thin"
    BURSTY = "bursty"


@dataclass(frozen=True, slots=True)
class History:
    """What a day of an alias says about its errors.

    ``spread`` is E[B^2]/E[B] of the sizes B of bursts: 1 where errors are independent. ``length`` is how many minutes a
    burst lasts. ``begins`` is the upper bound of how many runs of minutes with errors begin in a minute, ``goes_on``
    the upper bound of the chance that such a run has one more minute. ``requests`` is the mean of a minute.
    """

    kind: Kind = Kind.THIN
    spread: float = 1.0
    length: float = 1.0
    begins: float = 7.0
    goes_on: float = 0.5
    requests: float = 0.0

    @property
    def power(self) -> float:
        """The power at which a likelihood ratio of counts is taken, so that a burst is worth no more than it is.

        An alias that fails in few minutes, but then in bursts, is thin and has a spread all the same.
        """
        return 1.0 if self.kind is Kind.CLEAN else 1 / self.spread

    @staticmethod
    def of(minutes: Sequence[Served]) -> History:
        """Returns the history of minutes in order; where there are none, the one that ``History()`` assumes.

        Minutes without any request belong into it; those in which two versions served do not.
        """
        if not minutes:
            return History()
        bad = [errors > 0 for _, errors in minutes]
        with_errors, runs = sum(bad), bad[0] + sum(now and not before for before, now in pairwise(bad))
        by_minutes = _usual(_windows(minutes))
        long_enough = min(len(minutes), _WINDOW) >= _FEWEST_MINUTES_FOR_BLOCKS
        by_blocks = _usual([_blocks(window) for window in _windows(minutes)]) if long_enough else by_minutes
        lasts = by_blocks > _BLOCKS_CLEAN_AT_MOST
        if with_errors < len(minutes) / 3 or sum(errors for _, errors in minutes) < _FEWEST_ERRORS:
            kind = Kind.THIN
        else:
            kind = Kind.CLEAN if by_minutes <= _CLEAN_AT_MOST and not lasts else Kind.BURSTY
        return History(
            kind,
            spread=max(1.0, by_minutes, by_blocks if lasts else 1.0),
            length=min(max(by_blocks / max(by_minutes, 1.0), 1.0), _BLOCK) if lasts else 1.0,
            begins=(runs + 2 * math.sqrt(runs) + 2) / len(minutes),
            goes_on=min(1.0, (with_errors - runs + math.sqrt(with_errors - runs) + 1) / (with_errors + 2)),
            requests=sum(requests for requests, _ in minutes) / len(minutes),
        )


def spread_of_shares(minutes: Sequence[Served]) -> float:
    """Returns how many times as much the share of the bad varies from minute to minute as chance explains, at least 1.

    For shares of any size, as that of the requests over the median. Where fewer than ``FEWEST_MINUTES`` minutes are
    known it is ``ASSUMED_SPREAD``.
    """
    if len(minutes) < FEWEST_MINUTES:
        return ASSUMED_SPREAD
    windows = _windows(minutes)
    by_minutes = _usual(windows, _spread_of_share)
    if min(len(minutes), _WINDOW) < _FEWEST_MINUTES_FOR_BLOCKS:
        return max(1.0, by_minutes)
    by_blocks = _usual([_blocks(window) for window in windows], _spread_of_share)
    return max(1.0, by_minutes, by_blocks if by_blocks > _BLOCKS_CLEAN_AT_MOST else 1.0)


def every_minute(
    served: Mapping[datetime, Served], until: datetime, without: Collection[datetime] = ()
) -> list[Served]:
    """Returns each minute from the first one that served to ``until``, also those without a request.

    The minutes ``without`` are left out.
    """
    found: list[Served] = []
    for began, following in pairwise([*sorted(served), until]):
        found += [] if began in without else [served[began]]
        found += [(0, 0)] * ((following - began) // _MINUTE - 1)
    return found


def _windows(minutes: Sequence[Served]) -> list[Sequence[Served]]:
    """The day in windows, counted from its end; what is left over at its beginning is none. A short day is one."""
    ends = range(len(minutes), min(len(minutes), _WINDOW) - 1, -_WINDOW)
    return [minutes[max(0, end - _WINDOW) : end] for end in ends]


def _blocks(window: Sequence[Served]) -> list[Served]:
    starts = range(0, len(window) - _BLOCK + 1, _BLOCK)
    blocks = (window[start : start + _BLOCK] for start in starts)
    return [(sum(requests for requests, _ in block), sum(errors for _, errors in block)) for block in blocks]


def _usual(windows: Sequence[Sequence[Served]], spread: Callable[[Sequence[Served]], float] | None = None) -> float:
    """The spread of the worst window that is no outage."""
    spreads = sorted(map(spread or _spread, windows))
    return spreads[-_OUTAGES - 1] if len(spreads) > _OUTAGES else spreads[-1]


def _spread_of_share(window: Sequence[Served]) -> float:
    """The spread in units of what chance explains: where half of all requests are bad, that is half of their number."""
    requests, bad = (sum(column) for column in zip(*window, strict=True))
    return _spread(window) * requests / (requests - bad) if bad < requests else 1.0


def _spread(window: Sequence[Served]) -> float:
    """Compares neighbours only, so a rate or a traffic that drifts does not look like bursts."""
    pairs = [(one, other) for one, other in pairwise(window) if one[0] and other[0]]
    errors = sum(one[1] + other[1] for one, other in pairs)
    between = sum((b * m - a * n) ** 2 / (m * n) for (m, a), (n, b) in pairs)
    return between / errors if errors else 1.0
