"""Moments are aware UTC times; durations are written for people as "1h5m"."""

from __future__ import annotations

from datetime import datetime, timedelta


def span(time: timedelta) -> str:
    """Writes a duration for people: "1h5m", "90s" as "1m30s", "0s"."""
    seconds = max(0, round(time.total_seconds()))
    parts = ((seconds // 86400, "d"), (seconds % 86400 // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def written(moment: datetime | None) -> str | None:
    """Writes a time for people and programs, in whole seconds: "2026-11-24T10:00:00+00:00"; None stays None."""
    return moment.isoformat(timespec="seconds") if moment else None


def require_aware(moment: datetime) -> None:
    """Raises ValueError for a time that is not aware UTC."""
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"not an aware UTC time: {moment!r}")
