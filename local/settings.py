"""What can be set on the embedded AWS: how long its minute lasts.

AWS counts alarms, metrics and schedules in whole minutes. A demonstration cannot wait that long, so the embedded
AWS may be told that one of its minutes lasts two seconds. Durations of a manifest stay what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Settings:
    """How the embedded AWS keeps time. ``minute`` is in seconds of the wall clock; 60 is real time."""

    minute: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.minute <= 60:
            raise ValueError(f"minute must be over 0 and at most 60 seconds, not {self.minute}")

    def scaled(self, aws: timedelta) -> timedelta:
        """Returns the wall-clock time that ``aws``, a time counted in AWS's minutes, lasts here."""
        return aws * (self.minute / 60)
