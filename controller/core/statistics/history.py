"""How an alias's errors came in the day before: one by one, in bursts, or hardly ever.

The history decides which witnesses of ``error_evidence`` count, and the worth of one error. Ten errors in a burst, all
on one version, are a tenth as surprising as ten errors on their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

LOOK_BACK = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_WINDOW = 180
"""In minutes: a day is split into windows of three hours."""
_BLOCK = 10
"""In minutes: the length of blocks, which show bursts longer than a minute."""
_OUTAGES = 2
"""The number of worst windows to ignore: two outages in a day do not make a bursty alias."""
_MIN_ERRORS = 20
_MAX_CLEAN_SPREAD = 1.25
_MAX_CLEAN_BLOCK_SPREAD = 1.8
_MIN_MINUTES_FOR_BLOCKS = 60
MIN_MINUTES = 10
"""The fewest minutes that show how unevenly a share varies."""
ASSUMED_SPREAD = 2.0
"""The spread of a share with too few minutes: more than chance alone, to be careful."""

Served = tuple[int, int]
"""The requests of a minute and the errors among them."""


class Kind(Enum):
    """How errors come: independent of each other, too seldom to tell, or in bursts."""

    CLEAN = "clean"
    THIN = "thin"
    BURSTY = "bursty"


@dataclass(frozen=True, slots=True)
class History:
    """An alias's errors in one day.

    - ``spread``: E[B^2]/E[B] of the burst sizes B; 1 if errors are independent.
    - ``length``: how many minutes a burst lasts.
    - ``begins``: upper bound of the runs of minutes with errors that begin per minute.
    - ``goes_on``: upper bound of the chance that a run lasts another minute.
    - ``requests``: the mean requests of a minute.
    """

    kind: Kind = Kind.THIN
    spread: float = 1.0
    length: float = 1.0
    begins: float = 7.0
    goes_on: float = 0.5
    requests: float = 0.0

    @property
    def power(self) -> float:
        """The power to take a likelihood ratio of counts to, so that a burst counts as one event."""
        # An alias with few bad minutes, but in bursts, is THIN and has a spread, too.
        return 1.0 if self.kind is Kind.CLEAN else 1 / self.spread

    @staticmethod
    def of(minutes: Sequence[Served]) -> History:
        """Returns the history of ``minutes``, in order; no minutes give the assumptions of ``History()``.

        Include minutes without requests; leave out minutes in which two versions served.
        """
        if not minutes:
            return History()
        bad = [errors > 0 for _, errors in minutes]
        with_errors, runs = sum(bad), bad[0] + sum(now and not before for before, now in pairwise(bad))
        by_minutes = _usual(_windows(minutes))
        long_enough = min(len(minutes), _WINDOW) >= _MIN_MINUTES_FOR_BLOCKS
        by_blocks = _usual([_blocks(window) for window in _windows(minutes)]) if long_enough else by_minutes
        lasts = by_blocks > _MAX_CLEAN_BLOCK_SPREAD
        if with_errors < len(minutes) / 3 or sum(errors for _, errors in minutes) < _MIN_ERRORS:
            kind = Kind.THIN
        else:
            kind = Kind.CLEAN if by_minutes <= _MAX_CLEAN_SPREAD and not lasts else Kind.BURSTY
        return History(
            kind,
            spread=max(1.0, by_minutes, by_blocks if lasts else 1.0),
            length=min(max(by_blocks / max(by_minutes, 1.0), 1.0), _BLOCK) if lasts else 1.0,
            begins=(runs + 2 * math.sqrt(runs) + 2) / len(minutes),
            goes_on=min(1.0, (with_errors - runs + math.sqrt(with_errors - runs) + 1) / (with_errors + 2)),
            requests=sum(requests for requests, _ in minutes) / len(minutes),
        )


def spread_of_shares(minutes: Sequence[Served]) -> float:
    """Returns the variation of the bad share from minute to minute, relative to chance (at least 1).

    For shares of any size, such as the requests slower than the median. With fewer than ``MIN_MINUTES`` minutes the
    result is ``ASSUMED_SPREAD``.
    """
    if len(minutes) < MIN_MINUTES:
        return ASSUMED_SPREAD
    windows = _windows(minutes)
    by_minutes = _usual(windows, _spread_of_share)
    if min(len(minutes), _WINDOW) < _MIN_MINUTES_FOR_BLOCKS:
        return max(1.0, by_minutes)
    by_blocks = _usual([_blocks(window) for window in windows], _spread_of_share)
    return max(1.0, by_minutes, by_blocks if by_blocks > _MAX_CLEAN_BLOCK_SPREAD else 1.0)


def every_minute(
    served: Mapping[datetime, Served], until: datetime, without: Collection[datetime] = ()
) -> list[Served]:
    """Returns each minute from the first with requests to ``until``, minutes without requests included; ``without`` are
    left out.
    """
    found: list[Served] = []
    for began, following in pairwise([*sorted(served), until]):
        found += [] if began in without else [served[began]]
        found += [(0, 0)] * ((following - began) // _MINUTE - 1)
    return found


def _windows(minutes: Sequence[Served]) -> list[Sequence[Served]]:
    """Returns the day in windows, counted from its end; a short day is one window, and an incomplete oldest window is
    dropped.
    """
    ends = range(len(minutes), min(len(minutes), _WINDOW) - 1, -_WINDOW)
    return [minutes[max(0, end - _WINDOW) : end] for end in ends]


def _blocks(window: Sequence[Served]) -> list[Served]:
    starts = range(0, len(window) - _BLOCK + 1, _BLOCK)
    blocks = (window[start : start + _BLOCK] for start in starts)
    return [(sum(requests for requests, _ in block), sum(errors for _, errors in block)) for block in blocks]


def _usual(windows: Sequence[Sequence[Served]], spread: Callable[[Sequence[Served]], float] | None = None) -> float:
    """Returns the spread of the worst window besides outages."""
    spreads = sorted(map(spread or _spread, windows))
    return spreads[-_OUTAGES - 1] if len(spreads) > _OUTAGES else spreads[-1]


def _spread_of_share(window: Sequence[Served]) -> float:
    """Returns the spread relative to chance: if half of all requests are bad, chance alone explains half of their
    number.
    """
    requests, bad = (sum(column) for column in zip(*window, strict=True))
    return _spread(window) * requests / (requests - bad) if bad < requests else 1.0


def _spread(window: Sequence[Served]) -> float:
    # Only neighbours are compared, so drifting error rates or traffic do not look like bursts.
    pairs = [(one, other) for one, other in pairwise(window) if one[0] and other[0]]
    errors = sum(one[1] + other[1] for one, other in pairs)
    between = sum((b * m - a * n) ** 2 / (m * n) for (m, a), (n, b) in pairs)
    return between / errors if errors else 1.0
