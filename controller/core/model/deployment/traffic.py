"""A deployment's traffic: its step, the routings the alias may carry by Slipway's doing, and drift.

Example: Traffic(step=1, expected_routings=(Routing("2", "3", 1000), Routing("2", "3", 5000)), since=...,
confirmed_at=None)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core.model.target import Routing


@dataclass(frozen=True, slots=True)
class Traffic:
    """How far the traffic has moved, and which routing the alias was seen to carry."""

    step: int = 0
    """Index into the strategy's steps; meaningful in SHIFTING only."""
    expected_routings: tuple[Routing, ...] = ()
    """The routings the alias may carry by Slipway's doing: the last one seen, and all wanted since."""
    since: datetime | None = None
    """When the first percent was about to move; earlier alarms do not concern this deployment."""
    confirmed_at: datetime | None = None
    """When the alias was seen to carry the routing of this phase and step; None until then."""
    drift: str = ""
    """The routing that somebody else gave the alias, in words; empty while the alias carries an expected one."""
    closing: bool = False
    """True after the bake, until the alarms can no longer roll back."""
    turned_back_at: datetime | None = None
    """When the rollback was decided; None without one."""
    alarmed_at: datetime | None = None
    """When the alarm fired whose event turned traffic back; None if something else did."""
    back_at: datetime | None = None
    """When the alias was first seen back after the decision; None before, and without a rollback."""
    was_back: bool = False
    """Was the alias back before the record knew, so that nobody can tell how long that took?"""
    asleep: str = ""
    """Why the version that traffic went back to cannot serve yet, in words; empty if it can, or was not checked."""

    def at_step(self, step: int) -> Traffic:
        """Returns the traffic of another step, not yet seen on the alias."""
        return replace(self, step=step, confirmed_at=None)

    def expecting(self, *routings: Routing) -> Traffic:
        """Returns the same with these routings expected, too."""
        return replace(self, expected_routings=(*self.expected_routings, *routings))

    def confirmed(self, routing: Routing, now: datetime) -> Traffic:
        """Returns the same once the alias was seen to carry ``routing``, from now on the only expected one."""
        back_at = (self.back_at or now) if self.turned_back_at else None
        return replace(self, expected_routings=(routing,), confirmed_at=now, back_at=back_at)

    @property
    def restored_in(self) -> timedelta | None:
        """The time from the alarm, or from the decision without one, until the alias was seen back; None before, and if
        unknown.
        """
        if self.was_back:
            return None
        turned = self.alarmed_at or self.turned_back_at
        return max(self.back_at - turned, timedelta(0)) if self.back_at and turned else None

    def accepting(self, routing: Routing) -> Traffic:
        """Returns the same with an external routing accepted by a person."""
        return replace(self, expected_routings=(routing,), drift="")

    def without_drift(self) -> Traffic:
        """Returns the same after the drift, unconfirmed."""
        return replace(self, drift="", confirmed_at=None)

    def turned_back(self, now: datetime, *expected: Routing) -> Traffic:
        """Returns the traffic of a rollback that begins now; until then the alias may carry ``expected``."""
        return replace(self, expected_routings=expected, turned_back_at=now, drift="", closing=False)
