"""The traffic of a deployment: its step, the routings that the alias may carry by Slipway's doing, and drift.

Traffic(step=1, expected_routings=(Routing("2", "3", 1000), Routing("2", "3", 5000)), since=..., confirmed_at=None)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.model.target import Routing


@dataclass(frozen=True, slots=True)
class Traffic:
    """How far the traffic has been moved, and what the alias was seen to carry."""

    step: int = 0
    """Index into the strategy's steps; it means something in SHIFTING only."""
    expected_routings: tuple[Routing, ...] = ()
    """What the alias may carry by Slipway's doing: the routing it was last seen to carry, and all wanted since."""
    since: datetime | None = None
    """When the first percent was about to move; an alarm from before that is not about this deployment."""
    confirmed_at: datetime | None = None
    """When the alias was seen to carry what this phase and step want; None until then."""
    drift: str = ""
    """The routing that somebody else gave the alias, in words; empty while it carries an expected one."""
    closing: bool = False
    """True when the bake is over and the way back is being disarmed."""
    turned_back_at: datetime | None = None
    """When the rollback was decided; None where there was none."""
    asleep: str = ""
    """Why the version that traffic went back to cannot serve yet, in words; empty while it can, or nobody looked."""

    def at_step(self, step: int) -> Traffic:
        """Returns the traffic of another step, which the alias was not seen to carry yet."""
        return replace(self, step=step, confirmed_at=None)

    def expecting(self, *routings: Routing) -> Traffic:
        """Returns the same with these routings expected, too."""
        return replace(self, expected_routings=(*self.expected_routings, *routings))

    def confirmed(self, routing: Routing, now: datetime) -> Traffic:
        """Returns the same once the alias was seen to carry ``routing``: no other one is expected any more."""
        return replace(self, expected_routings=(routing,), confirmed_at=now)

    def accepting(self, routing: Routing) -> Traffic:
        """Returns the same with a routing that drifted taken for right, because a person says so."""
        return replace(self, expected_routings=(routing,), drift="")

    def without_drift(self) -> Traffic:
        """Returns the same once the drift is over: the alias is to be seen to carry what is wanted anew."""
        return replace(self, drift="", confirmed_at=None)

    def turned_back(self, now: datetime, *expected: Routing) -> Traffic:
        """Returns the traffic of a rollback that begins now; ``expected`` is what the alias may carry until then."""
        return replace(self, expected_routings=expected, turned_back_at=now, drift="", closing=False)
