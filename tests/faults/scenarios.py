"""The stories that are told with every call going wrong in every way.

What a newcomer would get wrong: only what happens after all that is given is swept. A story that begins in the middle
of a deployment says so in ``given``: the calls before are those of "good canary promoted".
"""

from __future__ import annotations

from controller.core.model import Phase
from tests.cloud.steps import Ask, Behave, Drop, Ends, Live, Scenario, Traffic, Until
from tests.faults.arrivals import ARRIVALS
from tests.faults.ends import BACK, GOOD, JUDGED, LONG_BAKE, REFUSED
from tests.faults.own import STOPS_STARTING
from tests.faults.traffic import TRAFFIC

FIRST_DEPLOYMENT = Scenario(
    "first deployment",
    when=(Drop("v1"),),
    then=Ends(Phase.SUCCEEDED, "1"),
    or_else=(Ends(Phase.FAILED, None),),
)
GOOD_CANARY = Scenario(
    "good canary promoted",
    given=(Live("v1"),),
    when=(Drop("v2"),),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
ALARM_IN_THE_SHIFT = Scenario(
    "alarm in the shift",
    given=(Live("v1"), Drop("v2"), Until(Phase.SHIFTING)),
    when=(Behave("v2", error="ValueError"),),
    then=BACK,
    or_else=(REFUSED,),
)
ALARM_IN_THE_BAKE = Scenario(
    "alarm in the bake",
    given=(Live("v1"), Drop("v2", LONG_BAKE), Until(Phase.BAKING)),
    when=(Behave("v2", error="ValueError"),),
    then=BACK,
    or_else=(REFUSED,),
)
JUDGES_VERDICT = Scenario(
    "judge's verdict",
    given=(Live("v1"), Traffic(300), Drop("v2", JUDGED), Until(Phase.SHIFTING)),
    when=(Behave("v2", error="ValueError", share=0.06),),
    then=BACK,
    or_else=(REFUSED,),
)
ROLLBACK_REQUEST = Scenario(
    "rollback request",
    given=(Live("v1"), Drop("v2"), Until(Phase.SHIFTING)),
    when=(Ask("rollback"),),
    then=BACK,
    or_else=(REFUSED,),
)
ALL = (
    FIRST_DEPLOYMENT,
    GOOD_CANARY,
    ALARM_IN_THE_SHIFT,
    ALARM_IN_THE_BAKE,
    JUDGES_VERDICT,
    ROLLBACK_REQUEST,
    *TRAFFIC,
    *ARRIVALS,
    *STOPS_STARTING,
)
