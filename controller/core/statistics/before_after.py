"""The evidence of the bake: the canary now, compared with the stable version before the promotion.

During the bake the canary serves alone. Each complete minute of the bake is paired with one minute of the stable
version before the promotion: the first with the last, the second with the last but one. ``sequential_evidence`` judges
a pair as it judges a minute in which both versions served. If the alias's errors came in bursts the day before, a pair
counts less. If the alias hardly ever fails, the runs of minutes with errors must also speak against the canary.

Rules of the file: each minute of the stable version is used once, so the bound of ``sequential_evidence`` holds while
the minutes before and after the promotion are alike. At most an hour is compared, since distant minutes are less alike.

Note: this comparison is confounded, and no statistics can mend that. A failing dependency or a rush hour during the
bake looks exactly like a worse version. Hence ``bake_significance`` in the manifest, which may only be stricter than
the gate's, and a bake without this gate is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.statistics.alias_past import MIN_OUTAGE_ERRORS, ServedMinute, outage
from controller.core.statistics.error_evidence import MAX_UNIT, Evidence, Unit
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import CountedMinute, Judgement, Minute, Worth

MAX_COMPARED = timedelta(hours=1)
"""The longest bake to judge, and how far back the stable version's minutes are read for the comparison."""
_MAX_PAIRS = 60
_RUNS_AT_LEAST = 20.0
"""The odds that the runs of minutes with errors must reach when the alias hardly ever fails."""
_MINUTE = timedelta(minutes=1)
_ENOUGH_REQUESTS = 20
_ASSUMED_RATE = 0.4


@dataclass(frozen=True, slots=True)
class ServedBefore:
    """The stable version's requests and errors before the promotion."""

    requests: int
    errors: int

    @staticmethod
    def of(minutes: Iterable[ServedMinute]) -> ServedBefore:
        served = list(minutes)
        return ServedBefore(sum(each.invocations for each in served), sum(each.errors for each in served))

    @property
    def is_enough(self) -> bool:
        """Are there enough requests to know the stable version's error rate?"""
        return self.requests >= _ENOUGH_REQUESTS

    @property
    def rate(self) -> float:
        """The error rate to compare the bake with, as a fraction: 0.05 after 1,000 requests with 50 errors.

        With too few requests the rate is assumed to be 0.4. The alarm then fires only if more than 90 % of the requests
        fail.
        """
        return self.errors / self.requests if self.is_enough else _ASSUMED_RATE


NOTHING_KNOWN = ServedBefore(0, 0)
"""The alarm's comparison from the promotion until the stable version's rate has been read."""


def before_promotion(
    minutes: Sequence[ServedMinute], traffic_since: datetime, settled: datetime, least_errors: int
) -> ServedBefore:
    """Returns the rate for the deployment's own alarm to compare the bake with, from the stable version's ``minutes``
    in order.

    The rate is the highest of three. The usual rate is of the minutes ended by ``settled``; later minutes may still
    lack failures. The other two are the rate during the shift, from ``traffic_since``, and the rate of an outage that
    has begun: the canary is not to blame if such failures go on.
    """
    minutes = [minute for minute in minutes if minute.is_whole]
    every = ServedBefore.of(minutes)
    complete = ServedBefore.of([minute for minute in minutes if minute.began + _MINUTE <= settled])
    shift = ServedBefore.of([minute for minute in minutes if minute.began > traffic_since - _MINUTE])
    lately = ServedBefore.of(outage(minutes, least_errors))
    if lately.requests and every.is_enough:  # its few minutes may have few requests, and are known all the same
        lately = ServedBefore(every.requests, round(every.requests * lately.errors / lately.requests))
    usual = complete if complete.is_enough else every
    return max((usual, *(each for each in (shift, lately) if each.is_enough)), key=lambda each: each.rate)


@dataclass(frozen=True, slots=True)
class BakeEvidence:
    """The stable version's minutes before the promotion, newest first, and the result of the pairs so far.

    ``before`` is None until the minutes have been read. ``runs`` is the evidence of the canary's minutes alone.
    """

    before: tuple[tuple[int, int], ...] | None = None
    judgement: Judgement = field(default_factory=Judgement)
    runs: Evidence = field(default_factory=Evidence)

    @property
    def is_open(self) -> bool:
        """Is a minute left to compare, or to read for the comparison?"""
        return self.before is None or self.judgement.evidence.minutes < len(self.before)

    def with_before(self, minutes: Iterable[ServedMinute], least_errors: int = MIN_OUTAGE_ERRORS) -> BakeEvidence:
        """Returns the bake with the stable version's minutes, which are read once.

        If an outage has begun (see ``alias_past.outage``, which takes ``least_errors``), earlier minutes are left out.
        """
        if self.before is not None:
            return self
        in_order = sorted((minute for minute in minutes if minute.is_whole), key=lambda minute: minute.began)
        newest_first = [*(outage(in_order, least_errors) or in_order)][::-1]
        return BakeEvidence(tuple((each.invocations, each.errors) for each in newest_first[:_MAX_PAIRS]))

    def after(self, minutes: Iterable[ServedMinute], history: History) -> BakeEvidence:
        """Returns the bake with the canary's ``minutes``, in order; minutes judged before change nothing."""
        found = self
        for minute in minutes:
            is_new = minute.is_whole and found.judgement.is_new(minute.began)
            if found.before is not None and found.is_open and is_new:
                stable = found.before[found.judgement.evidence.minutes]
                pair = CountedMinute(minute.began, Minute(minute.invocations, minute.errors, *stable))
                # Where errors are few, ``is_worse`` asks the runs of minutes as well, in place of the power.
                power = 1.0 if history.kind is Kind.THIN else history.power
                judged = found.judgement.after([pair], Worth(power, MAX_UNIT))
                found = BakeEvidence(found.before, judged, found.runs.after(_alone(minute, history), history))
        return found

    def is_worse(self, significance: float, history: History) -> bool:
        """Is the canary proved to fail more often than the stable version did?"""
        is_proved = self.judgement.is_worse(significance)
        return is_proved and (history.kind is not Kind.THIN or self.runs.runs_odds >= _RUNS_AT_LEAST)

    def in_words(self, canary: str | None, stable: str | None) -> str:
        """Returns counts, rates and evidence for people, and a warning that outside changes would look the same."""
        return (
            f"{self.judgement.in_words(canary, stable, 'as many')} (compared with before the promotion:"
            " a change from outside would look the same)"
        )


def _alone(minute: ServedMinute, history: History) -> Unit:
    load = minute.invocations / history.requests if history.requests else 1.0
    return Unit(minute.errors, 0, weight=1.0, load=load)
