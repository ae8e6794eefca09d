"""A drill: a shift of the bytes that serve, brought back by the deployment's own alarm, to rehearse the way back.

Example: Drill(description="checks out carts", alarm_at=..., back_at=..., heard=True)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Drill:
    """The state of a rehearsal."""

    description: str = ""
    """The function's description from before. AWS publishes the same code and settings once, so the drill's version
    needs a difference, and the description is one that changes nothing.
    """
    alarm_at: datetime | None = None
    """When the own alarm was about to be set to ALARM, for the last time; None before."""
    heard: bool | None = None
    """Did the alarm's event bring traffic back? None before, if the alarm could not be set, and if the drill was ended
    by something else.
    """
    back_at: datetime | None = None
    """When the alias was seen back on the stable version; None before."""

    @property
    def took(self) -> timedelta | None:
        """The time from the alarm until the alias was seen back, None before both."""
        return self.back_at - self.alarm_at if self.alarm_at and self.back_at else None
