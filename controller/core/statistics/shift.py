"""The error gate during a shift: each look turns newly found errors into one unit of evidence; the end is judged whole.

    look     the errors of all minutes that ended at least a minute ago, less the errors seen before
    end      when the longest request of the shift must have ended: the rest as one unit, then all counts once

Each look reads every minute of the shift anew. CloudWatch stamps a request with the minute of its beginning and has the
request only after its end, so a minute's counts grow for as long as a request may run. Source: Lambda developer guide,
types of metrics, the timestamp reflects when the function was invoked, 2026-11.

Note: whether a look makes a unit, and of which minutes, never depends on the number of errors. The evidence would be
biased otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from controller.core.statistics.error_evidence import Evidence, Unit, whole_odds
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute, Minute

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=1)
"""The age of a minute before a look counts it. Source: Lambda developer guide, metrics are sent at one-minute
intervals; alarms stamped 30 to 70 s after a minute, 2026-11.
"""
MAX_TIMEOUT = timedelta(minutes=15)
"""The assumption for an unknown Timeout. Source: Lambda developer guide, quotas, function timeout, 2026-11."""
COMPLETE_AFTER = timedelta(minutes=2)
"""On AWS: the time after a minute's longest request until its counts are taken for complete."""
_COUNTED_AFTER = timedelta(seconds=90)
"""On AWS: the time until a minute's ended requests are counted in all series; one series may come later than another.
"""
_REMEMBERED_AFTER = timedelta(minutes=5)
"""The minutes without errors that a look may find again. People see counts of this age at most."""
_ENOUGH_FOR_A_SHARE = 1_000
_ALL = 10_000
_MAX_WEIGHT = 0.9999
"""The largest weight of an alias's second version."""


NOTHING = Minute(0, 0, 0, 0)


class HasBegun(Protocol):
    """A minute of any kind of counts."""

    @property
    def began(self) -> datetime: ...


Began = TypeVar("Began", bound=HasBegun)


def time_to_settle(longest: timedelta, minute: timedelta) -> timedelta:
    """Returns how long after its end a minute may still change, if a request runs for at most ``longest``.

    ``minute`` is the length of AWS's minutes; the embedded AWS has shorter ones.
    """
    return (longest + COMPLETE_AFTER) * (minute / MINUTE)


@dataclass(frozen=True, slots=True)
class Past:
    """Facts read once, before the first look: the day before, and the longest run time of a request of either version.

    ``late`` is the time after a minute's longest request until its counts are taken for complete.
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
        """The time after a minute's end until all of its ended requests are counted, in all series."""
        return self.late * (_COUNTED_AFTER / COMPLETE_AFTER)


@dataclass(frozen=True, slots=True)
class StepBegun:
    """A step's weight, in hundredths of a percent, and the earliest time at which the alias may have carried it."""

    began: datetime
    weight: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The error gate's knowledge of one shift.

    - ``past``: None until read; nothing is judged before.
    - ``until``: the end of the minutes looked at; None before the first look.
    - ``seen``: the sum of these minutes' counts.
    - ``whole``: the odds by the whole counts; None until the shift's end has been judged.
    """

    past: Past | None = None
    steps: tuple[StepBegun, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    until: datetime | None = None
    seen: Minute = NOTHING
    whole: float | None = None

    @property
    def odds(self) -> float:
        """The evidence of the looks: 1 is neutral, 100 is 100 to 1 against the canary."""
        return self.evidence.odds(self.past.history) if self.past else 1.0

    @property
    def weights(self) -> tuple[int, ...]:
        return tuple(step.weight for step in self.steps)

    def in_step(self, began: datetime, weight: int) -> Shift:
        """Returns the shift with a step of this weight; a known step changes nothing."""
        if self.steps and self.steps[-1].weight == weight:
            return self
        return replace(self, steps=(*self.steps, StepBegun(began, weight)))

    def after_look(self, minutes: Sequence[CountedMinute], now: datetime) -> Shift:
        """Returns the shift after a look at all of its minutes; a look without a further minute changes nothing.

        Minutes after the stable version's last point wait: no data is not zero. A look that comes minutes after the
        last one makes a unit of each minute, as looks in time would have made. So a look that found no error need not
        be remembered.
        """
        new = [until for until in _covered(minutes, now) if self.until is None or until > self.until]
        if self.past is None or not new or not self.steps:
            return self
        is_late = self.until is not None and new[-1] - self.until > MINUTE
        shift = self
        for until in new if is_late else new[-1:]:
            covered = [minute for minute in minutes if minute.began < until]
            shift = shift._with_unit(self.past.history, covered, until)
        return shift

    def adds_nothing_to(self, before: Shift) -> bool:
        """Have the looks since ``before``, of a few minutes, found no error?

        Then they need not be remembered: the next look makes the same units, from the same minutes.
        """
        if before.until is None or self.until is None or self.until - before.until >= _REMEMBERED_AFTER:
            return False
        found = self.seen.canary_errors + self.seen.stable_errors
        known = before.seen.canary_errors + before.seen.stable_errors
        same = replace(self, evidence=before.evidence, until=before.until, seen=before.seen) == before
        return found == known and same

    def passing_over(self, minutes: Sequence[CountedMinute], now: datetime) -> Shift:
        """Returns the shift with these minutes seen but not judged, because somebody else chose the alias's routing."""
        until = max(_covered(minutes, now), default=None)
        if until is None or (self.until is not None and until <= self.until):
            return self
        return replace(self, until=until, seen=added([minute for minute in minutes if minute.began < until]))

    def without_end(self) -> Shift:
        """Returns the shift with its end left unjudged, because a person went on in spite of the evidence."""
        return replace(self, evidence=Evidence(), whole=1.0)

    def after_end(self, minutes: Sequence[CountedMinute], ended: datetime) -> Shift:
        """Returns the shift judged to its end, from all minutes before ``ended``, which are complete by now."""
        if self.past is None or self.whole is not None:
            return self
        inside = [minute for minute in minutes if minute.began + MINUTE <= ended and minute.has_errors]
        rest = self._with_unit(self.past.history, inside, ended) if inside and self.steps else self
        whole = [minute for minute in inside if minute.is_whole]
        return replace(rest, whole=whole_odds([*_strata(self.steps, whole, ended)], self.past.history.power))

    def complete_at(self, ended: datetime) -> datetime | None:
        """Returns when all counts of a shift ended at ``ended`` are complete; None while the run times are unknown."""
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
        """Returns the largest weight in these minutes, or the canary's measured share of requests if larger."""
        begun = [step for step in self.steps if step.began < until] or [self.steps[0]]
        in_step = added([minute for minute in covered if minute.began >= begun[-1].began])
        requests = _requests(in_step)
        share = in_step.canary_invocations / requests if requests >= _ENOUGH_FOR_A_SHARE else 0.0
        return min(max(share, begun[-1].weight / _ALL), _MAX_WEIGHT)

    def _is_new(self, step: StepBegun, until: datetime) -> bool:
        return step.began < until and (self.until is None or step.began >= self.until)


def added(minutes: Sequence[CountedMinute]) -> Minute:
    """Returns the sum of the minutes' counts."""
    counts = [minute.counts for minute in minutes]
    return Minute(
        sum(each.canary_invocations for each in counts),
        sum(each.canary_errors for each in counts),
        sum(each.stable_invocations for each in counts),
        sum(each.stable_errors for each in counts),
    )


def complete(minutes: Sequence[Began], settles_in: timedelta, now: datetime) -> Sequence[Began]:
    """Returns the minutes that can no longer change, if a minute settles in ``settles_in`` after its end."""
    return _ended(minutes, settles_in, now)


def is_complete(later: Sequence[Began], settles_in: timedelta, ended: datetime, now: datetime) -> bool:
    """Are all minutes before ``ended`` final? ``later`` are the minutes with points after ``ended``."""
    return now - ended >= settles_in or (len(later) - 1) * MINUTE >= settles_in


def has_ended(began: datetime, later: int, ago: timedelta, now: datetime) -> bool:
    """Did the minute end at least ``ago`` before now, by the clock or by the number of ``later`` minutes that have
    points?
    """
    # On AWS the number of later minutes never runs ahead of the clock. The embedded AWS has shorter minutes, and there
    # the number decides.
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


def _covered(minutes: Sequence[CountedMinute], now: datetime) -> list[datetime]:
    """Returns the ends of the minutes to look at, in order."""
    ended = _ended(minutes, LATE, now)
    return [minute.began + MINUTE for minute in ended if minute.counts.stable_invocations and minute.has_errors]


def _requests(counts: Minute) -> int:
    return counts.canary_invocations + counts.stable_invocations


def _strata(steps: Sequence[StepBegun], minutes: Sequence[CountedMinute], ended: datetime) -> Iterator[Minute]:
    """Yields each step's counts, without the minutes of two weights, in which a step began."""
    for number, step in enumerate(steps):
        ends = steps[number + 1].began if number + 1 < len(steps) else ended
        yield added([minute for minute in minutes if step.began <= minute.began and minute.began + MINUTE <= ends])
