"""What one of a team's own metrics has shown: in the shift, and in the bake."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from controller.core.statistics.before_after import BakeEvidence
from controller.core.statistics.shift import Past, Shift


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """The same as ``errors`` knows of Lambda's own counts."""

    shift: Shift = field(default_factory=Shift)
    bake: BakeEvidence = field(default_factory=BakeEvidence)

    def with_past(self, past: Past) -> MetricEvidence:
        """Returns the same with what came before the first percent; it is read once."""
        return self if self.shift.past else replace(self, shift=replace(self.shift, past=past))
