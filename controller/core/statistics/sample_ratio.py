"""Whether the canary gets the share of requests that its weight promises: the sample-ratio check.

Lambda picks the version at random for every request, so in one step the canary's requests are binomial with its
weight. Where the canary clearly gets more, callers bypass the alias or somebody else moved it, and the two versions are
compared by other traffic than was asked for. Where the canary clearly gets fewer, its requests may be lost before they
are counted, as those of a version that Lambda cannot start are.

Rules of the file: too many requests hold and never roll back; too few hold as a lack of traffic does, and end as that.
A share must be both beyond chance, by the same kind of evidence as ``sequential_evidence`` uses (it may be looked at
every minute for ever), and large enough to matter: with a million requests a hair's breadth is beyond chance. Only
minutes that cannot change any more are counted: a version that takes longer for its requests has them counted later.

Note: counts of another step are of another weight, so each step begins anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from controller.core.statistics.sequential_evidence import CountedMinute

_LEAST_EVIDENCE = math.log(10_000)
"""A right share is taken for a wrong one in at most one of this many steps. Source: Ville's inequality."""
_LEAST_TIMES = 1.5
"""How many times as high or as low as promised the canary's odds of being picked must be."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many requests both versions had in one step, which the alias was seen to carry from ``since`` on."""

    since: datetime | None = None
    canary: int = 0
    stable: int = 0

    @staticmethod
    def of(minutes: Iterable[CountedMinute], live_at: datetime | None) -> Share:
        """Returns the share of these minutes, of those that began in the step that is live since ``live_at``."""
        counts = [minute.counts for minute in minutes if live_at and minute.began >= live_at]
        return Share(
            live_at,
            sum(each.canary_invocations for each in counts),
            sum(each.stable_invocations for each in counts),
        )

    def is_too_large(self, weight: int) -> bool:
        """Is it clear that the canary gets more than ``weight``, in hundredths of a percent?"""
        return self._times(weight) >= _LEAST_TIMES and self._is_no_chance(weight)

    def is_too_small(self, weight: int) -> bool:
        """Is it clear that the canary gets less than ``weight``, in hundredths of a percent?"""
        return self._times(weight) <= 1 / _LEAST_TIMES and self._is_no_chance(weight)

    def in_words(self, canary: str | None, weight: int) -> str:
        """Returns the counts and the weight for people."""
        together = self.canary + self.stable
        return (
            f"version {canary} got {self.canary:,} of {together:,} requests ({100 * self.canary / together:.3g} %) in"
            f" this step, and its weight is {weight / 100:g} %"
        )

    def _times(self, weight: int) -> float:
        """How many times as high as promised the canary's odds of being picked were."""
        return self.canary / max(self.stable, 1) * (10_000 - weight) / weight

    def _is_no_chance(self, weight: int) -> bool:
        return self._evidence(weight / 10_000) >= _LEAST_EVIDENCE

    def _evidence(self, promised: float) -> float:
        """Returns the logarithm of how much likelier the counts are where every share is as likely as the other."""
        together = self.canary + self.stable
        any_share = math.lgamma(self.canary + 1) + math.lgamma(self.stable + 1) - math.lgamma(together + 2)
        return any_share - self.canary * math.log(promised) - self.stable * math.log1p(-promised)
