"""Which change of the controller is dropped beside which release of the function, and how both must end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from local.demo.releases import V1, V2, V3, V4, Release
from local.demo_self.changes import (
    CANNOT_ROLL_BACK,
    FAILS_ON_IMPORT,
    FAILS_ON_TICKS,
    GOOD,
    STOPS_STARTING,
    Change,
)

ALARMS = tuple(f"checkout-{of}" for of in ("errors", "unhappy", "complaints", "refunds", "returns", "calls"))
"""The team's own alarms on the function. Each that fires is heard by both versions of the controller; so many that a
minute has enough failures, however they fall.
"""


Ending = tuple[str, str]
"""A phase, and the cause."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One drop of the controller's package beside one of the function's. ``customers_wait`` until the new controller
    has all events.
    """

    change: Change
    release: Release
    controller: Ending
    function: Ending
    customers_wait: bool = False


PROMOTED, TEST_FAILED, BACK = ("SUCCEEDED", "promoted"), ("FAILED", "test_failed"), ("ROLLED_BACK", "alarm")


def _soon(release: Release) -> Release:
    return replace(release, steps=(50,), hold="1s", bake="1s")


DROPS = (
    Drop(GOOD, _soon(V1), PROMOTED, PROMOTED),
    Drop(FAILS_ON_IMPORT, _soon(V2), TEST_FAILED, PROMOTED),
    Drop(FAILS_ON_TICKS, _soon(V4), BACK, PROMOTED),
    Drop(CANNOT_ROLL_BACK, replace(V3, steps=(50,), hold="2m", alarms=ALARMS), BACK, BACK, customers_wait=True),
    Drop(STOPS_STARTING, _soon(V2), BACK, PROMOTED),
)
