"""What was seen in AWS before deciding.

Note: None is "not read, or not readable", never "nothing there"; an empty value is that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from controller.core.model import ALL, Alias, Routing
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute
from controller.core.statistics.shift import COMPLETE_AFTER, Past
from controller.core.statistics.slow_requests import Measure, Threshold


class AlarmState(Enum):
    """What CloudWatch says of an alarm; MISSING is an alarm that does not exist."""

    OK = "OK"
    FIRING = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    MISSING = "MISSING"

    @property
    def is_calm(self) -> bool:
        """Does it exist and not fire? One whose metric has points only while something is wrong is never OK."""
        return self in (AlarmState.OK, AlarmState.INSUFFICIENT_DATA)


UNREADABLE_TIMEOUT = timedelta(minutes=15)
"""How long a deployment is held by what cannot be read, or comes late, before it goes on or ``on_failure`` decides."""


@dataclass(frozen=True, slots=True)
class Throttles:
    """How many requests for the alias were turned away, and how many were let in, in the last minutes of a step."""

    throttled: int = 0
    served: int = 0
    minutes: int = 0

    @property
    def share(self) -> float:
        """The percent of them that were turned away."""
        return 100 * self.throttled / max(1, self.throttled + self.served)

    def is_over(self, limit: int) -> bool:
        """Were more turned away than ``limit`` hundredths of a percent?"""
        return self.throttled * ALL > limit * (self.throttled + self.served)


@dataclass(frozen=True, slots=True)
class DurationMetrics:
    """What was seen of how long requests take and how many are turned away, as far as a gate goes by it.

    ``thresholds`` are those that can be set now, ``spreads`` what the day before says of them, and ``settles_in`` how
    long after its end a minute may still change. ``minutes`` are those that a measure has not judged before.
    """

    thresholds: tuple[Threshold, ...] = ()
    minutes: Mapping[Measure, tuple[CountedMinute, ...]] = field(default_factory=dict)
    throttles: Throttles = Throttles()
    spreads: Mapping[Measure, float] = field(default_factory=dict)
    settles_in: timedelta = COMPLETE_AFTER


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in AWS before deciding.

    ``alias`` is None where the alias does not exist. ``alarms`` is None where it was not, or could not be, read;
    ``unreadable`` tells the second from the first. ``canary_invocations`` is None where nobody asked CloudWatch for
    it. ``minutes`` are all of the shift so far, also those that still grow, None where CloudWatch did not say. ``past``
    is None where it was not, or could not be, read; ``ended`` are all minutes of a shift that is over, None likewise.
    The bake is judged by ``before``, the stable version's last minutes before the promotion, None where they were not
    read, and by ``baked``, the canary's after it. ``served`` is all that came through the alias in the bake and the two
    hours before it, None where CloudWatch did not say. ``stable_before`` is all that the stable version served before
    the promotion, None where that was not read. ``durations`` is None where they were to be read and could not be.
    ``requests`` are those that the canary has had since the first percent, None where they were not read, or CloudWatch
    did not say.
    ``longest_timeout`` is how long a request of either version may last, where ``past`` was read.
    ``metrics`` are the minutes of each of the team's own metrics, and ``histories`` what their day before was like;
    empty where they were not read.
    """

    alias: Alias | None
    alarms: Mapping[str, AlarmState] | None = None
    unreadable: bool = False
    canary_invocations: int | None = None
    minutes: tuple[CountedMinute, ...] | None = ()
    past: Past | None = None
    ended: tuple[CountedMinute, ...] | None = None
    before: tuple[ServedMinute, ...] | None = None
    stable_before: ServedBefore | None = None
    baked: tuple[ServedMinute, ...] = ()
    served: tuple[ServedMinute, ...] | None = ()
    durations: DurationMetrics | None = field(default_factory=DurationMetrics)
    metrics: tuple[tuple[CountedMinute, ...], ...] = ()
    histories: tuple[History, ...] = ()
    longest_timeout: timedelta | None = None
    requests: int | None = None

    @property
    def routing(self) -> Routing | None:
        """What the alias carries, None where it does not exist."""
        return self.alias.routing if self.alias else None
