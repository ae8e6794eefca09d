"""The evidence that the canary's requests fail more often than the stable version's, given by three witnesses.

Lambda picks each request's version at random, by the alias's weights. As long as the canary is no worse, its share of
newly found errors is its weight ``w``, whatever caused them. The witnesses judge new errors against ``w`` and need no
counts of requests. So a request may take 15 minutes and its error may come as late.

    share   bets on the canary's share of the errors. Valid for bursts of any size, if each burst falls on one version
            with chance ``w`` for the canary.
    ratio   the likelihood of the split of errors if the canary's odds of failing are 1.5, 2, ... 30 times as high. The
            strongest witness; with bursts its likelihood is taken to a power below 1.
    runs    the runs of looks with canary errors, whatever their number: for an alias that hardly ever fails.

    clean history   ratio
    bursty          (share + ratio) / 2
    thin            (share + min(ratio, runs)) / 2

If the canary fails as often as the stable version, the evidence is an e-process: it starts at 1 and reaches x with a
chance of at most 1/x, however often somebody looks. Sources: Ville's inequality; S. Grünwald et al., Safe Testing.
``share`` and ``ratio`` are mixtures over the unit in which the canary turned bad, with the prior 1/(k(k+1)): a long
good record does not hide a late regression.

Note: each error belongs to exactly one unit, the unit of the look that found it. Judging a minute twice breaks the
bound; leaving out late errors misses requests that fail after minutes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import RATIOS, Minute

FRACTIONS = (0.05, 0.15, 0.35, 0.6, 0.9)
"""``share``: the fractions of the largest bet to lay."""
HAZARDS = ((0.5, 0.9), (0.2, 0.3), (0.03, 0.9), (0.005, 0.9))
"""``runs``: the chances that a bad canary starts to have errors in a unit, and goes on having errors in the next."""
MAX_UNIT = 30.0
"""The largest factor of one unit, for ``share`` and ``ratio``: a single bad minute never ends a deployment."""
_MAX_FIRST_UNIT = 3.0
"""The largest factor of a step's first unit, in which the canary's environments start cold."""
_MAX_EVIDENCE = 1e250
"""The limit of every product: a frozen deployment goes on being judged for days."""


class Witness(Enum):
    SHARE = "share"
    RATIO = "ratio"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Unit:
    """The errors newly found by one look, over all minutes of the shift.

    ``weight`` is the canary's largest share of requests in any of these minutes, up to 1. ``load`` is the unit's
    requests divided by the mean requests of a minute in the day before.
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
    def limit(self) -> float:
        """The largest factor of the unit."""
        return _MAX_FIRST_UNIT if self.first_of_step else MAX_UNIT


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of all units so far; older units need no second reading.

    ``shares`` and ``ratios`` are sums of products, for each of ``FRACTIONS`` and ``RATIOS``; ``runs`` are products, for
    each of ``HAZARDS``. ``in_run`` is True if the last unit had canary errors.
    """

    units: int = 0
    shares: tuple[float, ...] = (0.0,) * len(FRACTIONS)
    ratios: tuple[float, ...] = (0.0,) * len(RATIOS)
    runs: tuple[float, ...] = (1.0,) * len(HAZARDS)
    in_run: bool = False

    def after(self, unit: Unit, history: History) -> Evidence:
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
        """Returns the evidence as odds: 1 is neutral, 100 is 100 to 1 against the canary."""
        said = self._said()
        if history.kind is Kind.CLEAN:
            return said[Witness.RATIO]
        other = min(said[Witness.RATIO], said[Witness.RUNS]) if history.kind is Kind.THIN else said[Witness.RATIO]
        return (said[Witness.SHARE] + other) / 2

    def spoken(self, history: History) -> Witness:
        """Returns the witness with the largest part in ``odds``."""
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


def whole_odds(strata: Sequence[Minute], power: float) -> float:
    """Returns the evidence of all requests of a shift as odds, once the last of them must have ended: the mean over
    ``RATIOS`` of the likelihood ratio to ``power``.

    If a canary's requests fail only after minutes, a look finds hardly any errors. The complete counts have them all.

    Each stratum has the counts of one step. Within a step a request's version does not depend on its time, so a
    drifting error rate hurts both versions alike; across steps of different weights this would be untrue.
    """
    logs = [power * sum(each.log_likelihood_ratio(ratio) for each in strata) for ratio in RATIOS]
    return sum(math.exp(min(log, 500.0)) for log in logs) / len(logs)


def _grown(before: tuple[float, ...], factors: tuple[float, ...], added: float) -> tuple[float, ...]:
    return tuple(min((each + added) * factor, _MAX_EVIDENCE) for each, factor in zip(before, factors, strict=True))


def _share(unit: Unit, history: History) -> tuple[float, ...]:
    if not unit.errors:
        return (1.0,) * len(FRACTIONS)
    over = (unit.canary_errors / unit.errors - unit.weight) / unit.weight
    # A burst over several units is one throw of the die, so the product of its units is taken to the power 1/length.
    return tuple(min(1 + fraction * over, unit.limit) ** (1 / history.length) for fraction in FRACTIONS)


def _ratio(unit: Unit, history: History) -> tuple[float, ...]:
    return tuple(min(math.exp(min(_log_ratio(unit, history, ratio), 700.0)), unit.limit) for ratio in RATIOS)


def _log_ratio(unit: Unit, history: History, ratio: float) -> float:
    mean = math.log1p(unit.weight * (ratio - 1))
    log = unit.canary_errors * math.log(ratio) - unit.errors * mean
    return log * _worth(unit.weight, ratio, mean, history.spread) if history.kind is Kind.BURSTY else log


def _worth(weight: float, ratio: float, mean: float, spread: float) -> float:
    """Returns the power at which the ratio's mean is 1 for bursts of exponential size with E[B^2]/E[B] = ``spread``."""
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
