"""The three witnesses: what each believes, what none of them is fooled by, and that the promise holds."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from controller.core.statistics.error_evidence import FRACTIONS, RATIOS, Evidence, Unit, Witness
from controller.core.statistics.history import History, Kind, Served, every_minute
from controller.core.statistics.sequential_evidence import Minute
from tests.builders import NOW, PAST, after, shift

CLEAN = History(Kind.CLEAN, begins=0.5, requests=1_000.0)
BURSTY = History(Kind.BURSTY, spread=6.0, begins=0.3, requests=1_000.0)
THIN = History(Kind.THIN, begins=0.02, goes_on=0.3, requests=1_000.0)
DAYS: dict[str, Sequence[Served]] = {
    "clean": [(1000, minute * 7 % 3) for minute in range(1440)],
    "thin": [(100, int(minute % 97 == 0)) for minute in range(720)],
    "bursts": [(1000, 12 * (minute % 5 == 0)) for minute in range(1440)],
    "long bursts": [(1000, 6 * (minute // 4 % 3 == 0)) for minute in range(1440)],
    "none": [],
}
UNITS = [
    Unit(1, 2, 0.1, first_of_step=True),
    Unit(0, 3, 0.1),
    Unit(4, 1, 0.1, load=1.5),
    Unit(0, 0, 0.1),
    Unit(2, 2, 0.5, first_of_step=True),
    Unit(9, 3, 0.5, load=2.0),
]


@pytest.mark.parametrize(
    ("day", "odds"),
    [
        ("clean", [1.19336109757, 0.75375670601, 9.36296423622, 9.36296423622, 4.47222764108, 17.6708614979]),
        ("thin", [1.33084721545, 0.825170019672, 5.85437586811, 5.85437586811, 3.40900757054, 10.2618164855]),
        ("bursts", [1.33084721545, 0.825170019672, 5.85437586811, 5.09091346967, 3.40900757054, 10.2618164855]),
        ("long bursts", [1.28371715086, 0.850799883046, 3.97273163876, 3.97273163876, 2.41374093246, 4.30270661902]),
        ("none", [1.23416666667, 0.648807393197, 1.37340947653, 1.31310074988, 1.31310074988, 1.56659273648]),
    ],
)
def test_the_evidence_is_that_of_an_independent_implementation(day: str, odds: list[float]) -> None:
    history, evidence, found = History.of(DAYS[day]), Evidence(), []
    for unit in UNITS:
        evidence = evidence.after(unit, history)
        found.append(evidence.odds(history))
    assert found == pytest.approx(odds, rel=1e-10)


def after_all(units: Sequence[Unit], history: History) -> Evidence:
    evidence = Evidence()
    for unit in units:
        evidence = evidence.after(unit, history)
    return evidence


def test_without_minutes_there_is_no_evidence() -> None:
    assert Evidence().odds(CLEAN) == Evidence().odds(THIN) == Evidence().odds(BURSTY) == 1.0


def test_a_look_without_errors_says_nothing_by_share_and_ratio() -> None:
    quiet = after_all([Unit(0, 0, 0.1)] * 50, CLEAN)
    assert quiet.odds(CLEAN) == pytest.approx(1.0)


def test_no_single_look_says_more_than_thirty_and_the_first_of_a_step_no_more_than_three() -> None:
    for history in (CLEAN, BURSTY, THIN):
        assert after_all([Unit(0, 0, 0.1), Unit(500, 0, 0.1)], history).odds(history) <= 30
        assert after_all([Unit(500, 0, 0.1, first_of_step=True)], history).odds(history) <= 3


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5, 0.9])
def test_a_unit_is_worth_one_on_average_where_each_error_is_the_canarys_by_its_weight(weight: float) -> None:
    """By enumeration, not by chance; the caps only lower it."""
    for errors in (1, 2, 7):
        chances = [math.comb(errors, c) * weight**c * (1 - weight) ** (errors - c) for c in range(errors + 1)]
        units = [Evidence().after(Unit(c, errors - c, weight), CLEAN) for c in range(errors + 1)]
        for place in range(len(RATIOS)):
            assert sum(p * each.ratios[place] for p, each in zip(chances, units, strict=True)) <= 0.5 + 1e-12
        for place in range(len(FRACTIONS)):
            assert sum(p * each.shares[place] for p, each in zip(chances, units, strict=True)) <= 0.5 + 1e-12


@pytest.mark.parametrize("size", [1, 3, 10, 100])
@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
def test_the_share_of_one_burst_is_worth_one_on_average_whatever_its_size(size: int, weight: float) -> None:
    on_canary, on_stable = (Evidence().after(unit, THIN) for unit in (Unit(size, 0, weight), Unit(0, size, weight)))
    for place in range(len(FRACTIONS)):
        assert weight * on_canary.shares[place] + (1 - weight) * on_stable.shares[place] <= 0.5 + 1e-12


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("ratio", range(len(RATIOS)))
def test_the_ratio_of_bursts_of_exponential_size_is_worth_one_on_average(weight: float, ratio: int) -> None:
    """E[B^2]/E[B] of exponential sizes is twice their mean; the mean over sizes is taken by a fine sum."""
    mean, step = BURSTY.spread / 2, 0.01
    canary, stable = (
        Evidence().after(unit, BURSTY).ratios[ratio] / 0.5 for unit in (Unit(1, 0, weight), Unit(0, 1, weight))
    )
    total = 0.0
    for number in range(int(40 * mean / step)):
        size = (number + 0.5) * step
        chance = math.exp(-size / mean) / mean * step
        total += chance * (weight * canary**size + (1 - weight) * stable**size)
    assert total == pytest.approx(1.0, abs=0.02) or total < 1


def test_an_alias_that_hardly_ever_fails_needs_errors_in_more_than_one_look() -> None:
    """A burst of eighty over two minutes is one event; two in each of seven minutes are seven."""
    burst = after_all([*[Unit(0, 0, 0.5)] * 5, *[Unit(40, 0, 0.5)] * 2], THIN)
    again = after_all([*[Unit(0, 0, 0.5)] * 5, *[Unit(2, 0, 0.5)] * 7], THIN)
    assert burst.odds(THIN) < 20
    assert again.odds(THIN) > 125


def test_a_long_good_record_does_not_hide_a_canary_that_turns_bad() -> None:
    turned = after_all([*[Unit(0, 1, 0.1)] * 300, *[Unit(3, 1, 0.1)] * 6], CLEAN)
    assert turned.odds(CLEAN) > 125


def test_the_witness_that_says_most_is_named() -> None:
    assert after_all([Unit(3, 0, 0.1)] * 3, CLEAN).spoken(CLEAN) is Witness.RATIO
    assert after_all([Unit(40, 0, 0.5)] * 8, THIN).spoken(THIN) is Witness.RUNS
    assert after_all([Unit(1, 0, 0.01)], History(Kind.BURSTY, spread=100.0)).spoken(
        History(Kind.BURSTY, spread=100.0)
    ) is (Witness.SHARE)


def test_evidence_stays_finite_however_long_a_frozen_deployment_is_looked_at() -> None:
    assert math.isfinite(after_all([Unit(1_000, 0, 0.1)] * 2_000, CLEAN).odds(CLEAN))
    assert after_all([Unit(0, 10**9, 0.5)], CLEAN).odds(CLEAN) == pytest.approx(0.5)


def test_equal_versions_are_hardly_ever_told_apart() -> None:
    """400 shifts of an hour: 125 to 1 is reached in 3.2 of them at most, on average."""
    dice = random.Random(11)
    reached = 0
    for _ in range(400):
        evidence = Evidence()
        for _ in range(60):
            errors = sum(dice.random() < 0.01 for _ in range(100))
            canary = sum(dice.random() < 0.1 for _ in range(errors))
            evidence = evidence.after(Unit(canary, errors - canary, 0.1), CLEAN)
            if evidence.odds(CLEAN) >= 125:
                reached += 1
                break
    assert reached <= 4


@pytest.mark.parametrize(("canary", "stable", "weight"), [(-1, 0, 0.1), (0, -1, 0.1), (0, 0, 0.0), (0, 0, 1.1)])
def test_an_impossible_unit_cannot_be_built(canary: int, stable: int, weight: float) -> None:
    with pytest.raises(ValueError, match="no unit"):
        Unit(canary, stable, weight)


def test_an_error_is_judged_by_one_look_alone() -> None:
    """Three errors in the first of ten minutes are three, however often the minute is read."""
    quiet = [Minute(100, 3, 900, 1), *[Minute(100, 0, 900, 0)] * 9]
    assert shift(*quiet).evidence == after_all(
        [Unit(3, 1, 0.1, first_of_step=True), *[Unit(0, 0, 0.1)] * 9], PAST.history
    )


# -- the day before ---------------------------------------------------------------------------------------------------


def thrown(minutes: int, requests: int, rate: float, burst: int, seed: int = 3) -> list[Served]:
    dice = random.Random(seed)
    return [(requests, sum(burst for _ in range(requests) if dice.random() < rate / burst)) for _ in range(minutes)]


def test_independent_errors_make_a_clean_history() -> None:
    assert History.of(thrown(1440, 1000, 0.01, burst=1)).kind is Kind.CLEAN


@pytest.mark.parametrize("burst", [3, 10])
def test_bursts_make_a_bursty_history_with_their_size(burst: int) -> None:
    found = History.of(thrown(1440, 1000, 0.05, burst=burst))
    assert found.kind is Kind.BURSTY
    assert burst <= found.spread <= 1.6 * burst


def test_hardly_any_errors_make_a_thin_history() -> None:
    assert History.of(thrown(1440, 100, 0.0005, burst=1)).kind is Kind.THIN
    assert History.of([]) == History()


def test_traffic_and_a_rate_that_drift_do_not_look_like_bursts() -> None:
    day = [
        (requests, round(requests * 0.01 * (1 + minute / 1440)))
        for minute in range(1440)
        for requests in (int(1000 + 900 * math.sin(minute / 200)),)
    ]
    assert History.of(day).kind is Kind.CLEAN


def test_two_outages_in_a_day_do_not_blind_the_gate() -> None:
    day = thrown(1440, 1000, 0.01, burst=1)
    for begin in (200, 900):
        day[begin : begin + 10] = [(1000, 400)] * 10
    assert History.of(day).kind is Kind.CLEAN


def test_every_minute_counts_also_those_without_a_request() -> None:
    served = {after(minutes=-4): (10, 1), after(minutes=-2): (10, 0)}
    assert every_minute(served, NOW) == [(10, 1), (0, 0), (10, 0), (0, 0)]
    assert every_minute(served, NOW, without={after(minutes=-2)}) == [(10, 1), (0, 0), (0, 0)]
    assert every_minute({}, NOW) == []
