"""What hook functions answer, and deployments that wait for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller.core.model import Routing
from tests.cloud.scene import Scene, hooks

YES = {"status": "SUCCEEDED"}
NO = {"status": "FAILED", "reason": "3 of 40 checks"}
BUSY = {"status": "IN_PROGRESS", "reason": "12 of 40 checks"}
RAISES = ZeroDivisionError()
STABLE, SPLIT, HALF, CANARY = Routing("1"), Routing("1", "2", 1000), Routing("1", "2", 5000), Routing("2")
ALL_AT_ONCE = {"steps": [], "bake": "30m"}
ONE_STEP = {"steps": [{"weight": 10, "hold": "5m"}], "bake": "30m"}
FREEZES = {"on_failure": "freeze"}
POINTS = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")


def status(story: Scene) -> Mapping[str, Any]:
    found: Mapping[str, Any] = story.shown()
    return found


def at_last_step(story: Scene, *answers: Any, **manifest: Any) -> Scene:
    """The only step's hold is over, and before_promotion was called once."""
    section = hooks("before_promotion", wait="10m", then=manifest.pop("then", "rollback"))
    story.given_hook("before_promotion", *answers).drops("v2", strategy=ONE_STEP, **section, **manifest)
    return story.ticks(5)


def in_the_bake(story: Scene, *answers: Any, **manifest: Any) -> Scene:
    """The bake is over, and after_bake was called once."""
    section = hooks("after_bake", wait="10m", then=manifest.pop("then", "rollback"))
    story.given_hook("after_bake", *answers).drops("v2", strategy=ALL_AT_ONCE, **section, **manifest)
    return story.ticks(30)
