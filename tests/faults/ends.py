"""How the stories of the sweep may end, and the manifests that several of them share."""

from __future__ import annotations

from controller.core.model import Phase
from tests.cloud.steps import Ends

GOOD, BACK = Ends(Phase.SUCCEEDED, "2"), Ends(Phase.ROLLED_BACK, "1")
REFUSED = Ends(Phase.FAILED, "1")
LONG_BAKE = {"strategy": {"steps": [{"weight": 20, "hold": "2m"}], "bake": "9m"}}
"""Longer than it takes until an alarm is heard of, also where each call of a minute is waited for in vain."""
JUDGED = {
    "strategy": {"steps": [{"weight": 50, "hold": "15m"}], "bake": "3m"},
    "gates": {"alarms": [], "errors": {"significance": 0.01}, "min_invocations": 0},
}
