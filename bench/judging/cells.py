"""What is simulated: good releases that must stay, those that nobody promises to keep, and bad ones.

A cell is one kind of service, deployed in one way. Its name is what the tables say, and the seed of its dice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bench.judging.causes import Bursts, ColdStarts, LongBursts, Outage, Retries, SickEnvironments
from bench.judging.service import Late, Service
from controller.core.manifest.building import build
from controller.core.manifest.settings import Manifest


class Way(Enum):
    """How a release is deployed: weights in percent, and how long each is held. Most bakes last for 10 minutes."""

    DEFAULT = "default strategy"
    ONE = "1 % for 20 minutes"
    FIVE = "5 % for 20 minutes"
    TEN = "10 % for 20 minutes"
    HALF = "50 % for 20 minutes"
    STEPS = "5, 25, 50 %"
    LONG = "1, 10 % for 30 minutes, 50 % for an hour"
    BAKED = "10 % for 10 minutes, bake of an hour"


_HELD: dict[Way, tuple[tuple[int, str], ...]] = {
    Way.ONE: ((1, "20m"),),
    Way.FIVE: ((5, "20m"),),
    Way.TEN: ((10, "20m"),),
    Way.HALF: ((50, "20m"),),
    Way.STEPS: ((5, "5m"), (25, "5m"), (50, "5m")),
    Way.LONG: ((1, "30m"), (10, "30m"), (50, "1h")),
    Way.BAKED: ((10, "10m"),),
}
_FOR_EVER = "20h"


def manifest(way: Way) -> Manifest:
    """Returns what a team would write for that way."""
    if way is Way.DEFAULT:
        return build({})
    steps = [{"weight": weight, "hold": hold} for weight, hold in _HELD[way]]
    return build({"strategy": {"steps": steps, "bake": "1h" if way is Way.BAKED else "10m"}})


def held(weight: int) -> Manifest:
    """Returns the manifest of one step that does not end: until a bad release is back."""
    return build({"strategy": {"steps": [{"weight": weight, "hold": _FOR_EVER}]}})


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a table."""

    name: str
    service: Service
    way: Way = Way.DEFAULT
    runs: int = 500

    def __str__(self) -> str:
        return f"{self.name}, {self.way.value}"


TIMEOUTS = (3, 30, 120, 300, 900)
"""Seconds."""


def promised() -> tuple[Cell, ...]:
    """Returns the good releases of which at most one in a hundred may be rolled back."""
    return (*_independent(), *_in_bursts(), *_of_one_version(), *_little_known(), *_of_both(), *_late())


def _per(requests: int, percent: float, size: float = 1.0) -> Service:
    return Service(requests, (Bursts(percent / 100, size),))


def _independent() -> Iterator[Cell]:
    one_by_one = "0.1 %, one by one"
    yield Cell(one_by_one, _per(1_000, 0.1))
    yield Cell(one_by_one, _per(1_000, 0.1), Way.HALF)
    yield Cell(one_by_one, _per(1_000, 0.1), Way.STEPS)
    yield Cell("1 %, one by one", _per(1_000, 1))
    yield Cell("1 %, one by one", _per(1_000, 1), Way.LONG, 100)
    yield Cell("1 % of 10,000, one by one", _per(10_000, 1), Way.ONE)
    yield Cell("5 % of 100, one by one", _per(100, 5))
    yield Cell("10 % of 100, one by one", _per(100, 10))
    yield Cell("10 % of 10, one by one", _per(10, 10))


def _in_bursts() -> Iterator[Cell]:
    yield Cell("1 %, bursts of 1.25", _per(1_000, 1, 1.25))
    yield Cell("1 %, bursts of 1.25", _per(1_000, 1, 1.25), Way.TEN)
    yield Cell("1 % of 10,000, bursts of 1.25", _per(10_000, 1, 1.25), Way.ONE)
    yield Cell("1 %, bursts of 1.25", _per(1_000, 1, 1.25), Way.HALF)
    yield Cell("0.1 %, bursts of 3", _per(1_000, 0.1, 3))
    yield Cell("0.1 %, bursts of 3", _per(1_000, 0.1, 3), Way.TEN)
    yield Cell("0.1 %, bursts of 3", _per(1_000, 0.1, 3), Way.LONG, 100)
    yield Cell("1 %, bursts of 3", _per(1_000, 1, 3))
    yield Cell("1 %, bursts of 3", _per(1_000, 1, 3), Way.FIVE)
    yield Cell("1 %, bursts of 3", _per(1_000, 1, 3), Way.HALF)
    yield Cell("1 % of 10,000, bursts of 5", _per(10_000, 1, 5), Way.ONE)
    yield Cell("0.1 %, bursts of 10", _per(1_000, 0.1, 10))
    yield Cell("0.1 %, bursts of 10", _per(1_000, 0.1, 10), Way.HALF)
    yield Cell("1 %, bursts of 10", _per(1_000, 1, 10))
    yield Cell("1 %, bursts of 10", _per(1_000, 1, 10), Way.TEN)
    yield Cell("1 %, bursts of 10", _per(1_000, 1, 10), Way.STEPS)
    yield Cell("0.1 %, bursts of 10 over two minutes", Service(1_000, (LongBursts(0.001, 10, 2),)))
    yield Cell("1 %, bursts of 10 over two minutes", Service(1_000, (LongBursts(0.01, 10, 2),)))


def _of_one_version() -> Iterator[Cell]:
    """Errors that stay on the version on which they began."""
    for an_hour in (1, 5):
        service = Service(1_000, (Bursts(0.001), SickEnvironments(an_hour, minutes=10)))
        for way in (Way.DEFAULT, Way.HALF):
            yield Cell(f"sick environments for 10 minutes, {an_hour} an hour", service, way)
    yield Cell("0.3 %, events tried three times on one version", Service(1_000, (Retries(0.003),)))


def _little_known() -> Iterator[Cell]:
    yield Cell("0.001 %, one by one", _per(1_000, 0.001))
    yield Cell("0.01 %, bursts of 10", _per(1_000, 0.01, 10))
    yield Cell("0.1 %, one by one, no day before", Service(1_000, (Bursts(0.001),), day=0))
    yield Cell("1 %, bursts of 3, an hour before", Service(1_000, (Bursts(0.01, 3),), day=60))


def _of_both() -> Iterator[Cell]:
    outage = (Bursts(0.001), Outage(0.5, begins=2, ends=5))
    yield Cell("half of all requests fail for 3 minutes", Service(1_000, outage))
    yield Cell("half of all requests fail for 3 minutes, of 100", Service(100, outage))
    yield Cell("half of all requests fail from the shift on", Service(1_000, (Bursts(0.001), Outage(0.5, 2, 1_000))))
    yield Cell("1 % of 10,000, share 12 % at a weight of 10 %", Service(10_000, (Bursts(0.01),), share_times=1.2))


def _late() -> Iterator[Cell]:
    """Requests that end at their Timeout: of both versions alike, of the canary alone, successes or errors."""
    errors = (Bursts(0.01),)
    slow = Service(1_000, errors, 900, Late(0.5), Late(0.5))
    yield Cell("1 %, Timeout 900 s, half of the errors late", slow, Way.BAKED, runs=100)
    for timeout in TIMEOUTS:
        yield Cell(
            f"1 %, Timeout {timeout} s, half of the errors late",
            Service(1_000, errors, timeout, Late(0.5), Late(0.5)),
            runs=200,
        )
        yield Cell(
            f"1 %, Timeout {timeout} s, the canary slower, errors quick",
            Service(1_000, errors, timeout, Late(0, 0.6)),
            runs=200,
        )
        yield Cell(
            f"1 %, Timeout {timeout} s, the canary slower, errors too",
            Service(1_000, errors, timeout, Late(0.8, 0.8)),
            runs=200,
        )


def unpromised() -> tuple[Cell, ...]:
    """Returns good releases that may be rolled back oftener: what is known to be so is shown."""
    sick = "sick environments"
    return (
        Cell("1 %, bursts of 10 over five minutes", Service(1_000, (LongBursts(0.01, 10, 5),)), runs=200),
        Cell("5 % of 100, bursts of 10", _per(100, 5, 10), runs=200),
        Cell("1 %, bursts of 10, no day before", Service(1_000, (Bursts(0.01, 10),), day=0), runs=200),
        Cell(f"{sick} for 10 minutes, one a day", _sick(1 / 24, 10), Way.HALF, 200),
        Cell(f"{sick} for 10 minutes, one in five hours", _sick(0.2, 10), Way.HALF, 200),
        Cell(f"{sick} for 30 minutes, one an hour", _sick(1, 30), Way.TEN, 200),
        Cell("cold starts of the canary fail, else none", Service(1_000, (ColdStarts(2),)), runs=200),
        Cell("cold starts of the canary fail, 0.1 %", Service(1_000, (Bursts(0.001), ColdStarts(2))), runs=200),
        Cell(
            "as many fail, half of the stable version's late",
            Service(1_000, (Bursts(0.01),), 900, stable=Late(0.5)),
            Way.HALF,
            200,
        ),
        Cell("half of all requests fail in the bake", Service(1_000, (Bursts(0.001), Outage(0.5, 10, 13))), runs=200),
    )


def _sick(an_hour: float, minutes: int) -> Service:
    return Service(1_000, (Bursts(0.001), SickEnvironments(an_hour, minutes)))


LATE_SHARES = (2, 10, 30)
"""Percent of the canary's requests that fail, all of them at their Timeout."""


def failing_late() -> tuple[Cell, ...]:
    """Returns bad releases whose failures all end at the Timeout."""
    return tuple(
        Cell(
            f"{percent} % fail late, Timeout {timeout} s",
            Service(1_000, (Bursts(0.001, more=percent / 100),), timeout, Late(1.0)),
            runs=100,
        )
        for timeout in TIMEOUTS
        for percent in LATE_SHARES
    )


@dataclass(frozen=True, slots=True)
class Worse:
    """A bad release at one weight until it is back, and the most minutes and errors that the median may need."""

    name: str
    weight: int
    service: Service
    minutes: float
    errors: float
    runs: int = 100

    def __str__(self) -> str:
        return f"{self.name}, at {self.weight} %,"


def worse() -> tuple[Worse, ...]:
    """Returns the bad releases whose errors come one by one."""
    return (
        Worse("10 times 0.1 %", 10, _times(1_000, 0.1, 10), 7, 13),
        Worse("3 times 0.1 %", 10, _times(1_000, 0.1, 3), 48, 56),
        Worse("3 times 1 %", 10, _times(1_000, 1, 3), 7, 79),
        Worse("10 times 1 %", 10, _times(1_000, 1, 10), 3, 57),
        Worse("3 times 1 %", 5, _times(1_000, 1, 3), 11, 119),
        Worse("3 times 0.1 % of 10,000", 1, _times(10_000, 0.1, 3), 43, 442),
        Worse("3 times 0.1 %", 50, _times(1_000, 0.1, 3), 20, 41),
        Worse("10 times 0.1 %", 50, _times(1_000, 0.1, 10), 4, 23),
        Worse("2 % of the canary's, else none", 10, _only(2), 4, 7),
        Worse("2 % of the canary's, else none", 50, _only(2), 3, 31),
        Worse("0.5 % of the canary's, else none", 50, _only(0.5), 5, 13),
    )


def _times(requests: int, percent: float, times: float) -> Service:
    return Service(requests, (Bursts(percent / 100, times=times),))


def _only(percent: float) -> Service:
    return Service(1_000, (Bursts(0, more=percent / 100),))


TEN_TIMES = Cell("10 times 0.1 %", _times(1_000, 0.1, 10), runs=500)
"""The release that must be back before all traffic has moved."""
