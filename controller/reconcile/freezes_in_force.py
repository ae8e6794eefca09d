"""The freezes in force now, and that outside of the shipping windows; read once for all targets of a few seconds.

Note: freezes that cannot be read are None, which holds whatever would go forward. An alarm or a rollback never asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from controller.context import Context
from controller.core.model import Refused, Target, Transient

if TYPE_CHECKING:
    from controller.core.model.freezes import Freeze

_NEWS = timedelta(seconds=10)
"""The greatest age of the freezes that a look goes by: a tick may take minutes, and a person may freeze meanwhile."""


class FreezesInForce:
    """Reads the freezes, and remembers them for a few seconds."""

    def __init__(self, context: Context) -> None:
        self._aws = context.aws
        self._clock = context.clock
        self._windows = context.settings.shipping_windows
        self._known: tuple[datetime, tuple[Freeze, ...] | None] | None = None
        self._told: set[Target] = set()

    def forget(self) -> None:
        """Begins another event, which reads anew."""
        self._known = None

    def over(self, target: Target, *, again: bool = True) -> tuple[Freeze, ...] | None:
        """Returns the freezes over a target, None if they cannot be read. A second look at a target reads anew, unless
        ``again`` is False.
        """
        now = self._clock()
        if self._known is None or now - self._known[0] >= _NEWS or (again and target in self._told):
            self._known, self._told = (now, self.everywhere()), set()
        self._told.add(target)
        found = self._known[1]
        return None if found is None else tuple(each for each in found if each.scope.covers(target))

    def everywhere(self) -> tuple[Freeze, ...] | None:
        """Returns all freezes in force, None if they cannot be read."""
        try:
            found = self._aws.store.freezes()
        except (Transient, Refused):
            return None
        return (*found.in_force(self._clock()), *self.by_windows())

    def by_windows(self) -> tuple[Freeze, ...]:
        """Returns the freeze that the stack's parameter makes now, empty without one."""
        if not self._windows:
            return ()
        from controller.core.model.freezes.shipping_windows import closed_for, parse  # late: an alarm does without it

        try:
            closed = parse(self._windows, _zone).freeze(self._clock())
        except ValueError as problem:
            closed = closed_for(str(problem))
        return (closed,) if closed else ()


def _zone(name: str) -> tzinfo | None:
    """Returns a zone of the IANA list.

    From dateutil, which botocore brings along with the list: Lambda's images did not always have one, and zoneinfo has
    none of its own. Source: aws-lambda-dotnet #1620, 2026-11.
    """
    from dateutil import tz

    try:
        zone = tz.gettz(name)
    except ValueError:  # the name is the path of some file
        return None
    return zone if isinstance(zone, tzinfo) else None
