"""Reads members of a payload that may be anything; never raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

_MAX_SHOWN = 200


def at(value: object, *path: str) -> object:
    """Returns what lies at ``path`` of a JSON-like value, None if missing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(value: object, *path: str) -> str:
    """Returns the text at ``path``, empty if missing."""
    found = at(value, *path)
    # JSON can contain half a character; UTF-8 cannot.
    return found.encode("utf-8", "replace").decode("utf-8") if isinstance(found, str) else ""


def moment(written: str, now: datetime) -> datetime:
    """Reads ``2026-11-23T10:20:48Z`` and ``2026-11-23T10:20:48.554+0000``; other texts are ``now``."""
    try:
        read = datetime.fromisoformat(written)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now


def shown(found: str) -> str:
    """Returns a text that may be anybody's as one quoted line."""
    return ascii(found if len(found) <= _MAX_SHOWN else f"{found[:_MAX_SHOWN]}...")
