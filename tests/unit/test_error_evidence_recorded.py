"""The evidence of the error gate is, to the last digits, that of its definition, recorded from another program."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from controller.core.statistics.error_evidence import Evidence, Unit
from controller.core.statistics.history import History, Kind, Served


class Day(NamedTuple):
    """A day whose errors come in bursts of ``size`` that last for so many minutes; ``bursts`` is a minute's chance."""

    seed: int
    requests: int
    bursts: float
    size: int
    lasts: int
    count: int

    def minutes(self) -> list[Served]:
        dice = random.Random(self.seed)
        errors = [0] * (self.count + self.lasts)
        for number in range(self.count):
            if dice.random() < self.bursts:
                for _ in range(self.size):
                    errors[number + int(self.lasts * dice.random())] += 1
        return [
            (self.requests + number % 7, min(each, self.requests)) for number, each in enumerate(errors[: self.count])
        ]


class Recorded(NamedTuple):
    """What a day comes to (spread, length, begins, goes on), and the odds after each of ``UNITS``."""

    day: Day
    kind: Kind
    numbers: tuple[float, ...]
    odds: tuple[float, ...]


UNITS = (
    Unit(0, 1, 0.1, first_of_step=True),
    Unit(1, 0, 0.1),
    Unit(0, 0, 0.1, load=0.5),
    Unit(3, 2, 0.1, load=2.0),
    Unit(2, 0, 0.1),
    Unit(40, 12, 0.5, first_of_step=True, load=1.5),
    Unit(0, 9, 0.5),
    Unit(7, 3, 0.5),
)
RECORDED = {
    "one by one": Recorded(
        Day(1, 1000, 0.6, 1, 1, 1440),
        Kind.CLEAN,
        (1.0, 1.0, 0.27262263087229993, 0.614502564016563),
        (
            0.8493180795812374,
            1.9845674455422393,
            1.9845674455422395,
            36.30641105096101,
            813.1713820067249,
            1361.2456870757007,
            0.904944557890135,
            1.6887064008586596,
        ),
    ),
    "hardly ever": Recorded(
        Day(2, 100, 0.02, 1, 1, 1440),
        Kind.THIN,
        (1.0, 1.0, 0.02652641599110109, 0.03571428571428571),
        (
            0.8067090465104129,
            2.0269087227711196,
            2.0269087227711196,
            21.400361775480505,
            426.93175506586243,
            708.6766644693407,
            8.170869880207084,
            10.247708967461245,
        ),
    ),
    "bursts": Recorded(
        Day(3, 1000, 0.5, 8, 1, 1440),
        Kind.BURSTY,
        (4.546430146393465, 1.0, 0.29162211435268304, 0.4888179962147247),
        (
            0.8798761429151074,
            1.587479412063173,
            1.587479412063173,
            4.071995340896228,
            21.58748714729078,
            30.675154703761674,
            8.361554608334004,
            10.133309909953727,
        ),
    ),
    "long bursts": Recorded(
        Day(4, 1000, 0.4, 12, 4, 1440),
        Kind.BURSTY,
        (6.874565002500759, 4.6229374041546585, 0.06936704431944328, 0.962078048993858),
        (
            0.9527350794063307,
            1.0970208784525572,
            1.0970208784525575,
            1.3677410418424873,
            1.7920344283013825,
            2.672331545772387,
            1.435933209507154,
            1.5135701726942103,
        ),
    ),
    "some hours": Recorded(
        Day(5, 50, 0.5, 3, 1, 400),
        Kind.BURSTY,
        (1.5780316597377668, 1.0, 0.305, 0.5861024294232523),
        (
            0.8526091107068188,
            1.7170220679689976,
            1.7170220679689976,
            5.792300259631936,
            31.00233728701866,
            49.648076341650516,
            8.156935254882152,
            10.050749756006525,
        ),
    ),
    "no day": Recorded(
        Day(7, 10, 0, 1, 1, 0),
        Kind.THIN,
        (1.0, 1.0, 7.0, 0.5),
        (
            0.8221590397906187,
            1.534625,
            1.2351407265301426,
            3.4476719765301422,
            20.60607035927478,
            28.31382722826517,
            7.978403898036809,
            9.663362063806707,
        ),
    ),
}


@pytest.mark.parametrize("recorded", RECORDED.values(), ids=RECORDED.keys())
def test_a_day_comes_to_what_its_definition_says(recorded: Recorded) -> None:
    history = History.of(recorded.day.minutes())
    assert history.kind is recorded.kind
    found = (history.spread, history.length, history.begins, history.goes_on)
    assert found == pytest.approx(recorded.numbers, rel=1e-12)


@pytest.mark.parametrize("recorded", RECORDED.values(), ids=RECORDED.keys())
def test_the_odds_are_what_their_definition_says(recorded: Recorded) -> None:
    history, evidence, odds = History.of(recorded.day.minutes()), Evidence(), []
    for unit in UNITS:
        evidence = evidence.after(unit, history)
        odds.append(evidence.odds(history))
    assert odds == pytest.approx(recorded.odds, rel=1e-12)


def test_every_kind_of_day_is_recorded() -> None:
    assert {each.kind for each in RECORDED.values()} == set(Kind)
