"""The design's numbers for the error gate hold through the whole controller, not only for the formula.

Each deployment is played tick by tick with 1,000 requests a minute, of which 10 % reach the canary, and 0.1 % of those
of the stable version fail. Every request is thrown, with a seed for each deployment, so every run throws the same.

What is counted. *Judged* are the minutes, and the errors of both versions in them, from the one in which the canary
turned bad to the last one that the gate had seen when it rolled back: that is what the design's numbers are about.
*Served* are the minutes until the alias was back, and all errors that callers had in them. CloudWatch counts a minute
one minute late, so that is one minute more, with its errors. A median of so few may be off by a fifth; ``make bench``
has the shares of many.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import pytest

from bench.judging.binomial import binomial
from controller.core.model import Cause, Phase, Routing
from controller.core.statistics.sequential_evidence import Minute
from tests.cloud.scene import Scene

REQUESTS, WEIGHT, ERROR_RATE = 1_000, 0.1, 0.001
"""Of a minute; how many reach the canary, and how many of the stable version's fail."""
TIMES_WORSE = 10
STRATEGY = {"steps": [{"weight": 10, "hold": "5h"}], "bake": "30m"}
GATES = {"errors": {"significance": 0.01}, "min_invocations": 10}
LATE = 1
"""Minutes from the end of a minute until CloudWatch has counted it."""
ERRORS_OF_A_LATE_MINUTE = 2
"""0.9 of the stable version and 1 of the canary, expected."""
A_FIFTH_MORE = 1.2
DEPLOYMENTS = 7
AN_HOUR = 60
NEVER = 1_000_000


@dataclass
class Traffic:
    """Throws each minute once; from ``bad_from`` on the canary is worse."""

    seed: str
    bad_from: int = NEVER
    thrown: list[Minute] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def reaches(self, story: Scene) -> None:
        """From now on each minute of the story has this traffic, by the versions that the alias carries."""
        story.cloud.clock.in_each_minute = lambda: self._serve(story)

    def since_bad(self, until: int) -> Sequence[Minute]:
        """Returns the minutes from where the canary turned bad to the ``until``-th."""
        return self.thrown[self.bad_from : until]

    def _serve(self, story: Scene) -> None:
        self.thrown.append(self._minute(ERROR_RATE * (TIMES_WORSE if len(self.thrown) >= self.bad_from else 1)))
        minute = self.thrown[-1]
        canary, stable = (
            (minute.canary_invocations, minute.canary_errors),
            (minute.stable_invocations, minute.stable_errors),
        )
        for version, counts in (("1", stable), ("2", canary)):
            story.cloud.metrics.total("checkout", "live", version, counts)

    def _minute(self, canary_rate: float) -> Minute:
        canary = binomial(self._dice, REQUESTS, WEIGHT)
        stable = REQUESTS - canary
        return Minute(
            canary, binomial(self._dice, canary, canary_rate), stable, binomial(self._dice, stable, ERROR_RATE)
        )


@dataclass(frozen=True)
class Caught:
    """What it took to catch a bad canary, from where it turned bad; see the top of the file."""

    judged_minutes: int
    judged_errors: int
    served_minutes: int
    served_errors: int


def shifting() -> Scene:
    """Returns a story in which version 2 has its 10 %."""
    return Scene().given_traffic(0).given_day(1_000, 1).given_shifting(strategy=STRATEGY, gates=GATES)


def served(story: Scene, traffic: Traffic, at_most: int) -> bool:
    """Has the deployment been rolled back, after so many minutes of that traffic at most?"""
    traffic.reaches(story)
    return any(story.ticks().routing == Routing("1") for _ in range(at_most))


def caught(story: Scene, traffic: Traffic) -> Caught:
    """Serves until the canary, which is or turns bad, is rolled back."""
    assert served(story, traffic, at_most=2 * AN_HOUR)
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.ERRORS)
    judged, minute = story.deployment().evidence.shift.evidence.units, len(traffic.thrown)
    return Caught(
        judged_minutes=judged - traffic.bad_from,
        judged_errors=errors(traffic.since_bad(judged)),
        served_minutes=minute - traffic.bad_from,
        served_errors=errors(traffic.since_bad(minute)),
    )


def errors(of: Sequence[Minute]) -> int:
    return sum(each.canary_errors + each.stable_errors for each in of)


def assert_caught_within(found: Sequence[Caught], minutes_of_design: int, errors_of_design: int) -> None:
    most_minutes, most_errors = minutes_of_design * A_FIFTH_MORE, errors_of_design * A_FIFTH_MORE
    assert median(each.judged_minutes for each in found) <= most_minutes
    assert median(each.judged_errors for each in found) <= most_errors
    assert median(each.served_minutes for each in found) <= most_minutes + LATE
    assert median(each.served_errors for each in found) <= most_errors + ERRORS_OF_A_LATE_MINUTE


@pytest.fixture(scope="module")
def good_hours() -> list[tuple[Scene, list[Minute]]]:
    """Deployments of equal versions after an hour, with the minutes they had; whoever goes on with one takes a copy."""
    hours = []
    for seed in range(DEPLOYMENTS):
        story, traffic = shifting(), Traffic(f"good {seed}")
        served(story, traffic, AN_HOUR)
        hours.append((story, traffic.thrown))
    return hours


def test_equal_versions_are_left_alone_for_two_hours(
    good_hours: list[tuple[Scene, list[Minute]]],
) -> None:
    rolled_back = 0
    for seed, (story, thrown) in enumerate(good_hours[:3]):
        traffic = Traffic(f"still good {seed}", NEVER, list(thrown))
        rolled_back += story.phase() is not Phase.SHIFTING or served(story.copy(), traffic, AN_HOUR)
    assert rolled_back == 0


def test_a_canary_ten_times_worse_from_the_start_is_caught_in_seven_minutes_and_thirteen_errors() -> None:
    found = [caught(shifting(), Traffic(f"bad {seed}", bad_from=0)) for seed in range(DEPLOYMENTS)]
    assert_caught_within(found, minutes_of_design=7, errors_of_design=13)


def test_one_that_turns_ten_times_worse_after_a_good_hour_is_caught_in_twelve_minutes_and_twenty_three_errors(
    good_hours: list[tuple[Scene, list[Minute]]],
) -> None:
    still_there = [(story, thrown) for story, thrown in good_hours if story.phase() is Phase.SHIFTING]
    found = [
        caught(story.copy(), Traffic(f"turns bad {seed}", AN_HOUR, list(thrown)))
        for seed, (story, thrown) in enumerate(still_there)
    ]
    assert_caught_within(found, minutes_of_design=12, errors_of_design=23)
