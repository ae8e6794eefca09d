"""An alias under a deployment: who gets each request, which ones fail, and what CloudWatch shows of that at a look.

A look comes once a minute. CloudWatch stamps a request with the minute in which it began and counts it when it has
ended and ``COUNTED_AFTER`` has passed. So a minute is there at the second look after it, and grows for as long as a
request of it may run.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.judging.binomial import binomial
from bench.judging.causes import Cause, Errors, Served
from controller.core.statistics.sequential_evidence import CountedMinute, Minute

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNTED_AFTER = 60
"""Seconds from the end of a request to its point in CloudWatch."""
SHOWN_AFTER = 2
"""Looks from the one in a minute to the first that sees it whole."""
DAY = 1440


@dataclass(frozen=True, slots=True)
class Late:
    """Shares of a version's requests that end at its Timeout only: of those that fail, and of those that do not."""

    errors: float = 0.0
    successes: float = 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """What an alias serves, and how its requests fail.

    ``share_times`` is how many times its weight's share the canary really gets. ``day`` is how many minutes of
    history there are.
    """

    requests: int
    causes: tuple[Cause, ...]
    timeout: int = 3
    canary: Late = Late()
    stable: Late = Late()
    share_times: float = 1.0
    day: int = DAY

    @property
    def longest(self) -> timedelta:
        """How long a request may run."""
        return timedelta(seconds=self.timeout)


_Counts = list[int]
_CANARY, _CANARY_ERRORS, _STABLE, _STABLE_ERRORS = range(4)


@dataclass(slots=True)
class Alias:
    """One alias, minute by minute. ``second`` is when in each minute a look comes.

    ``day`` are the requests and errors of the minutes before, in order. ``minutes`` is what CloudWatch shows of the
    deployment's, ``happened`` what callers met.
    """

    dice: random.Random
    service: Service
    second: int
    day: list[tuple[int, int]] = field(default_factory=list)
    shown: list[CountedMinute] = field(default_factory=list)
    happened: list[Minute] = field(default_factory=list)
    _counts: list[_Counts] = field(default_factory=list)
    _errors: defaultdict[int, list[Errors]] = field(default_factory=lambda: defaultdict(list))
    _arriving: defaultdict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        service, minutes = self.service, self.service.day
        errors = [0] * minutes
        for cause in service.causes:
            # Nobody sees a day that is not there, but what began in it may last.
            for each in cause.day(self.dice, service.requests, minutes):
                if each.minute < minutes:
                    errors[each.minute] += each.failed
                else:
                    self._errors[each.minute - minutes].append(each._replace(minute=each.minute - minutes))
        self.day = [(service.requests, min(each, service.requests)) for each in errors]

    def serve(self, number: int, share: float, *, begins_step: bool = False) -> None:
        """Lets a minute pass in which the canary has this ``share`` of the requests."""
        dice, service = self.dice, self.service
        canary = binomial(dice, service.requests, min(1.0, share * service.share_times if share < 1 else 1.0))
        served = Served(number, canary, service.requests - canary, share, begins_step)
        for cause in service.causes:
            for each in cause.errors(dice, served):
                self._errors[each.minute].append(each)
        failed = self._errors.pop(number, ())
        canary_errors = min(served.canary, sum(each.failed for each in failed if each.on_canary))
        stable_errors = min(served.stable, sum(each.failed for each in failed if not each.on_canary))
        self.happened.append(Minute(served.canary, canary_errors, served.stable, stable_errors))
        self._counts.append([0, 0, 0, 0])
        self._count(number, _CANARY, served.canary, canary_errors, service.canary)
        self._count(number, _STABLE, served.stable, stable_errors, service.stable)

    def look(self, number: int) -> None:
        """Lets CloudWatch show what it has counted by the look in this minute."""
        changed = set()
        for minute, column, count in self._arriving.pop(number, ()):
            self._counts[minute][column] += count
            changed.add(minute)
        for minute in sorted(changed):
            counted = CountedMinute(START + minute * MINUTE, Minute(*self._counts[minute]))
            if minute < len(self.shown):
                self.shown[minute] = counted
            else:
                self.shown.append(counted)

    def _count(self, number: int, column: int, requests: int, errors: int, late: Late) -> None:
        late_errors = binomial(self.dice, errors, late.errors)
        late_requests = late_errors + binomial(self.dice, requests - errors, late.successes)
        first = number + SHOWN_AFTER
        self._arriving[first].append((number, column, requests - late_requests))
        self._arriving[first].append((number, column + 1, errors - late_errors))
        if late_requests:
            self._count_late(number, column, late_requests, late_errors)

    def _count_late(self, number: int, column: int, requests: int, errors: int) -> None:
        """Requests begin at any moment of their minute, so those that last alike are there at one of two looks."""
        lasts = (self.service.timeout + COUNTED_AFTER - self.second) / 60
        first = math.ceil(lasts)
        early_errors = binomial(self.dice, errors, first - lasts)
        early = early_errors + binomial(self.dice, requests - errors, first - lasts)
        for look, count, failed in (
            (number + first, early, early_errors),
            (number + first + 1, requests - early, errors - early_errors),
        ):
            self._arriving[max(look, number + SHOWN_AFTER)].append((number, column, count))
            self._arriving[max(look, number + SHOWN_AFTER)].append((number, column + 1, failed))
