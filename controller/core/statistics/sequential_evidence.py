"""The statistics of the error gate: how strong the evidence is that the canary fails more often than the stable
version.

Lambda picks the version at random for every request. So in each minute, given how many requests each version had and
how many errors there were together, the canary's share of the errors is hypergeometric when both versions are equally
good, and Fisher's noncentral hypergeometric with odds ratio r when the canary's odds of failing are r times as high.
LR_t(r), the ratio of the two, is the evidence of minute t for "r times worse". The evidence after n minutes is the
mean, over the odds ratios of ``RATIOS``, of

    1/(n+1) + sum over k = 1..n of 1/(k(k+1)) * LR_k(r) * ... * LR_n(r)

a mixture over how bad it is and over the minute k in which it turned bad: a long good record does not hide a late
regression. It may be looked at every minute for ever: under "equally good" it is a martingale that starts at 1, so it
ever reaches 1/significance with a probability of at most the significance. Source: Ville's inequality; R. A. Fisher's
conditional test for 2 x 2 tables.

Rules of the file: numbers in, numbers out; all of it in natural logarithms, so nothing overflows.

Note: a minute without errors, or in which one version had no requests, says nothing (LR is 1), but it counts as a
minute: it is one more in which things may have turned bad.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""The odds ratios that the mixture is over: from "hardly worse" to "broken"."""
_NEGLIGIBLE = 1e-17
"""A term this much smaller than the largest one is below the precision of a float."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute of traffic through the alias came to."""

    canary_invocations: int
    canary_errors: int
    stable_invocations: int
    stable_errors: int

    def __post_init__(self) -> None:
        for errors, invocations in (
            (self.canary_errors, self.canary_invocations),
            (self.stable_errors, self.stable_invocations),
        ):
            if not 0 <= errors <= invocations:
                raise ValueError(f"{errors} errors of {invocations} requests")

    @property
    def compares(self) -> bool:
        """Did both versions have requests?"""
        return self.canary_invocations > 0 and self.stable_invocations > 0


@dataclass(frozen=True, slots=True)
class Worth:
    """How much of a minute's likelihood ratio counts: it is taken to ``power``, and multiplies by ``at_most``."""

    power: float = 1.0
    at_most: float = math.inf

    def of(self, log: float) -> float:
        """Returns the logarithm of what counts of a ratio with this logarithm."""
        return min(self.power * log, math.log(self.at_most))


ALL_OF_IT = Worth()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all minutes so far came to: enough to go on without reading them again.

    ``sums`` holds, for each of ``RATIOS``, the logarithm of the sum over k; the smallest float there is stands for
    none.
    """

    minutes: int = 0
    sums: tuple[float, ...] = (-math.inf,) * len(RATIOS)

    @property
    def log(self) -> float:
        """The natural logarithm of the evidence; 0 says nothing either way."""
        never_yet = -math.log(self.minutes + 1)
        return _log_sum([_log_sum([never_yet, one]) for one in self.sums]) - math.log(len(RATIOS))

    def after(self, minute: Minute, worth: Worth = ALL_OF_IT) -> Evidence:
        """Returns the evidence with one more minute."""
        number = self.minutes + 1
        turning_bad_now = -math.log(number * (number + 1))
        sums = tuple(
            _log_sum([one, turning_bad_now]) + worth.of(log_likelihood_ratio(minute, ratio))
            for one, ratio in zip(self.sums, RATIOS, strict=True)
        )
        return Evidence(number, sums)


@dataclass(frozen=True, slots=True)
class CountedMinute:
    """A minute and when it began.

    ``is_whole`` is False while CloudWatch has more errors of a version in it than requests. As many errors as requests
    are in ``counts`` then, and the rest comes with the requests: what share has failed is not known yet. ``has_errors``
    is False while it has no count of the stable version's errors, which is not a count of 0.
    """

    began: datetime
    counts: Minute
    is_whole: bool = field(default=True, compare=False)
    has_errors: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the error gate knows of one deployment: the evidence, and the counts that put it into words.

    ``until`` is when the last minute that was judged began; None before the first.
    """

    evidence: Evidence = Evidence()
    until: datetime | None = None
    canary_invocations: int = 0
    canary_errors: int = 0
    stable_invocations: int = 0
    stable_errors: int = 0

    def after(self, minutes: Iterable[CountedMinute], worth: Worth = ALL_OF_IT) -> Judgement:
        """Returns the judgement with these minutes, in order; one that was judged before changes nothing."""
        found = self
        for minute in minutes:
            if found.is_new(minute.began):
                found = found._with(minute, worth)
        return found

    def is_new(self, began: datetime) -> bool:
        """Did the minute begin after the last one that was judged?"""
        return self.until is None or began > self.until

    def is_worse(self, significance: float) -> bool:
        """Is the evidence enough to say that the canary fails more often?"""
        return self.evidence.log >= -math.log(significance)

    def in_words(self, canary: str | None, stable: str | None, which: str = "the same") -> str:
        """Returns the counts, the rates and the evidence for people; ``which`` minutes the stable version's are."""
        ours, theirs = self.shares
        return (
            f"version {canary} failed {ours} requests, version {stable} {theirs} in {which}"
            f" {self.evidence.minutes} minutes; the evidence that {canary} is worse is {self.odds} to 1"
        )

    @property
    def shares(self) -> tuple[str, str]:
        """The counts and rates for people: the canary's, and the stable version's."""
        ours = share_in_words(self.canary_errors, self.canary_invocations)
        return ours, share_in_words(self.stable_errors, self.stable_invocations)

    @property
    def odds(self) -> str:
        """The evidence for people."""
        return in_words(self.evidence.log)

    def _with(self, minute: CountedMinute, worth: Worth) -> Judgement:
        counts = minute.counts
        return Judgement(
            self.evidence.after(counts, worth),
            minute.began,
            self.canary_invocations + counts.canary_invocations,
            self.canary_errors + counts.canary_errors,
            self.stable_invocations + counts.stable_invocations,
            self.stable_errors + counts.stable_errors,
        )


def share_in_words(errors: int, invocations: int) -> str:
    """Writes errors and requests for people: "16 of 200 (8 %)"."""
    rate = f" ({100 * errors / invocations:.3g} %)" if invocations else ""
    return f"{errors:,} of {invocations:,}{rate}"


def in_words(log: float) -> str:
    """Writes evidence with this logarithm as odds for people; beyond a billion the number says nothing more."""
    return "over 1,000,000,000" if log > math.log(1e9) else f"{float(f'{math.exp(log):.3g}'):,.12g}"


def error_evidence(minutes: Iterable[tuple[int, int, int, int]]) -> float:
    """Returns the natural logarithm of the evidence of ``minutes``, in order.

    Each is ``(canary_invocations, canary_errors, stable_invocations, stable_errors)``. At ``log(1/significance)`` or
    more the canary is worse, and that is wrong at most ``significance`` of the time, however often it is looked at.
    """
    evidence = Evidence()
    for minute in minutes:
        evidence = evidence.after(Minute(*minute))
    return evidence.log


def log_likelihood_ratio(minute: Minute, ratio: float) -> float:
    """Returns the logarithm of how much likelier the minute is where the canary's odds are ``ratio`` times as high."""
    errors = minute.canary_errors + minute.stable_errors
    if not errors or not minute.compares:
        return 0.0
    table = _Table(minute.canary_invocations, minute.stable_invocations, errors)
    # At even odds the sum is all ways to spread the errors over the requests: Vandermonde's identity.
    even = _log_choose(table.canary + table.stable, errors)
    return minute.canary_errors * math.log(ratio) - (_log_total(table, ratio) - even)


@dataclass(frozen=True, slots=True)
class _Table:
    """The margins of a minute's 2 x 2 table: the requests of both versions, and the errors of both together."""

    canary: int
    stable: int
    errors: int

    @property
    def fewest(self) -> int:
        """The fewest errors that the canary can have had."""
        return max(0, self.errors - self.stable)

    @property
    def most(self) -> int:
        """The most errors that the canary can have had."""
        return min(self.canary, self.errors)

    def rise(self, j: int) -> float:
        """How many times as large the term of j + 1 errors of the canary is as that of j, at odds that are even."""
        return (self.canary - j) * (self.errors - j) / ((j + 1) * (self.stable - self.errors + j + 1))


def _log_total(table: _Table, ratio: float) -> float:
    """Returns the logarithm of the sum over j of C(canary, j) * C(stable, errors - j) * ratio**j.

    The terms rise to one peak and fall; they are summed from there to both sides until they no longer count. That is a
    few thousand terms for a million requests, where the whole sum has as many as there are errors.
    """
    peak = _peak(table, ratio)
    top = _log_choose(table.canary, peak) + _log_choose(table.stable, table.errors - peak) + peak * math.log(ratio)
    total, term = 1.0, 1.0
    for j in range(peak, table.most):
        term *= ratio * table.rise(j)
        total += term
        if term < _NEGLIGIBLE * total:
            break
    term = 1.0
    for j in range(peak - 1, table.fewest - 1, -1):
        term /= ratio * table.rise(j)
        total += term
        if term < _NEGLIGIBLE * total:
            break
    return top + math.log(total)


def _peak(table: _Table, ratio: float) -> int:
    """Returns where the terms are largest, found by halving: they rise up to there and fall after."""
    low, high = table.fewest, table.most
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if ratio * table.rise(middle) > 1 else (low, middle)
    return low


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)


def _log_sum(logs: list[float]) -> float:
    """Returns the logarithm of the sum of the numbers that have these logarithms."""
    largest = max(logs)
    if largest == -math.inf:
        return largest
    return largest + math.log(math.fsum(math.exp(each - largest) for each in logs))
