"""Writes moments and how long things last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def clock(moment: datetime | None, now: datetime | None = None) -> str:
    """Writes a moment in UTC: the time alone if that is today, else the day, too."""
    if moment is None:
        return "-"
    at, today = moment.astimezone(UTC), now and now.astimezone(UTC).date()
    return f"{at:%H:%M:%SZ}" if at.date() == today else f"{at:%Y-%m-%d %H:%M:%SZ}"


def span(time: timedelta) -> str:
    """Writes how long something lasts, with its two largest units: 2d3h, 1h5m, 4m12s, 9s."""
    seconds = max(0, round(time.total_seconds()))
    units = ((seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    first = next((place for place, (count, _) in enumerate(units) if count), len(units) - 1)
    return "".join(f"{count}{unit}" for count, unit in units[first : first + 2] if count) or "0s"
