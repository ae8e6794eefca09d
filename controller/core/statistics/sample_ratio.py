"""The sample-ratio check: does the canary get the share of requests promised by its weight?

Lambda picks the version of each request at random, so in one step the canary's requests are binomial with its weight.
Clearly more requests mean that callers bypass the alias, or somebody else moved it: the versions serve different
traffic and cannot be compared. Clearly fewer may mean lost requests, such as those of a version that cannot start.

Rules of the file: too many requests hold the next step and never roll back; too few are treated as missing traffic. A
wrong share must be beyond chance, by sequential evidence (see ``sequential_evidence``) that may be looked at every
minute, and large enough to matter: among a million requests a hair's breadth is beyond chance. Only complete minutes
count, because the requests of a slower version are counted later.

Note: counts of another step have another weight, so each step starts afresh.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from controller.core.statistics.sequential_evidence import CountedMinute

_MIN_EVIDENCE = math.log(10_000)
"""A right share is taken for a wrong one in at most one of 10,000 steps. Source: Ville's inequality."""
_MIN_TIMES = 1.5
"""The smallest difference to act on: the canary's odds of being picked, too high or too low by this factor."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """The requests of both versions in one step, which was seen on the alias at ``since``."""

    since: datetime | None = None
    canary: int = 0
    stable: int = 0

    @staticmethod
    def of(minutes: Iterable[CountedMinute], confirmed_at: datetime | None) -> SampleRatio:
        """Returns the share in the minutes since ``confirmed_at``, when the step was seen on the alias."""
        counts = [minute.counts for minute in minutes if confirmed_at and minute.began >= confirmed_at]
        return SampleRatio(
            confirmed_at,
            sum(each.canary_invocations for each in counts),
            sum(each.stable_invocations for each in counts),
        )

    def is_too_large(self, weight: int) -> bool:
        """Does the canary clearly get more than ``weight`` (hundredths of a percent)?"""
        return self._times(weight) >= _MIN_TIMES and self._is_no_chance(weight)

    def is_too_small(self, weight: int) -> bool:
        """Does the canary clearly get less than ``weight`` (hundredths of a percent)?"""
        return self._times(weight) <= 1 / _MIN_TIMES and self._is_no_chance(weight)

    def in_words(self, canary: str | None, weight: int) -> str:
        together = self.canary + self.stable
        return (
            f"version {canary} got {self.canary:,} of {together:,} requests ({100 * self.canary / together:.3g} %) in"
            f" this step, and its weight is {weight / 100:g} %"
        )

    def _times(self, weight: int) -> float:
        """The canary's odds of being picked, divided by the promised odds."""
        return self.canary / max(self.stable, 1) * (10_000 - weight) / weight

    def _is_no_chance(self, weight: int) -> bool:
        return self._evidence(weight / 10_000) >= _MIN_EVIDENCE

    def _evidence(self, promised: float) -> float:
        """Returns the log likelihood ratio of "any share is equally likely" to the ``promised`` share."""
        together = self.canary + self.stable
        any_share = math.lgamma(self.canary + 1) + math.lgamma(self.stable + 1) - math.lgamma(together + 2)
        return any_share - self.canary * math.log(promised) - self.stable * math.log1p(-promised)
