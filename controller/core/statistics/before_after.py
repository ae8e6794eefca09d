"""The evidence of the bake: the canary alone serves, so it is compared with what the stable version did before.

Each complete minute of the bake is paired with one minute of the stable version before the promotion, the first with
the last, the second with the one before, and a pair is judged as ``sequential_evidence`` judges a minute in which both
served. What a pair is worth follows from the alias's day before: where errors come in bursts, less. Where the alias
hardly ever fails, the runs of minutes with errors must speak against the canary, too.

Rules of the file: a minute of the stable version is used once, so the bound of ``sequential_evidence`` holds as long as
the minutes before and after are alike. At most an hour is compared: the further apart two minutes are, the less they
are alike.

Note: this comparison is confounded, and no statistics can mend that. A dependency that fails in the bake, or a rush
hour, looks exactly like a worse version; while both versions serve it hits both. That is why the manifest has a
significance of its own for the bake (``bake_significance``), which may only be the stricter one, and why the bake can
do without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.statistics import outage
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.error_evidence import UNIT_AT_MOST, Evidence, Unit
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sequential_evidence import CountedMinute, Judgement, Minute, Worth

LONGEST = timedelta(hours=1)
"""How far back the stable version's minutes are taken from, and so how long a bake is judged."""
_MOST_PAIRS = 60
_RUNS_AT_LEAST = 20.0
"""The odds by the runs of minutes with errors, where errors are too few to be compared by their number."""
_MINUTE = timedelta(minutes=1)
_ENOUGH_REQUESTS = 20
_ASSUMED_RATE = 0.4


@dataclass(frozen=True, slots=True)
class Before:
    """What the stable version served before the promotion, and how much of that failed."""

    requests: int
    errors: int

    @staticmethod
    def of(minutes: Iterable[ServedMinute]) -> Before:
        """Returns what these minutes came to."""
        served = list(minutes)
        return Before(sum(each.invocations for each in served), sum(each.errors for each in served))

    @property
    def is_enough(self) -> bool:
        """Are these requests enough to say how often the stable version fails?"""
        return self.requests >= _ENOUGH_REQUESTS

    @property
    def rate(self) -> float:
        """The error rate to compare the bake with, as a fraction: 0.05 after 1,000 requests with 50 errors.

        Where too few requests are known it is 0.4, which is not what the version does: with it the alarm fires only
        where more than 90 % of the requests fail.
        """
        return self.errors / self.requests if self.is_enough else _ASSUMED_RATE


NOTHING_KNOWN = Before(0, 0)
"""The alarm goes by this from the promotion until the stable version's rate is read."""


def before_promotion(
    minutes: Sequence[ServedMinute], serving_since: datetime, settled: datetime, least_errors: int
) -> Before:
    """Returns what the deployment's own alarm compares the bake with, of the stable version's ``minutes`` in order.

    It is all of them that ended by ``settled``, as those after it may still lack failures. Where the stable version
    failed oftener it is the shift, which began at ``serving_since``, or the outage that had begun: what goes on from
    there is not the new version's.
    """
    minutes = [minute for minute in minutes if minute.is_whole]
    every = Before.of(minutes)
    complete = Before.of([minute for minute in minutes if minute.began + _MINUTE <= settled])
    shift = Before.of([minute for minute in minutes if minute.began > serving_since - _MINUTE])
    lately = Before.of(outage.begun(minutes, least_errors))
    if lately.requests and every.is_enough:  # its few minutes may have few requests, and are known all the same
        lately = Before(every.requests, round(every.requests * lately.errors / lately.requests))
    usual = complete if complete.is_enough else every
    return max((usual, *(each for each in (shift, lately) if each.is_enough)), key=lambda each: each.rate)


@dataclass(frozen=True, slots=True)
class Bake:
    """The minutes of the stable version before, the last one first, and what the pairs so far came to.

    ``before`` is None until it was read. ``runs`` is the evidence of the canary's minutes by themselves.
    """

    before: tuple[tuple[int, int], ...] | None = None
    judgement: Judgement = field(default_factory=Judgement)
    runs: Evidence = field(default_factory=Evidence)

    @property
    def is_open(self) -> bool:
        """Is there still something to compare, or to read for that?"""
        return self.before is None or self.judgement.evidence.minutes < len(self.before)

    def with_before(self, minutes: Iterable[ServedMinute], least_errors: int = outage.LEAST_ERRORS) -> Bake:
        """Returns the bake with the stable version's minutes; they are read once. Of an outage that had begun, as
        ``outage`` knows it by ``least_errors``, no minute from before it is taken.
        """
        if self.before is not None:
            return self
        in_order = sorted((minute for minute in minutes if minute.is_whole), key=lambda minute: minute.began)
        newest_first = [*(outage.begun(in_order, least_errors) or in_order)][::-1]
        return Bake(tuple((each.invocations, each.errors) for each in newest_first[:_MOST_PAIRS]))

    def after(self, minutes: Iterable[ServedMinute], history: History) -> Bake:
        """Returns the bake with these minutes of the canary, in order; one that was judged before changes nothing."""
        found = self
        for minute in minutes:
            is_new = minute.is_whole and found.judgement.is_new(minute.began)
            if found.before is not None and found.is_open and is_new:
                stable = found.before[found.judgement.evidence.minutes]
                pair = CountedMinute(minute.began, Minute(minute.invocations, minute.errors, *stable))
                # Where errors are few, ``is_worse`` asks the runs of minutes as well, in place of the power.
                power = 1.0 if history.kind is Kind.THIN else history.power
                judged = found.judgement.after([pair], Worth(power, UNIT_AT_MOST))
                found = Bake(found.before, judged, found.runs.after(_alone(minute, history), history))
        return found

    def is_worse(self, significance: float, history: History) -> bool:
        """Is the evidence enough to say that the canary fails more often than the stable version did?"""
        is_proved = self.judgement.is_worse(significance)
        return is_proved and (history.kind is not Kind.THIN or self.runs.runs_odds >= _RUNS_AT_LEAST)

    def in_words(self, canary: str | None, stable: str | None) -> str:
        """Returns the counts, the rates and the evidence for people, and what else might be the cause."""
        return (
            f"{self.judgement.in_words(canary, stable, 'as many')} (compared with before the promotion:"
            " a change from outside would look the same)"
        )


def _alone(minute: ServedMinute, history: History) -> Unit:
    load = minute.invocations / history.requests if history.requests else 1.0
    return Unit(minute.errors, 0, weight=1.0, load=load)
