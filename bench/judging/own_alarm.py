"""The state of a deployment's own alarm, as CloudWatch finds it from the minutes that are there at a look.

Which minutes are bad is written in metric math for CloudWatch, so here it is written once more, with the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.gates.own_alarm import BAD_MINUTES, MIN_ERRORS, POINTS_OVER, SURELY_BAD, TIMES_STABLE
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.sequential_evidence import CountedMinute, Minute


@dataclass(frozen=True, slots=True)
class OwnAlarm:
    """An alarm as it was put last: over how many of the newest minutes, and how many errors make a minute bad.

    ``before`` is what the stable version served before the promotion, None while both versions serve.
    """

    minutes: int
    least_errors: int = MIN_ERRORS
    before: ServedBefore | None = None

    def fires(self, minutes: Sequence[CountedMinute]) -> bool:
        """Are enough of the newest minutes bad?"""
        newest = minutes[-self.minutes :] if self.minutes else ()
        return sum(self.is_bad(each.counts) for each in newest) >= BAD_MINUTES

    def is_bad(self, counts: Minute) -> bool:
        """Has the canary failed so much oftener than the stable version? A minute without points says nothing."""
        rate = self._stable_rate(counts)
        if rate is None or not counts.canary_invocations:
            return False
        over = counts.canary_errors - TIMES_STABLE * rate * counts.canary_invocations
        points = 100 * (counts.canary_errors / counts.canary_invocations - TIMES_STABLE * rate)
        surely = over >= MIN_ERRORS and over >= SURELY_BAD * counts.canary_invocations
        return (over >= self.least_errors or surely) and points > POINTS_OVER

    def _stable_rate(self, counts: Minute) -> float | None:
        beside = counts.stable_errors / counts.stable_invocations if counts.stable_invocations else None
        return beside if self.before is None else max(self.before.rate, beside or 0.0)
