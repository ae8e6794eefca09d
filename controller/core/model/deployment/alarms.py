"""A deployment's own alarm, and the state of the alarms named in its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms guarding the deployment, and those without effect at present."""

    own: str
    """The name of the alarm made for this deployment alone."""
    own_made_at: datetime | None = None
    """When the own alarm was noted as made; None before, and in records of older releases."""
    disarmed: frozenset[str] = frozenset()
    """Named alarms that fired before the first percent moved and have not calmed down since."""
    overridden: frozenset[str] = frozenset()
    """Named alarms with ``already_alarming: block`` that a person has overridden for the start."""
