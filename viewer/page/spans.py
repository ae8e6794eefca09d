"""Times as people say them: "3 min", "in 12 s", "14:05"."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def span(time: timedelta) -> str:
    """Returns the largest unit, and the next one where the first is small: "2 h 5 min", "42 s"."""
    seconds = max(int(time.total_seconds()), 0)
    for place, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            rest = seconds % size
            smaller, name = _UNITS[min(place + 1, len(_UNITS) - 1)]
            more = f" {rest // smaller} {name}" if seconds < 10 * size and rest >= smaller and size > 1 else ""
            return f"{seconds // size} {unit}{more}"
    return "0 s"


def ago(then: datetime | None, now: datetime) -> str:
    """Returns "3 min ago", empty for no time."""
    return f"{span(now - then)} ago" if then else ""


def until(then: datetime | None, now: datetime) -> str:
    """Returns "until 14:05:10 UTC", with the day where it is another one; empty for no time."""
    if then is None:
        return ""
    day = "" if then.date() == now.date() else f"{then:%Y-%m-%d} "
    return f"until {day}{then:%H:%M:%S} UTC"


def clock(then: datetime | None) -> str:
    return f"{then:%H:%M:%S}" if then else ""
