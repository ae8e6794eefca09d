"""Reads and writes the JSON-like values that records are made of.

What a newcomer would get wrong: nothing is checked here. A record was written by Slipway, and a value of another shape
than was written is a fault that must be heard of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

Plain = Mapping[str, object]


def moment(at: datetime | None) -> str | None:
    """Returns a time as text."""
    return at.isoformat() if at else None


def read_moment(value: object) -> datetime | None:
    """Returns the time that ``moment`` wrote."""
    return datetime.fromisoformat(str(value)) if value else None


def seconds(time: timedelta | None) -> int | None:
    """Returns a duration as whole seconds."""
    return None if time is None else round(time.total_seconds())


def read_seconds(value: object) -> timedelta | None:
    """Returns the duration that ``seconds`` wrote."""
    return None if value is None else timedelta(seconds=integer(value))


def text(value: object) -> str | None:
    """Returns a text that may be missing."""
    return None if value is None else str(value)


def integer(value: object) -> int:
    """Returns a number; DynamoDB gives a Decimal for it."""
    return int(cast("int", value))


def members(value: object) -> list[object]:
    """Returns a list; one that is missing is empty."""
    return cast("list[object]", value or [])


def mapping(value: object) -> Plain:
    """Returns a mapping."""
    return cast("Plain", value)
