"""How strong the evidence is that the canary's requests fail more often than the stable version's: three witnesses.

Lambda picks the version of every request at random, by the alias's weights. So of the errors that a look finds new,
whatever caused them, the canary has its weight's share, unless the canary is worse. The witnesses judge these errors
against the weight ``w`` and need to know nothing of how many requests there were: a request may take 15 minutes, and
its error may come that late.

    share   bets on the canary's share of the errors. Right for bursts of any size, as long as each burst is on one
            version by the throw of a die with chance ``w`` at most.
    ratio   how much likelier the split of the errors is where the canary's odds of failing are 1.5, 2, ... 30 times
            as high. The strongest; where errors come in bursts it is taken to the power that they are worth.
    runs    looks at runs of looks with errors of the canary, not at how many: for an alias that hardly ever fails.

    clean history   ratio
    bursty          (share + ratio) / 2
    thin            (share + min(ratio, runs)) / 2

Under "the canary fails as often as the stable version" the evidence is an e-process: it starts at 1 and ever reaches x
with a chance of at most 1/x, however often it is looked at. Sources: Ville's inequality; S. Grünwald et al., Safe
Testing. ``share`` and ``ratio`` are mixtures over the unit in which the canary turned bad, with the prior 1/(k(k+1)):
a long good record does not hide a late regression.

Note: each error belongs to exactly one unit, the one of the look that found it. Judging a minute again, or leaving out
what came late, breaks the bound or misses requests that fail after minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from controller.core.statistics.history import History, Kind

FRACTIONS = (0.05, 0.15, 0.35, 0.6, 0.9)
"""Of ``share``: how much of the largest bet is laid."""
RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Of ``ratio``: the odds ratios that the mixture is over, from "hardly worse" to "broken"."""
HAZARDS = ((0.5, 0.9), (0.2, 0.3), (0.03, 0.9), (0.005, 0.9))
"""Of ``runs``: the chances that a bad canary begins to have errors in a unit, and that it goes on having them."""
UNIT_AT_MOST = 30.0
"""What one unit of ``share`` or ``ratio`` multiplies by at most: a single bad minute is never the end of a release."""
_FIRST_UNIT_AT_MOST = 3.0
"""The same for the first unit of a step, in which the canary's environments start cold."""
_LARGEST = 1e250
"""No product grows beyond this: a deployment that is frozen goes on being judged for days."""


class Witness(Enum):
    """Whose evidence it is."""

    SHARE = "share"
    RATIO = "ratio"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Unit:
    """The errors that one look found new, over all minutes of the shift.

    ``weight`` is the largest share of requests that the canary had in any of its minutes, up to 1. ``load`` is
    how many times the mean minute's requests of the day before the unit had.
    """

    canary_errors: int
    stable_errors: int
    weight: float
    first_of_step: bool = False
    load: float = 1.0

    def __post_init__(self) -> None:
        if self.canary_errors < 0 or self.stable_errors < 0 or not 0 < self.weight <= 1:
            raise ValueError(f"no unit: {self.canary_errors} and {self.stable_errors} errors at {self.weight}")

    @property
    def errors(self) -> int:
        """The new errors of both versions."""
        return self.canary_errors + self.stable_errors

    @property
    def at_most(self) -> float:
        """What the unit multiplies by at most."""
        return _FIRST_UNIT_AT_MOST if self.first_of_step else UNIT_AT_MOST


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all units so far came to: enough to go on without reading them again.

    ``shares`` and ``ratios`` are sums of products, one for each of ``FRACTIONS`` and ``RATIOS``; ``runs`` are products,
    one for each of ``HAZARDS``. ``in_run`` tells whether the last unit had errors of the canary.
    """

    units: int = 0
    shares: tuple[float, ...] = (0.0,) * len(FRACTIONS)
    ratios: tuple[float, ...] = (0.0,) * len(RATIOS)
    runs: tuple[float, ...] = (1.0,) * len(HAZARDS)
    in_run: bool = False

    def after(self, unit: Unit, history: History) -> Evidence:
        """Returns the evidence with one more unit."""
        number = self.units + 1
        turned_bad_now = 1 / (number * (number + 1))
        return Evidence(
            number,
            _grown(self.shares, _share(unit, history), turned_bad_now),
            _grown(self.ratios, _ratio(unit, history), turned_bad_now),
            _grown(self.runs, _runs(unit, history, in_run=self.in_run), 0.0),
            unit.canary_errors > 0,
        )

    def odds(self, history: History) -> float:
        """Returns the evidence as odds: 1 says nothing either way, 100 is 100 to 1 against the canary."""
        said = self._said()
        if history.kind is Kind.CLEAN:
            return said[Witness.RATIO]
        other = min(said[Witness.RATIO], said[Witness.RUNS]) if history.kind is Kind.THIN else said[Witness.RATIO]
        return (said[Witness.SHARE] + other) / 2

    def spoken(self, history: History) -> Witness:
        """Returns the witness that says most of what ``odds`` returns."""
        said = self._said()
        if history.kind is Kind.THIN and said[Witness.RUNS] < said[Witness.RATIO]:
            other = Witness.RUNS
        else:
            other = Witness.RATIO
        return other if history.kind is Kind.CLEAN or said[other] >= said[Witness.SHARE] else Witness.SHARE

    @property
    def runs_odds(self) -> float:
        """The evidence of ``runs`` alone, as odds."""
        return sum(self.runs) / len(HAZARDS)

    def _said(self) -> dict[Witness, float]:
        never_yet = 1 / (self.units + 1)
        return {
            Witness.SHARE: never_yet + sum(self.shares) / len(FRACTIONS),
            Witness.RATIO: never_yet + sum(self.ratios) / len(RATIOS),
            Witness.RUNS: self.runs_odds,
        }


def _grown(before: tuple[float, ...], factors: tuple[float, ...], added: float) -> tuple[float, ...]:
    return tuple(min((each + added) * factor, _LARGEST) for each, factor in zip(before, factors, strict=True))


def _share(unit: Unit, history: History) -> tuple[float, ...]:
    """A burst that lasts over several units is one throw of the die: their product is taken to the power 1/length."""
    if not unit.errors:
        return (1.0,) * len(FRACTIONS)
    over = (unit.canary_errors / unit.errors - unit.weight) / unit.weight
    return tuple(min(1 + fraction * over, unit.at_most) ** (1 / history.length) for fraction in FRACTIONS)


def _ratio(unit: Unit, history: History) -> tuple[float, ...]:
    return tuple(min(math.exp(min(_log_ratio(unit, history, ratio), 700.0)), unit.at_most) for ratio in RATIOS)


def _log_ratio(unit: Unit, history: History, ratio: float) -> float:
    mean = math.log1p(unit.weight * (ratio - 1))
    log = unit.canary_errors * math.log(ratio) - unit.errors * mean
    return log * _worth(unit.weight, ratio, mean, history.spread) if history.kind is Kind.BURSTY else log


def _worth(weight: float, ratio: float, mean: float, spread: float) -> float:
    """The power at which the ratio's mean is 1 for bursts of exponential size with E[B^2]/E[B] = ``spread``."""
    log = math.log(ratio)
    if mean >= log:  # all requests are the canary's: a split of errors says nothing
        return 1.0
    return min(1.0, 2 / spread * (mean - weight * log) / (mean * (log - mean)))


def _runs(unit: Unit, history: History, *, in_run: bool) -> tuple[float, ...]:
    begins = 1 - math.exp(-unit.weight * history.begins * max(unit.load, 1.0))
    expected = max(history.goes_on, begins) if in_run else begins
    bets = (max(goes_on if in_run else turns, expected) for turns, goes_on in HAZARDS)
    if unit.canary_errors:
        return tuple(bet / expected for bet in bets)
    return tuple((1 - bet) / (1 - expected) if expected < 1 else 1.0 for bet in bets)
