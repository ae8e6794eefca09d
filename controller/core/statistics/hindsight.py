"""What the error gate makes of minutes that are over: each is one unit, and its weight is the share that was served.

All counts are complete, so the canary's share of a minute's requests stands for the alias's weight, which nobody has
kept. Given the requests of both versions, a failing request is the canary's with exactly that chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from controller.core.statistics.error_evidence import Evidence, Unit
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate knew after the minute that began at ``began``, and all minutes up to then."""

    began: datetime
    minutes: Sequence[CountedMinute]
    evidence: Evidence
    odds: float


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The history of the alias before the minutes that are looked at."""

    history: History = field(default_factory=History)

    def after_each(self, minutes: Sequence[CountedMinute]) -> Iterator[Judged]:
        """Yields what the gate knew after each minute in which both versions served, in order."""
        evidence, first = Evidence(), True
        both = while_both_served(minutes)
        for number, minute in enumerate(both, 1):
            counts = minute.counts
            requests = counts.canary_invocations + counts.stable_invocations
            if not counts.compares:
                continue
            load = requests / self.history.requests if self.history.requests else 1.0
            share = counts.canary_invocations / requests
            unit = Unit(counts.canary_errors, counts.stable_errors, share, first, load)
            evidence, first = evidence.after(unit, self.history), False
            yield Judged(minute.began, both[:number], evidence, evidence.odds(self.history))


def while_both_served(minutes: Sequence[CountedMinute]) -> Sequence[CountedMinute]:
    """Returns the minutes from the first in which both versions had requests to the last."""
    both = [place for place, minute in enumerate(minutes) if minute.counts.compares]
    return minutes[both[0] : both[-1] + 1] if both else ()
