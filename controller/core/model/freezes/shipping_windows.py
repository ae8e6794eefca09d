"""Weekly shipping windows: outside of them a freeze of all targets is in force, which ends with the next window.

    Mon-Thu 09:00-16:00 Europe/Berlin; Fri 09:00-12:00 Europe/Berlin

Rules of the file:

- a window belongs to the day on which it begins; ``22:00-02:00`` ends on the next day, and ``00:00-24:00`` is the whole
  day;
- the clocks are those of the zone. A time that a change of the clocks leaves out counts as the zone's data say, and a
  time that comes twice is the first of the two;
- zones are values from outside, so that the core reads no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from controller.core.model.freezes import ALL_TARGETS, Freeze, Scope

PARAMETER = "the stack's parameter ShippingWindows"
EXAMPLE = "Mon-Thu 09:00-16:00 Europe/Berlin; Fri 09:00-12:00 Europe/Berlin"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = timedelta(days=1)
_WINDOW = re.compile(
    r"(?P<days>[A-Z][a-z]{2}(?:[-,][A-Z][a-z]{2})*) +(?P<from>\d{2}:\d{2})-(?P<to>\d{2}:\d{2})"
    r" +(?P<zone>[A-Za-z0-9_+/-]+)"
)
_LOOKS_FAR = 15
"""Days: a window that a change of the clocks swallows comes again a week later."""
ZoneOf = Callable[[str], tzinfo | None]


@dataclass(frozen=True, slots=True)
class _Window:
    """One window: minutes from midnight, on each of these weekdays, Monday is 0."""

    days: frozenset[int]
    begins: int
    ends: int
    zone: tzinfo

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Returns the window that begins on this day of its zone, in UTC; None on another weekday."""
        if day.weekday() not in self.days:
            return None
        lasts_till = day + _DAY if self.ends <= self.begins else day
        return self._moment(day, self.begins), self._moment(lasts_till, self.ends)

    def _moment(self, day: date, minutes: int) -> datetime:
        later, rest = divmod(minutes, 24 * 60)
        day += later * _DAY
        return datetime(day.year, day.month, day.day, *divmod(rest, 60), tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class ShippingWindows:
    """All windows; without one there is never a freeze by them."""

    windows: tuple[_Window, ...] = ()

    def freeze(self, now: datetime) -> Freeze | None:
        """Returns the freeze that is in force outside of the windows, None inside of one."""
        if not self.windows:
            return None
        spans = [*self._spans(now)]
        if any(begins <= now < ends for begins, ends in spans):
            return None
        closed_since = max(ends for _, ends in spans if ends <= now)
        opens = min(begins for begins, ends in spans if begins > now and ends > begins)
        return Freeze(Scope(ALL_TARGETS), closed_since, opens, PARAMETER, "outside of the shipping windows")

    def _spans(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        for window in self.windows:
            today = now.astimezone(window.zone).date()
            for days in range(-_LOOKS_FAR, _LOOKS_FAR + 1):
                span = window.on(today + days * _DAY)
                if span:
                    yield span


def parse(text: str, zone_of: ZoneOf) -> ShippingWindows:
    """Returns the windows of the parameter, none for an empty text. Raises ValueError, which says what is allowed.

    ``zone_of`` returns the zone of a name of the IANA list, None for an unknown one.
    """
    return ShippingWindows(tuple(_window(part.strip(), zone_of) for part in text.split(";") if part.strip()))


def closed_for(problem: str) -> Freeze:
    """Returns the freeze in force while the parameter cannot be read: nobody can tell when it is allowed to ship."""
    return Freeze(
        Scope(ALL_TARGETS), datetime.fromtimestamp(0, UTC), None, PARAMETER, f"{problem}; correct the parameter"
    )


def _window(text: str, zone_of: ZoneOf) -> _Window:
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f"found {text!r}, allowed: windows such as {EXAMPLE}")
    zone = zone_of(found["zone"])
    if zone is None:
        raise ValueError(
            f"found the time zone {found['zone']} in {text!r}, allowed: a name such as Europe/Berlin or UTC"
        )
    begins, ends = _minutes(found["from"], text), _minutes(found["to"], text)
    if begins in (ends, 24 * 60):
        raise ValueError(f"found {text!r}, allowed: a window that lasts; 00:00-24:00 is the whole day")
    return _Window(frozenset(_weekdays(found["days"], text)), begins, ends, zone)


def _weekdays(text: str, window: str) -> Iterator[int]:
    """Yields the weekdays of "Mon-Thu", "Fri-Mon" and "Mon,Wed"."""
    for part in text.split(","):
        days = part.split("-")
        if not set(days) <= set(_DAYS) or len(days) > 2:
            raise ValueError(f"found {part} in {window!r}, allowed: days and spans of {', '.join(_DAYS)}")
        first, last = _DAYS.index(days[0]), _DAYS.index(days[-1])
        for later in range((last - first) % len(_DAYS) + 1):
            yield (first + later) % len(_DAYS)


def _minutes(text: str, window: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if hours * 60 + minutes > 24 * 60 or minutes > 59:
        raise ValueError(f"found {text} in {window!r}, allowed: 00:00 to 24:00")
    return hours * 60 + minutes
