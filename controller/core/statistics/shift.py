"""How the error gate looks at a shift: what a look finds new becomes one unit of evidence, and the end is judged whole.

    look     the errors of all minutes that ended at least a minute ago, less those that were seen before
    end      when the longest request of the shift must have ended: the rest as one unit, then all counts once

A look reads every minute of the shift anew. CloudWatch stamps a request with the minute in which it began and has it
when it ended, so a minute grows for as long as a request may run. Source: Lambda developer guide, types of metrics, the
timestamp reflects when the function was invoked, 2026-11.

Note: whether a look makes a unit, and which minutes it covers, never depends on how many errors one of the versions
had. That rule keeps the evidence honest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from controller.core.statistics import whole_counts
from controller.core.statistics.error_evidence import Evidence, Unit
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute, Minute

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=1)
"""How long after a minute a look leaves it alone. Source: Lambda developer guide, metrics are sent at one-minute
intervals; alarms stamped 30 to 70 s after a minute, 2026-11.
"""
LONGEST_TIMEOUT = timedelta(minutes=15)
"""What is taken for a Timeout that is not known. Source: Lambda developer guide, quotas, function timeout, 2026-11."""
COMPLETE_AFTER = timedelta(minutes=2)
"""How long after its longest request a minute's counts are taken for complete, on AWS."""
_COUNTED_AFTER = timedelta(seconds=90)
"""The same of requests that have ended in it, on AWS. One series may come later than another."""
_ENOUGH_FOR_A_SHARE = 1_000
_ALL = 10_000
_MOST_WEIGHT = 0.9999
"""The largest weight that an alias can carry beside another version."""


NOTHING = Minute(0, 0, 0, 0)


class HasBegun(Protocol):
    """A minute of any kind of counts."""

    @property
    def began(self) -> datetime: ...


Began = TypeVar("Began", bound=HasBegun)


def time_to_settle(longest: timedelta, minute: timedelta) -> timedelta:
    """Returns how long after its end a minute may still change where a request runs for at most ``longest``.

    ``minute`` is how long a minute of AWS lasts; the embedded AWS has shorter ones.
    """
    return (longest + COMPLETE_AFTER) * (minute / MINUTE)


@dataclass(frozen=True, slots=True)
class Past:
    """What is read once, before the first look: the day before, and how long a request of either version may run.

    ``late`` is how long after its longest request a minute's counts are taken for complete.
    """

    history: History
    longest: timedelta
    late: timedelta = COMPLETE_AFTER

    @property
    def settles_in(self) -> timedelta:
        """How long after its end a minute may still change."""
        return self.longest + self.late

    @property
    def counted_in(self) -> timedelta:
        """How long after its end a minute lacks none of its requests that have ended, in whichever series."""
        return self.late * (_COUNTED_AFTER / COMPLETE_AFTER)


@dataclass(frozen=True, slots=True)
class StepBegun:
    """Since when a step's weight, in hundredths of a percent, may have been carried."""

    began: datetime
    weight: int


@dataclass(frozen=True, slots=True)
class Shift:
    """What the error gate knows of one shift.

    ``past`` is None until it was read; nothing is judged before that. ``until`` is where the minutes end that were
    looked at, None before the first look. ``seen`` is what all of them came to. ``whole`` is the odds by the whole
    counts, None until the shift's end was judged.
    """

    past: Past | None = None
    steps: tuple[StepBegun, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    until: datetime | None = None
    seen: Minute = NOTHING
    whole: float | None = None

    @property
    def odds(self) -> float:
        """The evidence of the looks: 1 says nothing either way, 100 is 100 to 1 against the canary."""
        return self.evidence.odds(self.past.history) if self.past else 1.0

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights of the steps so far."""
        return tuple(step.weight for step in self.steps)

    def in_step(self, began: datetime, weight: int) -> Shift:
        """Returns the shift with a step that begins, if that was not known yet."""
        if self.steps and self.steps[-1].weight == weight:
            return self
        return replace(self, steps=(*self.steps, StepBegun(began, weight)))

    def after_look(self, minutes: Sequence[CountedMinute], now: datetime) -> Shift:
        """Returns the shift after a look at all of its minutes; a look that covers no further minute changes nothing.

        Minutes after the last point of the stable version are left for later: no data is not zero.
        """
        until = _covered(minutes, now)
        if self.past is None or until is None or not self.steps or (self.until is not None and until <= self.until):
            return self
        return self._with_unit(self.past.history, [minute for minute in minutes if minute.began < until], until)

    def passing_over(self, minutes: Sequence[CountedMinute], now: datetime) -> Shift:
        """Returns the shift without the evidence of a look, because somebody else chose what the alias carried."""
        until = _covered(minutes, now)
        if until is None or (self.until is not None and until <= self.until):
            return self
        return replace(self, until=until, seen=added([minute for minute in minutes if minute.began < until]))

    def without_end(self) -> Shift:
        """Returns the shift as one whose end is not judged, because a person went on in spite of the evidence."""
        return replace(self, evidence=Evidence(), whole=1.0)

    def after_end(self, minutes: Sequence[CountedMinute], ended: datetime) -> Shift:
        """Returns the shift judged to its end, from all minutes before ``ended``, which are complete by now."""
        if self.past is None or self.whole is not None:
            return self
        inside = [minute for minute in minutes if minute.began + MINUTE <= ended and minute.has_errors]
        rest = self._with_unit(self.past.history, inside, ended) if inside and self.steps else self
        whole = [minute for minute in inside if minute.is_whole]
        return replace(rest, whole=whole_counts.odds([*_strata(self.steps, whole, ended)], self.past.history.power))

    def complete_at(self, ended: datetime) -> datetime | None:
        """Returns when all counts of a shift that ended then are complete, None where that is not known yet."""
        return ended + self.past.settles_in if self.past else None

    def _with_unit(self, history: History, covered: Sequence[CountedMinute], until: datetime) -> Shift:
        total = added(covered)
        requests = _requests(total) - _requests(self.seen)
        unit = Unit(
            max(0, total.canary_errors - self.seen.canary_errors),
            max(0, total.stable_errors - self.seen.stable_errors),
            self._weight(covered, until),
            any(self._is_new(step, until) for step in self.steps),
            max(0, requests) / history.requests if history.requests else 1.0,
        )
        return replace(self, evidence=self.evidence.after(unit, history), until=until, seen=total)

    def _weight(self, covered: Sequence[CountedMinute], until: datetime) -> float:
        """The largest weight of these minutes, or the share of requests that the canary really has, if that is more."""
        begun = [step for step in self.steps if step.began < until] or [self.steps[0]]
        in_step = added([minute for minute in covered if minute.began >= begun[-1].began])
        requests = _requests(in_step)
        share = in_step.canary_invocations / requests if requests >= _ENOUGH_FOR_A_SHARE else 0.0
        return min(max(share, begun[-1].weight / _ALL), _MOST_WEIGHT)

    def _is_new(self, step: StepBegun, until: datetime) -> bool:
        return step.began < until and (self.until is None or step.began >= self.until)


def added(minutes: Sequence[CountedMinute]) -> Minute:
    """Returns what minutes came to together."""
    counts = [minute.counts for minute in minutes]
    return Minute(
        sum(each.canary_invocations for each in counts),
        sum(each.canary_errors for each in counts),
        sum(each.stable_invocations for each in counts),
        sum(each.stable_errors for each in counts),
    )


def complete(minutes: Sequence[Began], settles_in: timedelta, now: datetime) -> Sequence[Began]:
    """Returns the minutes that cannot change any more where one settles in this time after its end."""
    return _ended(minutes, settles_in, now)


def is_complete(later: Sequence[Began], settles_in: timedelta, ended: datetime, now: datetime) -> bool:
    """Can no minute before ``ended`` change any more? ``later`` are minutes with points from after that."""
    return now - ended >= settles_in or (len(later) - 1) * MINUTE >= settles_in


def has_ended(began: datetime, later: int, ago: timedelta, now: datetime) -> bool:
    """Did a minute end so long ago, by the clock or by the number of ``later`` minutes that have points?

    On AWS a later minute with points is never ahead of the clock. The embedded AWS has shorter minutes, and is measured
    by these.
    """
    return began + MINUTE + ago <= now or (later - 1) * MINUTE >= ago


def counted(seen: Sequence[datetime], now: datetime) -> Iterator[datetime]:
    """Yields the minutes whose requests have all been counted, of all minutes that have points, in order.

    Note: CloudWatch counts whole minutes and is late by up to one. A minute is taken as counted when it ended a minute
    ago, or when two later minutes have points.
    """
    last = len(seen) - 1
    return (began for place, began in enumerate(seen) if has_ended(began, last - place, LATE, now))


def _ended(minutes: Sequence[Began], ago: timedelta, now: datetime) -> Sequence[Began]:
    last = len(minutes) - 1
    return [minute for place, minute in enumerate(minutes) if has_ended(minute.began, last - place, ago, now)]


def _covered(minutes: Sequence[CountedMinute], now: datetime) -> datetime | None:
    """Returns where the minutes end that may be looked at, None where there is none."""
    ended = _ended(minutes, LATE, now)
    stable = [minute.began for minute in ended if minute.counts.stable_invocations and minute.has_errors]
    return max(stable) + MINUTE if stable else None


def _requests(counts: Minute) -> int:
    return counts.canary_invocations + counts.stable_invocations


def _strata(steps: Sequence[StepBegun], minutes: Sequence[CountedMinute], ended: datetime) -> Iterator[Minute]:
    """Yields what each step came to; the minutes in which a step began are of two weights and left out."""
    for number, step in enumerate(steps):
        ends = steps[number + 1].began if number + 1 < len(steps) else ended
        yield added([minute for minute in minutes if step.began <= minute.began and minute.began + MINUTE <= ends])
