"""Reads members of an answer, which is JSON: a member that is missing, null or of another type is the empty value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

_LONGEST = 500
"""Characters of a text that the page shows: the whole page has to stay small, however long a reason is."""


class Part:
    """A JSON object of an answer."""

    def __init__(self, value: object) -> None:
        self._members: Mapping[str, object] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self._members)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def text(self, name: str) -> str:
        """Returns a text, also that of a number; empty if missing."""
        found = self._members.get(name)
        return _clipped(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""

    def number(self, name: str) -> float | None:
        found = self._members.get(name)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def count(self, name: str) -> int:
        return int(self.number(name) or 0)

    def is_true(self, name: str) -> bool:
        return self._members.get(name) is True

    def part(self, name: str) -> Part:
        return Part(self._members.get(name))

    def parts(self, name: str) -> tuple[Part, ...]:
        found = self._members.get(name)
        return tuple(Part(each) for each in found) if isinstance(found, list | tuple) else ()

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._members.get(name)
        return tuple(_clipped(each) for each in found) if isinstance(found, list | tuple) else ()

    def moment(self, name: str) -> datetime | None:
        """Returns a time, None for a text that is none."""
        try:
            return datetime.fromisoformat(self.text(name)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def _clipped(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
