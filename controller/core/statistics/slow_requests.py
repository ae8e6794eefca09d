"""How a slower version is found out: a request over a threshold that was set before is judged as an error is.

    p50, p99    the stable version's own percentile of Duration in the hour before, for both versions
    timeouts    each version's own timeout

While both versions are as fast, the canary's share of the slow requests of a minute is hypergeometric wherever the
threshold lies, if it was set before the minute began. So the evidence of ``sequential_evidence`` holds here as it is:
it may be looked at every minute for ever, and a version that is as fast is rolled back with at most the significance.
p50 and p99 are two looks at the same requests, so each of them has half of the significance.

Slow requests come in bursts: one environment with a cold cache, one connection that hangs. All of a burst is on one
version, so a minute's evidence is taken to the power 1/spread, the spread of the day before. A latency that drifts, or
a dependency that slows both versions down, has a spread, too, and costs minutes, never a good release.

A minute is judged once it is complete. CloudWatch stamps a request with the minute in which it began, and has it when
it ended: a newest minute holds the fast requests alone, and the version that is faster at failing to be slow looks the
slower one. What is left out is chosen by how many requests the canary had, never by how slow they were.

Note: two percentiles are not compared, and a small slowdown is no proof. The smallest odds ratio that
``sequential_evidence`` looks for is 1.5, and what is less than half the way there does not become evidence: a version
that is over the old p50 in 53 of 100 requests (1.13) stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from controller.core.statistics.sequential_evidence import CountedMinute, Judgement, Worth
from controller.core.statistics.shift import COMPLETE_AFTER

_MINUTE = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)


class Measure(Enum):
    """What makes a request slow."""

    P50 = "p50"
    P99 = "p99"
    TIMEOUTS = "timeouts"


ENOUGH = {Measure.P50: 20, Measure.P99: 1_000}
"""How many requests a percentile must be of, 10 / (1 - percentile): the rule by which CloudWatch's alarms leave
percentiles of fewer alone. Source: CloudWatch user guide, percentile-based alarms and low data samples, 2026-11.
"""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a request of either version must take longer than to be slow."""

    measure: Measure
    canary_over: timedelta
    stable_over: timedelta

    @property
    def longest(self) -> timedelta:
        """How long a request may run before it can be known to be slow."""
        return max(self.canary_over, self.stable_over)


def timeouts(canary: timedelta, stable: timedelta) -> Threshold:
    """Returns the threshold of versions that may run so long: a request that is stopped there took a little longer."""
    return Threshold(Measure.TIMEOUTS, canary - _MILLISECOND, stable - _MILLISECOND)


@dataclass(frozen=True, slots=True)
class Slowness:
    """What one measure has shown so far.

    ``since`` is when the threshold was set; ``steps`` are when the step of the next minute, and those after it, were
    seen live; ``skipped`` is how many requests of the canary have been left out in that step. ``spread`` is how many
    times as much the share of slow requests varied from minute to minute in the day before as chance explains.
    ``settles_in`` is how long after its end a minute may still change. ``complete_at`` is when all requests of a shift
    that is over must have ended, None while it is not over, and where its last minutes are not judged.
    """

    threshold: Threshold
    since: datetime
    steps: tuple[datetime, ...]
    judgement: Judgement = field(default_factory=Judgement)
    skipped: int = 0
    spread: float = 1.0
    settles_in: timedelta = COMPLETE_AFTER
    complete_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a threshold is set in a step that was seen live")

    @property
    def measure(self) -> Measure:
        """What makes a request slow here."""
        return self.threshold.measure

    @property
    def next_after(self) -> datetime:
        """From when on minutes are wanted."""
        return self.judgement.until or self.since

    def wants(self, began: datetime) -> bool:
        """Is the minute new, and did it begin when the threshold was set already?"""
        return began >= self.since and self.judgement.is_new(began)

    def in_step(self, live_at: datetime) -> Slowness:
        """Returns the same with a step that was seen live, if it was not known yet."""
        return self if live_at in self.steps else replace(self, steps=(*self.steps, live_at))

    def after(self, minutes: Iterable[CountedMinute], skip: int) -> Slowness:
        """Returns the same with these minutes, in order, without the canary's first ``skip`` requests in each step."""
        found = self
        for minute in minutes:
            if found.wants(minute.began):
                found = found._with(minute, skip)
        return found

    def _with(self, minute: CountedMinute, skip: int) -> Slowness:
        reached = self._reaching(minute)
        if reached.skipped >= skip:
            worth = Worth(1 / self.spread)
            return replace(reached, judgement=reached.judgement.after([minute], worth))
        in_step = minute.counts.canary_invocations if minute.began >= reached.steps[0] else 0
        passed_over = replace(reached.judgement, until=minute.began)
        return replace(reached, judgement=passed_over, skipped=reached.skipped + in_step)

    def _reaching(self, minute: CountedMinute) -> Slowness:
        """A minute in which a step was seen live belongs to that step: sandboxes started cold in it."""
        place = sum(minute.began > live_at - _MINUTE for live_at in self.steps[1:])
        return replace(self, steps=self.steps[place:], skipped=0) if place else self

    def in_words(self, canary: str | None, stable: str | None) -> str:
        """Returns the counts, the shares and the evidence for people."""
        ours, theirs = self.judgement.shares
        return (
            f"version {canary} {self._what(stable)} in {ours} requests, version {stable} in {theirs} in the same"
            f" {minutes_in_words(self.judgement.evidence.minutes)}; the evidence that {canary} does so more often is"
            f" {self.judgement.odds} to 1"
        )

    def _what(self, stable: str | None) -> str:
        if self.measure is Measure.TIMEOUTS:
            return "ran into its timeout"
        over = milliseconds(self.threshold.canary_over)
        return f"was slower than {over:,.10g} ms, the {self.measure.value} of version {stable} before,"


def minutes_in_words(count: int) -> str:
    """Writes how many minutes for people: "the same 12 minutes", "the last minute"."""
    return "minute" if count == 1 else f"{count:,} minutes"


def milliseconds(time: timedelta) -> float:
    """Returns a time as Lambda counts it."""
    return round(time / _MILLISECOND, 3)
