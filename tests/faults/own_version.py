"""Stories in which the controller's own new version passes its tests and then cannot be started any more.

Note: whatever comes is handled by the version that the alias draws. So the broken version drops its share of the ticks,
and in the bake all of them: nothing goes on by itself then. What brings the old one back is the alarm, which is heard
by the version before, too.
"""

from __future__ import annotations

from controller.core.model import Phase
from tests.cloud.fault_steps import Before
from tests.cloud.steps import Behave, Drop, Live, Minutes, Scenario, Step, Until, UntilStep
from tests.cloud.upload_steps import AllEnd, IsTheController
from tests.faults.arrivals import ALARMED, LIVE_BACK

LONG_STEPS = {"strategy": {"steps": [{"weight": 10, "hold": "4m"}, {"weight": 50, "hold": "4m"}], "bake": "30m"}}


def _stops_starting(when: str, *until: Step) -> Scenario:
    """The controller's own new version is well until then. From then on nobody can start it, and its alias chooses it
    more and more often; in the bake, always.
    """
    return Scenario(
        f"the controller's own new version does not start {when}",
        given=(Live("v1"), IsTheController(), Drop("v2", LONG_STEPS), *until[:-1]),
        when=(until[-1],),
        then=AllEnd((ALARMED,), "1"),
        or_else=(LIVE_BACK,),
    )


DIES = Behave("v2", error="ImportError")
STOPS_STARTING = (
    _stops_starting("in the first step", UntilStep(1), DIES),
    _stops_starting("in the second step", UntilStep(2), DIES),
    _stops_starting("just after its promotion", UntilStep(2), Before("PutEvents", DIES)),
    _stops_starting("in its bake", Until(Phase.BAKING), Minutes(5), DIES),
)
