"""A request over a threshold is judged as an error is: what counts, what is left out, and that the promise holds."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from statistics import NormalDist

import pytest

from bench.judging.bars import most_by_chance
from bench.judging.binomial import binomial
from controller.core.statistics.history import ASSUMED_SPREAD, MIN_MINUTES, spread_of_shares
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.slow_requests import ENOUGH, Measure, SlowRequests, timeouts
from tests.builders import NOW, after, slow_requests

GOOD = Minute(100, 1, 900, 9)
SIGNIFICANCE = 0.01
SIGMA = 0.5
"""The spread of the log-normal times below: p99 is about three times p50."""


def minutes(*counts: Minute, first: float = 0) -> list[CountedMinute]:
    return [CountedMinute(after(minutes=first + place), each) for place, each in enumerate(counts)]


# -- what counts ------------------------------------------------------------------------------------------------------


def test_a_percentile_needs_ten_requests_beyond_it() -> None:
    assert {Measure.P50: round(10 / (1 - 0.5)), Measure.P99: round(10 / (1 - 0.99))} == ENOUGH


def test_only_minutes_that_began_when_the_threshold_was_set_count() -> None:
    """A threshold that was chosen by what it then judges proves nothing."""
    found = slow_requests(since=after(seconds=30)).after(minutes(GOOD, GOOD, first=0), skip=0)
    assert (found.judgement.evidence.minutes, found.judgement.until) == (1, after(minutes=1))


def test_a_minute_counts_once_however_often_it_is_read() -> None:
    once = slow_requests().after(minutes(GOOD, GOOD), skip=0)
    assert once.after(minutes(GOOD, GOOD), skip=0) == once


def test_minutes_are_wanted_from_the_last_one_on() -> None:
    fresh = slow_requests()
    assert fresh.next_after == NOW
    assert fresh.after(minutes(GOOD, GOOD), skip=0).next_after == after(minutes=1)


def test_a_threshold_needs_a_step_that_was_seen_live() -> None:
    with pytest.raises(ValueError, match="seen live"):
        slow_requests(steps=())


def test_each_version_has_its_own_timeout_and_what_is_stopped_there_is_over_it() -> None:
    found = timeouts(timedelta(seconds=3), timedelta(seconds=10))
    assert (found.canary_over, found.stable_over) == (timedelta(milliseconds=2999), timedelta(milliseconds=9999))
    assert found.longest == timedelta(milliseconds=9999)


# -- cold starts ------------------------------------------------------------------------------------------------------


def test_the_canarys_first_requests_in_a_step_are_left_out() -> None:
    cold = Minute(100, 90, 900, 9)
    found = slow_requests().after(minutes(cold, cold, GOOD), skip=200)
    assert found.skipped == 200
    assert (found.judgement.evidence.minutes, found.judgement.canary_errors) == (1, 1)


def test_minutes_that_were_left_out_are_not_asked_for_again() -> None:
    assert slow_requests().after(minutes(GOOD), skip=1000).next_after == NOW
    assert not slow_requests().after(minutes(GOOD), skip=1000).wants(NOW)


def test_a_minute_is_left_out_whole_or_counts_whole() -> None:
    """Which of its requests were the first is not known."""
    found = slow_requests().after(minutes(GOOD, GOOD), skip=1)
    assert (found.skipped, found.judgement.canary_invocations) == (100, 100)


def test_a_minute_without_the_canary_brings_nothing_nearer() -> None:
    assert slow_requests().after(minutes(Minute(0, 0, 900, 9)), skip=100).skipped == 0


def test_each_step_begins_with_cold_starts_again() -> None:
    found = slow_requests().after(minutes(GOOD, GOOD), skip=100).in_step(after(minutes=2, seconds=20))
    found = found.after(minutes(GOOD, GOOD, GOOD, first=2), skip=100)
    # 10:00 and 10:03 were left out; in that of 10:02 the step was seen live, and it counts for neither.
    assert [found.judgement.evidence.minutes, found.skipped] == [2, 100]


def test_minutes_of_the_step_before_are_judged_though_the_next_one_is_live() -> None:
    """CloudWatch is minutes late, and a hold may be as short as that."""
    found = slow_requests().after(minutes(GOOD), skip=100).in_step(after(minutes=3, seconds=20))
    found = found.after(minutes(GOOD, GOOD, first=1), skip=100)
    assert (found.judgement.evidence.minutes, found.skipped) == (2, 100)


def test_a_step_whose_minutes_were_all_passed_over_is_forgotten() -> None:
    found = slow_requests().in_step(after(minutes=1)).in_step(after(minutes=2)).in_step(after(minutes=2))
    assert found.steps == (NOW, after(minutes=1), after(minutes=2))
    assert found.after(minutes(GOOD, first=5), skip=100).steps == (after(minutes=2),)


def test_where_nothing_is_left_out_a_new_step_changes_nothing() -> None:
    found = slow_requests().in_step(after(minutes=1, seconds=20)).after(minutes(*[GOOD] * 5), skip=0)
    assert (found.judgement.evidence.minutes, found.skipped) == (5, 0)


# -- in words ---------------------------------------------------------------------------------------------------------


def test_a_slower_version_is_told_with_the_threshold_the_counts_and_the_evidence() -> None:
    slow = slow_requests(Measure.P99).after(minutes(Minute(450, 20, 4500, 40), Minute(450, 20, 4500, 40)), skip=0)
    assert slow.in_words("3", "2").startswith(
        "version 3 was slower than 240 ms, the p99 of version 2 before, in 40 of 900 (4.44 %) requests,"
        " version 2 in 80 of 9,000 (0.889 %) in the same 2 minutes; the evidence that 3 does so more often is "
    )


def test_timeouts_are_told_without_a_threshold() -> None:
    words = slow_requests(Measure.TIMEOUTS).after(minutes(GOOD), skip=0).in_words("3", "2")
    assert words.startswith(
        "version 3 ran into its timeout in 1 of 100 (1 %) requests, version 2 in 9 of 900 (1 %) in the same minute; the"
    )


@pytest.mark.parametrize(("over", "words"), [(0.5, "0.5 ms"), (1234.567, "1,234.567 ms"), (60_000, "60,000 ms")])
def test_a_threshold_is_told_in_milliseconds(over: float, words: str) -> None:
    assert words in slow_requests(over=over).in_words("3", "2")


# -- the promise ------------------------------------------------------------------------------------------------------


def traffic(dice: random.Random, *, requests: int, slower: float) -> Iterator[tuple[Minute, Minute]]:
    """Yields the minutes of p50 and p99 of log-normal times; the canary has a tenth of the requests, and each takes it
    ``slower`` times as long. The thresholds are what an hour of the stable version showed, off by chance.
    """
    hour = sorted(dice.lognormvariate(0, SIGMA) for _ in range(2_000))
    over = {Measure.P50: hour[1_000], Measure.P99: hour[1_980]}

    def chances(times: float) -> tuple[float, float]:
        p50, p99 = (1 - NormalDist(0, SIGMA).cdf(math.log(over[each] / times)) for each in over)
        return p50, p99 / p50

    def slow(served: int, chance: tuple[float, float]) -> tuple[int, int]:
        over_p50 = binomial(dice, served, chance[0])
        return over_p50, binomial(dice, over_p50, chance[1])

    of_canary, of_stable = chances(slower), chances(1)
    while True:
        canary = binomial(dice, requests, 0.1)
        stable = requests - canary
        ours, theirs = slow(canary, of_canary), slow(stable, of_stable)
        yield Minute(canary, ours[0], stable, theirs[0]), Minute(canary, ours[1], stable, theirs[1])


def minutes_until_slower(dice: random.Random, *, requests: int, slower: float, at_most: int) -> int | None:
    """Returns after how many minutes either measure says that the canary is slower, None where neither does."""
    both: list[SlowRequests] = [slow_requests(Measure.P50), slow_requests(Measure.P99)]
    for number, counts in enumerate(islice(traffic(dice, requests=requests, slower=slower), at_most), 1):
        pairs = zip(both, counts, strict=True)
        both = [each.after([CountedMinute(after(minutes=number), minute)], skip=100) for each, minute in pairs]
        if any(each.judgement.is_worse(SIGNIFICANCE / 2) for each in both):
            return number
    return None


def test_a_version_that_is_as_fast_is_seldom_thought_slower() -> None:
    """Of 300 deployments over two hours 3 may be; a test that forgets that it looks every minute finds dozens."""
    dice = random.Random(3)
    wrong = [minutes_until_slower(dice, requests=60, slower=1, at_most=120) for _ in range(300)]
    assert sum(each is not None for each in wrong) <= 6


def test_a_version_that_is_twice_as_slow_is_caught_within_minutes() -> None:
    dice = random.Random(4)
    caught = [minutes_until_slower(dice, requests=1_000, slower=2, at_most=30) or math.inf for _ in range(30)]
    assert max(caught) <= 4


def test_a_version_that_is_a_few_percent_slower_is_no_proof() -> None:
    """The smallest odds ratio that is looked for is 1.5; here it is 1.1."""
    dice = random.Random(5)
    caught = [minutes_until_slower(dice, requests=150, slower=1.03, at_most=60) for _ in range(50)]
    assert sum(each is not None for each in caught) <= 2


# -- bursts and drifts ------------------------------------------------------------------------------------------------


REQUESTS, DAY = 600, 1_440


def in_bursts(dice: random.Random, minute: int) -> tuple[float, list[int]]:
    """Three in a hundred requests are slow, in bursts of ten that one version has all of: a cold cache, a sick host."""
    del minute
    return 0.0, [10] * binomial(dice, 100, REQUESTS * 0.03 / 10 / 100)


def drifting(dice: random.Random, minute: int) -> tuple[float, list[int]]:
    """A dependency is slow by turns, and both versions with it: from 2 to 18 in a hundred requests, up and down."""
    return 0.1 + 0.08 * math.sin(minute / 20) * dice.random(), []


def by_chance(dice: random.Random, minute: int) -> tuple[float, list[int]]:
    """Half of the requests are slow, as over the median."""
    del dice, minute
    return 0.5, []


KINDS = {"bursts": in_bursts, "drift": drifting, "median": by_chance}


def day_before(dice: random.Random, kind: str) -> list[tuple[int, int]]:
    """Returns requests and slow ones of each minute of the stable version alone."""
    found = []
    for minute in range(DAY):
        chance, bursts = KINDS[kind](dice, minute)
        found.append((REQUESTS, min(REQUESTS, binomial(dice, REQUESTS, chance) + sum(bursts))))
    return found


def thought_slower_after(dice: random.Random, kind: str, spread: float, times: float = 1, at_most: int = 60) -> int:
    """Returns after how many minutes the canary is thought slower that has 10 % of the requests, 0 if it is not; its
    chance of a slow request is ``times`` as high.
    """
    found = slow_requests(Measure.P99, spread=spread)
    for number in range(1, at_most + 1):
        chance, bursts = KINDS[kind](dice, number)
        canary = binomial(dice, REQUESTS, 0.1)
        sides = [dice.random() < 0.1 * times for _ in bursts]
        ours = binomial(dice, canary, min(1.0, chance * times)) + sum(
            size for size, on_canary in zip(bursts, sides, strict=True) if on_canary
        )
        theirs = binomial(dice, REQUESTS - canary, chance) + sum(
            size for size, on_canary in zip(bursts, sides, strict=True) if not on_canary
        )
        counts = Minute(canary, min(canary, ours), REQUESTS - canary, min(REQUESTS - canary, theirs))
        found = found.after([CountedMinute(after(minutes=number), counts)], skip=0)
        if found.judgement.is_worse(SIGNIFICANCE / 2):
            return number
    return 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_that_is_as_fast_stays_however_its_slow_requests_come(kind: str) -> None:
    dice = random.Random(6)
    spread = spread_of_shares(day_before(dice, kind))
    wrong = [thought_slower_after(dice, kind, spread) for _ in range(200)]
    assert sum(map(bool, wrong)) <= most_by_chance(200)


def test_bursts_that_were_taken_for_chance_would_throw_good_versions_away() -> None:
    dice = random.Random(7)
    wrong = [thought_slower_after(dice, "bursts", 1.0) for _ in range(30)]
    assert sum(map(bool, wrong)) >= 15


@pytest.mark.parametrize(("kind", "times", "minutes"), [("drift", 2, 60), ("median", 1.9, 3), ("bursts", 5, 40)])
def test_a_slower_version_is_caught_all_the_same(kind: str, times: float, minutes: int) -> None:
    dice = random.Random(8)
    spread = spread_of_shares(day_before(dice, kind))
    caught = sorted(thought_slower_after(dice, kind, spread, times) or 99 for _ in range(20))
    assert caught[len(caught) // 2] <= minutes, (spread, caught)


def test_a_day_without_bursts_costs_nothing() -> None:
    dice = random.Random(9)
    assert spread_of_shares(day_before(dice, "median")) < 1.3


def test_an_unknown_spread_is_not_taken_for_chance_alone() -> None:
    assert spread_of_shares([]) == spread_of_shares([(100, 1)] * (MIN_MINUTES - 1)) == ASSUMED_SPREAD
    assert spread_of_shares([(100, 100)] * 100) == spread_of_shares([(100, 0)] * 100) == 1.0
