"""Why requests of an alias fail: each cause says which errors begin in a minute, and on which version.

A cause is asked for a day first, in which one version serves alone, and then for one minute after the other of a
deployment. All errors of one burst, of one sick environment, or of one event that is tried again are on the same
version: that is what makes errors depend on each other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bench.judging.dice import burst, in_bursts, independent


class Errors(NamedTuple):
    """How many requests that begin in a minute fail, all of the canary or all of the stable version."""

    minute: int
    on_canary: bool
    failed: int


class Served(NamedTuple):
    """A minute of a deployment: what both versions got, and the canary's share of the requests as the alias says it.

    ``begins_step`` is True where the canary got its first requests of a step in it.
    """

    number: int
    canary: int
    stable: int
    share: float
    begins_step: bool = False

    @property
    def requests(self) -> int:
        """The requests of both versions."""
        return self.canary + self.stable


class Cause(Protocol):
    """Why requests fail. Where nothing else is said, both versions fail alike."""

    def day(self, dice: random.Random, requests: int, minutes: int, /) -> Iterator[Errors]:
        """Yields the errors of one version that serves alone; those after the ``minutes`` are of the deployment."""

    def errors(self, dice: random.Random, minute: Served, /) -> Iterator[Errors]:
        """Yields the errors that this minute of the deployment gives rise to, also in the minutes after it."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """A share ``rate`` of the requests fails, one by one (``size`` 1) or in bursts of that mean size in one minute.

    The canary's rate is ``times`` as high, and ``more``.
    """

    rate: float
    size: float = 1.0
    times: float = 1.0
    more: float = 0.0

    def day(self, dice: random.Random, requests: int, minutes: int) -> Iterator[Errors]:
        throw = independent(requests, self.rate) if self.size == 1 else in_bursts(requests * self.rate, self.size)
        for number in range(minutes):
            count = throw(dice)
            if count:
                yield Errors(number, on_canary=False, failed=count)

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        rate, share = min(1.0, self.rate * self.times + self.more), minute.share
        if self.size == 1:
            yield Errors(minute.number, on_canary=True, failed=independent(minute.canary, rate)(dice))
            yield Errors(minute.number, on_canary=False, failed=independent(minute.stable, self.rate)(dice))
            return
        canary, stable = minute.requests * share * rate, minute.requests * (1 - share) * self.rate
        yield Errors(minute.number, on_canary=True, failed=in_bursts(canary, self.size)(dice))
        yield Errors(minute.number, on_canary=False, failed=in_bursts(stable, self.size)(dice))


@dataclass(frozen=True, slots=True)
class LongBursts:
    """A share ``rate`` of the requests fails, in bursts of a mean ``size`` that are spread over some ``minutes``."""

    rate: float
    size: float
    minutes: float

    def day(self, dice: random.Random, requests: int, minutes: int) -> Iterator[Errors]:
        begin = in_bursts(requests * self.rate / self.size, 1.0)
        for number in range(minutes):
            for _ in range(begin(dice)):
                yield from self._burst(dice, number, on_canary=False)

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        for _ in range(in_bursts(minute.requests * self.rate / self.size, 1.0)(dice)):
            yield from self._burst(dice, minute.number, on_canary=dice.random() < minute.share)

    def _burst(self, dice: random.Random, number: int, *, on_canary: bool) -> Iterator[Errors]:
        begins = number + dice.random()
        for _ in range(burst(dice, self.size)):
            yield Errors(int(begins + self.minutes * dice.random()), on_canary=on_canary, failed=1)


@dataclass(frozen=True, slots=True)
class SickEnvironments:
    """Environments of either version that fall sick, ``an_hour`` of them, and have ``errors`` a minute until they end.

    Until then all of their errors are on the version that they run.
    """

    an_hour: float
    minutes: int
    errors_a_minute: float = 10.0

    def day(self, dice: random.Random, requests: int, minutes: int) -> Iterator[Errors]:  # noqa: ARG002
        for number in range(minutes):
            yield from self._begun(dice, number, on_canary=False)

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        yield from self._begun(dice, minute.number, on_canary=dice.random() < minute.share)

    def _begun(self, dice: random.Random, number: int, *, on_canary: bool) -> Iterator[Errors]:
        if dice.random() < self.an_hour / 60:
            count = in_bursts(self.errors_a_minute, 1.0)
            for later in range(self.minutes):
                yield Errors(number + later, on_canary=on_canary, failed=count(dice))


@dataclass(frozen=True, slots=True)
class Retries:
    """Events that fail whenever they are tried: at once, a minute later and two minutes after that, on one version.

    ``rate`` is the share of requests that fail by that. Source: Lambda developer guide, asynchronous invocation, two
    retries, one minute before the first and two before the second, 2026-11.
    """

    rate: float

    def day(self, dice: random.Random, requests: int, minutes: int) -> Iterator[Errors]:
        count = in_bursts(requests * self.rate / 3, 1.0)
        for number in range(minutes):
            yield from self._tried(number, count(dice), on_canary=False)

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        expected = minute.requests * self.rate / 3
        yield from self._tried(minute.number, in_bursts(expected * minute.share, 1.0)(dice), on_canary=True)
        yield from self._tried(minute.number, in_bursts(expected * (1 - minute.share), 1.0)(dice), on_canary=False)

    @staticmethod
    def _tried(number: int, count: int, *, on_canary: bool) -> Iterator[Errors]:
        return (Errors(number + later, on_canary=on_canary, failed=count) for later in (0, 1, 3) if count)


@dataclass(frozen=True, slots=True)
class ColdStarts:
    """Environments of the canary that fail while they start: in the first minute of each step, ``errors`` expected."""

    expected: float

    def day(self, *_: object) -> Iterator[Errors]:
        return iter(())

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        if minute.begins_step:
            yield Errors(minute.number, on_canary=True, failed=in_bursts(self.expected, 1.0)(dice))


@dataclass(frozen=True, slots=True)
class Outage:
    """A share ``rate`` of all requests fails from minute ``begins`` of the deployment to ``ends``, on both versions."""

    rate: float
    begins: int
    ends: int

    def day(self, *_: object) -> Iterator[Errors]:
        return iter(())

    def errors(self, dice: random.Random, minute: Served) -> Iterator[Errors]:
        if self.begins <= minute.number < self.ends:
            yield Errors(minute.number, on_canary=True, failed=independent(minute.canary, self.rate)(dice))
            yield Errors(minute.number, on_canary=False, failed=independent(minute.stable, self.rate)(dice))
