"""Stories of a deployment among others: ticks look at all of them together."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.model import Phase
from controller.core.statistics.shift import Shift
from tests.builders import PAST, manifest
from tests.cloud.steps import Ask, Behave, Drop, Live, Minutes, MoveAlias, Scenario, Traffic, Until
from tests.cloud.story import Story
from tests.cloud.under_way import under_way
from tests.faults.ends import BACK, JUDGED
from tests.faults.traffic import KEPT

_COUNT = 6
"""One more than are looked at one by one."""
_LONG = {"strategy": {"steps": [{"weight": 10, "hold": "6h"}], "bake": "10m"}, "gates": {}, "deadline": "1d"}


@dataclass(frozen=True)
class AmongOthers:
    """Other functions have deployments that wait in their first step; each minute their error gates look."""

    def play(self, story: Story) -> bool:
        now = story.cloud.clock.now
        since = {"phase_since": now, "since": now, "confirmed_at": now}
        for number in range(_COUNT):
            function = f"checkup-{number}"
            shift = Shift(PAST).in_step(now, 1000)
            under_way(story.cloud, function, due=now, manifest=manifest(**_LONG), shift=shift, **since)
            story.cloud.lambda_.point(function, "previous", "2")
            story.cloud.counted[function, "live"] = {"2": (900, 0), "3": (100, 0)}
        story.loses_events()  # the uploads of the others were heard of before
        return True


@dataclass(frozen=True)
class OthersLeave:
    """The deployments of the other functions are gone, and with them what ticks look at together."""

    def play(self, story: Story) -> bool:
        for number in range(_COUNT):
            story.cloud.table.forget(f"checkup-{number}:live")
            del story.cloud.counted[f"checkup-{number}", "live"]
        return True


_IN_THE_SHIFT = (Live("v1"), Traffic(300), Minutes(60), Drop("v2", JUDGED), Until(Phase.SHIFTING), AmongOthers())
VERDICT = Scenario(
    "judge's verdict among others",
    given=_IN_THE_SHIFT,
    when=(Behave("v2", error="ValueError", share=0.06), Minutes(6), OthersLeave()),
    then=BACK,
)
MOVED = Scenario(
    "somebody else moves the alias among others",
    given=_IN_THE_SHIFT,
    when=(MoveAlias("1"), Minutes(2), OthersLeave(), Minutes(2), Ask("accept_drift")),
    then=KEPT,
)
AMONG_OTHERS = (VERDICT, MOVED)
