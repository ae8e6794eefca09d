"""The alarms of a deployment: the one that is made for it alone, and what is remembered of those its manifest names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarms:
    """Which alarms guard the deployment, and which do not count now."""

    own: str
    """The name of the alarm that is made for this deployment alone."""
    own_made_at: datetime | None = None
    """When it was noted that its own alarm is there; None until then, and in records of older releases."""
    disarmed: frozenset[str] = frozenset()
    """Named alarms that were firing before the first percent moved and have not calmed down since."""
    overridden: frozenset[str] = frozenset()
    """Named alarms that a person lets the deployment start in spite of, though ``already_alarming`` is block."""
