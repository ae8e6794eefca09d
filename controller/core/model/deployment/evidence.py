"""The evidence about the canary: its tests, its hooks, and the counts behind the gates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from controller.core.model.deployment.hook_run import HookRun
from controller.core.statistics.before_after import BakeEvidence, ServedBefore
from controller.core.statistics.sample_ratio import SampleRatio
from controller.core.statistics.shift import Past, Shift
from controller.core.statistics.slow_requests import SlowRequests


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """The result of one test; ``why`` is empty if it passed and never contains a value of the response.

    ``runs`` counts the checked runs; ``seconds`` is the time of the slowest.
    """

    __test__ = False

    name: str
    passed: bool
    seconds: float
    why: str = ""
    runs: int = 1


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """The evidence of one of a team's own metrics, in the form of Lambda's own counts."""

    shift: Shift = field(default_factory=Shift)
    bake: BakeEvidence = field(default_factory=BakeEvidence)

    def with_past(self, past: Past) -> MetricEvidence:
        """Returns the same with the history before the first percent; it is read once."""
        return self if self.shift.past else replace(self, shift=replace(self.shift, past=past))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence from tests, hooks and counts so far."""

    tests: tuple[TestOutcome, ...] = ()
    hooks: tuple[HookRun, ...] = ()
    """Every hook asked so far, oldest first; one entry per point and step."""
    longest_timeout: timedelta | None = None
    """The longest run time of a request of either version; None until the shift's first look, and in older records."""
    shift: Shift = field(default_factory=Shift)
    """The error gate's findings while both versions served."""
    sample_ratio: SampleRatio = field(default_factory=SampleRatio)
    """Both versions' requests in this step."""
    has_data: bool = False
    """Has any gate seen requests of both versions?"""
    slow_requests: tuple[SlowRequests, ...] = ()
    """The findings of the latency and timeout gates, one entry per threshold."""
    metrics: tuple[MetricEvidence, ...] = ()
    """The findings of the team's own metrics, in the manifest's order; empty before the first look."""
    stable_before: ServedBefore | None = None
    """The stable version's traffic before the promotion, for the own alarm; None until read, or given up."""
    bake: BakeEvidence = field(default_factory=BakeEvidence)
    """The error gate's findings in the bake."""
    unreadable_since: datetime | None = None
    """The time since which a gate's facts have been unreadable; None while all are readable."""

    @property
    def against_canary(self) -> int:
        """How many errors and slow requests of the canary have been counted, by all gates together."""
        metrics = (each.shift.seen.canary_errors + each.bake.judgement.canary_errors for each in self.metrics)
        slow = (each.judgement.canary_errors for each in self.slow_requests)
        errors = self.shift.seen.canary_errors + self.bake.judgement.canary_errors
        return errors + sum(metrics) + sum(slow)

    def adds_nothing_to(self, before: Evidence) -> bool:
        """Would the next look find the same from ``before``, by reading the same minutes?"""
        same = replace(self, shift=before.shift, sample_ratio=before.sample_ratio) == before
        return same and self.shift.adds_nothing_to(before.shift)
