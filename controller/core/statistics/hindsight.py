"""The error gate's judgement of past minutes: each minute is one unit, weighted by the canary's share of its requests.

Nobody has kept the alias's past weights. All counts are complete, so the canary's share of a minute's requests stands
for the weight: given the requests of both versions, a failing request is the canary's with exactly this chance.
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
    """The gate's knowledge after the minute from ``began``: all minutes so far, and their evidence."""

    began: datetime
    minutes: Sequence[CountedMinute]
    evidence: Evidence
    odds: float


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The error gate, given the alias's ``history`` before the minutes to judge."""

    history: History = field(default_factory=History)

    def after_each(self, minutes: Sequence[CountedMinute]) -> Iterator[Judged]:
        """Yields the gate's knowledge after each minute in which both versions served, in order."""
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
    """Returns the minutes between the first and the last in which both versions had requests."""
    both = [place for place, minute in enumerate(minutes) if minute.counts.compares]
    return minutes[both[0] : both[-1] + 1] if both else ()
