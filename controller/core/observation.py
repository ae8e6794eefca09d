"""What was seen in AWS before deciding.

What a newcomer would get wrong: None is "not read, or not readable", never "nothing there"; an empty value is that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from controller.core.bake import ServedMinute
from controller.core.judge import CountedMinute
from controller.core.model import Alias, Routing


class AlarmState(Enum):
    """What CloudWatch says of an alarm; MISSING is an alarm that does not exist."""

    OK = "OK"
    FIRING = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in AWS before deciding.

    ``alias`` is None where the alias does not exist. ``alarms`` is None where it was not, or could not be, read;
    ``unreadable`` tells the second from the first. ``canary_invocations`` is None where nobody asked CloudWatch for
    it. ``minutes`` are those that were not judged before, None where CloudWatch did not say. The bake is judged by
    ``before``, the stable version's last minutes before the promotion, None where they were not read, and by ``baked``,
    the canary's after it.
    """

    alias: Alias | None
    alarms: Mapping[str, AlarmState] | None = None
    unreadable: bool = False
    canary_invocations: int | None = None
    minutes: tuple[CountedMinute, ...] | None = ()
    before: tuple[ServedMinute, ...] | None = None
    baked: tuple[ServedMinute, ...] = ()

    @property
    def routing(self) -> Routing | None:
        """What the alias carries, None where it does not exist."""
        return self.alias.routing if self.alias else None
