"""The evidence that a version is slower: a request beyond a threshold set in advance counts as an error would.

    p50, p99    the stable version's percentile of Duration in the hour before, for both versions
    timeouts    each version's own timeout

If both versions are equally fast, the canary's share of a minute's slow requests is hypergeometric for any threshold
set before the minute. So the evidence of ``sequential_evidence`` holds: somebody may look every minute for ever, and an
equally fast version is rolled back with at most the significance. p50 and p99 look at the same requests twice, so each
has half of the significance.

Slow requests come in bursts: an environment with a cold cache, a hanging connection. A whole burst is on one version,
so a minute's evidence is taken to the power 1/spread, from the day before. Drifting latency, or a dependency that slows
down both versions, has a spread, too: it costs minutes, never a good release.

Minutes are judged once complete. CloudWatch stamps a request with the minute of its beginning and has it only after its
end, so the newest minute shows only fast requests, and a version whose slow requests fail early would look slower. The
requests to skip after a cold start are chosen by the canary's number of requests, never by their duration.

Note: this is no comparison of two percentiles, and a small slowdown is no proof. The smallest odds ratio that
``sequential_evidence`` looks for is 1.5, and less than half of that never becomes evidence: a version over the old p50
in 53 of 100 requests (odds ratio 1.13) stays.
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
    """The definition of a slow request."""

    P50 = "p50"
    P99 = "p99"
    TIMEOUTS = "timeouts"


ENOUGH = {Measure.P50: 20, Measure.P99: 1_000}
"""The fewest requests for a percentile, 10 / (1 - percentile): CloudWatch's own rule, below which its alarms ignore
percentiles. Source: CloudWatch user guide, percentile-based alarms and low data samples, 2026-11.
"""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The durations beyond which a request is slow, for each version."""

    measure: Measure
    canary_over: timedelta
    stable_over: timedelta

    @property
    def longest(self) -> timedelta:
        """The longest run time before a request is known to be slow."""
        return max(self.canary_over, self.stable_over)


def timeouts(canary: timedelta, stable: timedelta) -> Threshold:
    """Returns the threshold for versions with these timeouts; a request stopped at its timeout took a little longer."""
    return Threshold(Measure.TIMEOUTS, canary - _MILLISECOND, stable - _MILLISECOND)


@dataclass(frozen=True, slots=True)
class SlowRequests:
    """One measure's findings so far.

    - ``since``: when the threshold was set.
    - ``steps``: when the next minute's step, and the steps after it, were seen live.
    - ``skipped``: the canary requests left out in this step so far.
    - ``spread``: the variation of the slow share from minute to minute in the day before, relative to chance.
    - ``settles_in``: how long after its end a minute may still change.
    - ``complete_at``: when all requests of a finished shift must have ended; None during the shift, and if its last
      minutes are not judged.
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
        return self.threshold.measure

    @property
    def next_after(self) -> datetime:
        """The time from which further minutes are wanted."""
        return self.judgement.until or self.since

    def wants(self, began: datetime) -> bool:
        """Is the minute new, and did it begin after the threshold was set?"""
        return began >= self.since and self.judgement.is_new(began)

    def in_step(self, confirmed_at: datetime) -> SlowRequests:
        """Returns the same with a step seen live at ``confirmed_at``; a known step changes nothing."""
        return self if confirmed_at in self.steps else replace(self, steps=(*self.steps, confirmed_at))

    def after(self, minutes: Iterable[CountedMinute], skip: int) -> SlowRequests:
        """Returns the same with ``minutes``, in order, without the canary's first ``skip`` requests in each step."""
        found = self
        for minute in minutes:
            if found.wants(minute.began):
                found = found._with(minute, skip)
        return found

    def _with(self, minute: CountedMinute, skip: int) -> SlowRequests:
        reached = self._reaching(minute)
        if reached.skipped >= skip:
            worth = Worth(1 / self.spread)
            return replace(reached, judgement=reached.judgement.after([minute], worth))
        in_step = minute.counts.canary_invocations if minute.began >= reached.steps[0] else 0
        passed_over = replace(reached.judgement, until=minute.began)
        return replace(reached, judgement=passed_over, skipped=reached.skipped + in_step)

    def _reaching(self, minute: CountedMinute) -> SlowRequests:
        # A minute in which a step was seen live belongs to that step, because its execution environments started cold.
        place = sum(minute.began > confirmed_at - _MINUTE for confirmed_at in self.steps[1:])
        return replace(self, steps=self.steps[place:], skipped=0) if place else self

    def in_words(self, canary: str | None, stable: str | None) -> str:
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
    """Writes a number of minutes after "the same" or "the last": "12 minutes", "minute"."""
    return "minute" if count == 1 else f"{count:,} minutes"


def milliseconds(time: timedelta) -> float:
    """Returns a time in milliseconds, to the microsecond."""
    return round(time / _MILLISECOND, 3)
