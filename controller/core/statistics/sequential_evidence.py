"""The statistics of comparing two versions: how strong the evidence is that the canary fails more often.

Lambda picks the version of each request at random. So, given a minute's requests of both versions and their errors
together, the canary's share of the errors is hypergeometric if both versions are equally good, and Fisher's noncentral
hypergeometric with odds ratio r if the canary's odds of failing are r times as high. The evidence of minute t for "r
times worse" is the ratio of both likelihoods, LR_t(r). After n minutes the evidence is the mean over ``RATIOS`` of

    1/(n+1) + sum over k = 1..n of 1/(k(k+1)) * LR_k(r) * ... * LR_n(r)

a mixture over r and over the minute k in which the canary turned bad: a long good record does not hide a late
regression. If both versions are equally good, the evidence is a martingale that starts at 1. However often somebody
looks, it reaches 1/significance with a probability of at most the significance. Sources: Ville's inequality; R. A.
Fisher's conditional test for 2 x 2 tables.

Rules of the file: all values are natural logarithms, so nothing overflows.

Note: a minute without errors, or with requests of one version only, is neutral (LR is 1), but counts as a minute in
which the canary may have turned bad.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from controller.core.statistics.hypergeometric import Table, log_total, log_ways

RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""The odds ratios of the mixture, from "hardly worse" to "broken"."""


@dataclass(frozen=True, slots=True)
class Minute:
    """The counts of one minute of traffic through the alias."""

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

    def log_likelihood_ratio(self, ratio: float) -> float:
        """Returns the log likelihood ratio of these counts: the canary's odds ``ratio`` times as high, to equally good
        versions.
        """
        errors = self.canary_errors + self.stable_errors
        if not errors or not self.compares:
            return 0.0
        table = Table(self.canary_invocations, self.stable_invocations, errors)
        return self.canary_errors * math.log(ratio) - (log_total(table, ratio) - log_ways(table))


@dataclass(frozen=True, slots=True)
class Worth:
    """How much a minute's likelihood ratio counts: taken to ``power``, and limited to ``limit``."""

    power: float = 1.0
    limit: float = math.inf

    def of(self, log: float) -> float:
        """Returns the logarithm of the part that counts, given the logarithm of the ratio."""
        return min(self.power * log, math.log(self.limit))


ALL_OF_IT = Worth()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of all minutes so far; older minutes need no second reading.

    ``sums`` has, for each of ``RATIOS``, the logarithm of the sum over k; minus infinity stands for an empty sum.
    """

    minutes: int = 0
    sums: tuple[float, ...] = (-math.inf,) * len(RATIOS)

    @property
    def log(self) -> float:
        """The natural logarithm of the evidence; 0 is neutral."""
        never_yet = -math.log(self.minutes + 1)
        return _log_sum([_log_sum([never_yet, one]) for one in self.sums]) - math.log(len(RATIOS))

    def after(self, minute: Minute, worth: Worth = ALL_OF_IT) -> Evidence:
        number = self.minutes + 1
        turning_bad_now = -math.log(number * (number + 1))
        sums = tuple(
            _log_sum([one, turning_bad_now]) + worth.of(minute.log_likelihood_ratio(ratio))
            for one, ratio in zip(self.sums, RATIOS, strict=True)
        )
        return Evidence(number, sums)


@dataclass(frozen=True, slots=True)
class CountedMinute:
    """A minute of both versions' counts.

    ``is_whole`` is False while CloudWatch shows more errors than requests of a version. ``counts`` then has as many
    errors as requests, and the other errors are counted when their requests arrive. ``has_errors`` is False while the
    stable version's errors have no point, which differs from a point of 0.
    """

    began: datetime
    counts: Minute
    is_whole: bool = field(default=True, compare=False)
    has_errors: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The evidence of the minutes judged so far, and their counts for people.

    ``until`` is when the last judged minute began; None before the first.
    """

    evidence: Evidence = Evidence()
    until: datetime | None = None
    canary_invocations: int = 0
    canary_errors: int = 0
    stable_invocations: int = 0
    stable_errors: int = 0

    def after(self, minutes: Iterable[CountedMinute], worth: Worth = ALL_OF_IT) -> Judgement:
        """Returns the judgement with ``minutes``, in order; minutes judged before change nothing."""
        found = self
        for minute in minutes:
            if found.is_new(minute.began):
                found = found._with(minute, worth)
        return found

    def is_new(self, began: datetime) -> bool:
        """Did the minute begin after the last judged minute?"""
        return self.until is None or began > self.until

    def is_worse(self, significance: float) -> bool:
        """Is the canary proved to fail more often, at this significance?"""
        return self.evidence.log >= -math.log(significance)

    def in_words(self, canary: str | None, stable: str | None, which: str = "the same") -> str:
        """Returns counts, rates and evidence for people; ``which`` names the stable version's minutes, such as "the
        same".
        """
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
    """Writes evidence, given as a logarithm, as odds for people: "125", and "over 1,000,000,000" beyond a billion."""
    return "over 1,000,000,000" if log > math.log(1e9) else f"{float(f'{math.exp(log):.3g}'):,.12g}"


def error_evidence(minutes: Iterable[tuple[int, int, int, int]]) -> float:
    """Returns the natural logarithm of the evidence of ``minutes``, in order.

    Each minute is ``(canary_invocations, canary_errors, stable_invocations, stable_errors)``. At
    ``log(1/significance)`` or more the canary is worse; this is wrong in at most ``significance`` of deployments,
    however often somebody looks.
    """
    evidence = Evidence()
    for minute in minutes:
        evidence = evidence.after(Minute(*minute))
    return evidence.log


def _log_sum(logs: list[float]) -> float:
    """Returns log(exp(a) + exp(b) + ...) without overflow."""
    largest = max(logs)
    if largest == -math.inf:
        return largest
    return largest + math.log(math.fsum(math.exp(each - largest) for each in logs))
