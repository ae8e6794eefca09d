"""What a test makes the embedded AWS do that nobody can ask of AWS: versions that cannot start, series that come late.

    faults.refusals[code_sha256] = "KMSAccessDeniedException"    no version with that code can be started
    faults.later["checkout", "1"] = 4.0                          points of what version 1 served, 4 seconds later

Nothing is injected unless a test says so, and each test names functions of its own. Pure: ``rules.lambda_.starts``,
``lambda_invocations.metrics`` and ``cloudwatch.metric_reads`` ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Faults:
    """What is injected now.

    ``refusals`` are errors of Invoke by CodeSha256. ``later`` are seconds of the wall clock, by function and version.
    ``by_version_with_weights_only`` are functions whose aliases have series by version only while they have weights.
    Trimmed statistics of the functions in ``untrimmed`` have no points.
    """

    refusals: dict[str, str] = field(default_factory=dict)
    later: dict[tuple[str, str], float] = field(default_factory=dict)
    by_version_with_weights_only: set[str] = field(default_factory=set)
    untrimmed: set[str] = field(default_factory=set)

    def seconds_later(self, dimensions: Mapping[str, str]) -> float:
        """Returns how much later than others the points of these dimensions come."""
        return self.later.get((dimensions.get("FunctionName", ""), dimensions.get("ExecutedVersion", "")), 0.0)


faults = Faults()
"""Those of the one embedded AWS of this process."""
