"""What was seen of the canary: its tests, its hooks, and the requests and errors that the gates go by."""

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
    """How one test of the manifest went; ``why`` is empty where it passed and never holds a value of the response.

    ``runs`` are those that were made and looked at, ``seconds`` is how long the slowest of them took.
    """

    __test__ = False

    name: str
    passed: bool
    seconds: float
    why: str = ""
    runs: int = 1


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """What one of a team's own metrics has shown: the same as ``errors`` knows of Lambda's own counts."""

    shift: Shift = field(default_factory=Shift)
    bake: BakeEvidence = field(default_factory=BakeEvidence)

    def with_past(self, past: Past) -> MetricEvidence:
        """Returns the same with what came before the first percent; it is read once."""
        return self if self.shift.past else replace(self, shift=replace(self.shift, past=past))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tests, hooks and counts have said of the canary so far."""

    tests: tuple[TestOutcome, ...] = ()
    hooks: tuple[HookRun, ...] = ()
    """Every hook that was asked so far, oldest first; one for each point and step."""
    longest_timeout: timedelta | None = None
    """How long a request of either version may last; None until the first look of its shift, and in older records."""
    shift: Shift = field(default_factory=Shift)
    """What the error gate has seen while both versions served."""
    share: SampleRatio = field(default_factory=SampleRatio)
    """What both versions got in this step."""
    has_data: bool = False
    """Has any gate seen a request of the canary beside one of the stable version? Until then none has data."""
    slowness: tuple[SlowRequests, ...] = ()
    """What the gates of latency and timeouts have seen so far: one for each threshold that was set."""
    metrics: tuple[MetricEvidence, ...] = ()
    """What the team's own metrics have shown, in the order of the manifest; empty before the first look."""
    stable_before: ServedBefore | None = None
    """What the stable version served before the promotion, for its own alarm. None until that was read, or given up."""
    bake: BakeEvidence = field(default_factory=BakeEvidence)
    """What the error gate has seen in the bake."""
    unreadable_since: datetime | None = None
    """Since when a gate cannot read what it goes by; None while all can."""
