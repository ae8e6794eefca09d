"""Whether the canary gets the share of requests that its weight promises: the sample-ratio check.

Lambda picks the version at random for every request, so in one step the canary's requests are binomial with its
weight. Where they clearly are not, the comparison of the two versions is about other traffic than was asked for:
callers bypass the alias, or somebody else moved it.

Rules of the file: an odd share is no fault of the canary, so it holds and never rolls back. It must be both beyond
chance, by the same kind of evidence as ``judge`` uses (it may be looked at every minute for ever), and large enough to
matter: with a million requests a hair's breadth is beyond chance.

What a newcomer would get wrong: counts of another step are of another weight, so each step begins anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from controller.core.judge import CountedMinute

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

    def after(self, minutes: Iterable[CountedMinute], live_at: datetime | None) -> Share:
        """Returns the share with these minutes, of those that began in the step that is live since ``live_at``."""
        found = self if self.since == live_at else Share(live_at)
        if live_at is None:
            return found
        counts = [minute.counts for minute in minutes if minute.began >= live_at]
        return Share(
            live_at,
            found.canary + sum(each.canary_invocations for each in counts),
            found.stable + sum(each.stable_invocations for each in counts),
        )

    def is_odd(self, weight: int) -> bool:
        """Is it clear that the canary gets another share than ``weight``, in hundredths of a percent?"""
        promised = weight / (10_000 - weight)
        in_between = promised / _LEAST_TIMES < self.canary / max(self.stable, 1) < promised * _LEAST_TIMES
        return not in_between and self._evidence(weight / 10_000) >= _LEAST_EVIDENCE

    def in_words(self, canary: str | None, weight: int) -> str:
        """Returns for people what is odd."""
        together = self.canary + self.stable
        return (
            f"version {canary} got {self.canary:,} of {together:,} requests ({100 * self.canary / together:.3g} %) in"
            f" this step, and its weight is {weight / 100:g} %: callers bypass the alias, or somebody else moved it"
        )

    def _evidence(self, promised: float) -> float:
        """Returns the logarithm of how much likelier the counts are where every share is as likely as the other."""
        together = self.canary + self.stable
        any_share = math.lgamma(self.canary + 1) + math.lgamma(self.stable + 1) - math.lgamma(together + 2)
        return any_share - self.canary * math.log(promised) - self.stable * math.log1p(-promised)
