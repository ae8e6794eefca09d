"""The facts read from AWS, and from the table, before deciding.

Note: None means "not read, or not readable", never "nothing there"; an empty value means nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from controller.core.model import ALL, Alias, Routing
from controller.core.model.freezes import Freeze
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.history import History
from controller.core.statistics.sequential_evidence import CountedMinute
from controller.core.statistics.shift import COMPLETE_AFTER, Past
from controller.core.statistics.slow_requests import Measure, Threshold


class AlarmState(Enum):
    """An alarm's state in CloudWatch; MISSING is an alarm that does not exist."""

    OK = "OK"
    FIRING = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    MISSING = "MISSING"

    @property
    def is_calm(self) -> bool:
        """Does the alarm exist and not fire? An alarm on a metric with points only during trouble is never OK."""
        return self in (AlarmState.OK, AlarmState.INSUFFICIENT_DATA)


UNREADABLE_TIMEOUT = timedelta(minutes=15)
"""How long unreadable or late facts hold a deployment before it goes on, or ``on_failure`` decides."""


@dataclass(frozen=True, slots=True)
class Throttles:
    """Throttled and served requests of the alias in the last minutes of a step."""

    throttled: int = 0
    served: int = 0
    minutes: int = 0

    @property
    def share(self) -> float:
        """The percentage of throttled requests."""
        return 100 * self.throttled / max(1, self.throttled + self.served)

    def is_over(self, limit: int) -> bool:
        """Were more requests throttled than ``limit`` hundredths of a percent?"""
        return self.throttled * ALL > limit * (self.throttled + self.served)


@dataclass(frozen=True, slots=True)
class DurationMetrics:
    """Durations and throttles, as far as a gate needs them.

    - ``thresholds``: those that can be set now.
    - ``minutes``: by measure, those not judged before.
    - ``spreads``: by measure, the variation in the day before.
    - ``settles_in``: how long after its end a minute may still change.
    """

    thresholds: tuple[Threshold, ...] = ()
    minutes: Mapping[Measure, tuple[CountedMinute, ...]] = field(default_factory=dict)
    throttles: Throttles = Throttles()
    spreads: Mapping[Measure, float] = field(default_factory=dict)
    settles_in: timedelta = COMPLETE_AFTER


@dataclass(frozen=True, slots=True)
class Observation:
    """The facts read from AWS before deciding; None stands for a fact not read, or not readable.

    - ``alias``: None only if the alias does not exist.
    - ``alarms``: ``unreadable`` tells a failed reading from an omitted one.
    - ``canary_invocations``: the canary's requests in this step.
    - ``minutes``: all of the shift so far, growing ones included.
    - ``past``, ``longest_timeout``: the history before the first percent, and the longest run time of a request.
    - ``ended``: all minutes of a finished shift.
    - ``before``, ``baked``: the stable version's last minutes before the promotion, and the canary's after it.
    - ``stable_before``: the stable version's traffic before the promotion, for the own alarm.
    - ``served``: the alias's minutes in the bake and in the two hours before.
    - ``durations``: durations and throttles.
    - ``metrics``, ``histories``: the minutes of each team metric, and its day before; empty if not read.
    - ``requests``: the canary's requests since the first percent.
    - ``freezes``: those over the target now, the shipping windows' own among them.
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
    freezes: tuple[Freeze, ...] | None = ()

    @property
    def routing(self) -> Routing | None:
        """The alias's routing, None if the alias does not exist."""
        return self.alias.routing if self.alias else None
