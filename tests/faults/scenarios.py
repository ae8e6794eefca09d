"""The stories that are told with every call going wrong in every way.

Note: only what happens after all that is given is swept. A story that begins in the middle of a deployment says so in
``given``: the calls before are those of "good canary promoted".
"""

from __future__ import annotations

from dataclasses import replace

from controller.core.model import Phase
from tests.cloud.steps import Ask, Behave, Drop, Ends, Live, Minutes, Scenario, Traffic, Until
from tests.faults import among_others, arrivals, people, traffic
from tests.faults.ends import BACK, GOOD, JUDGED, LONG_BAKE, REFUSED
from tests.faults.own_version import STOPS_STARTING

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
    given=(Live("v1"), Traffic(300), Minutes(60), Drop("v2", JUDGED), Until(Phase.SHIFTING)),
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
GOOD_CANARY_IN_SHORT = replace(GOOD_CANARY, name="good canary in short", when=(Drop("v2", traffic.SHORT),))
ONE_OF_EACH_KIND = (
    FIRST_DEPLOYMENT,
    traffic.ALARM_AT_THE_START,
    ALARM_IN_THE_SHIFT,
    traffic.ALARMS_DURING_THE_PROMOTION[2],
    arrivals.SUPERSEDE_IN_THE_BAKE,
    arrivals.QUARANTINED_BYTES,
    ROLLBACK_REQUEST,
    STOPS_STARTING[1],
    traffic.DRIFT_IN_THE_SHIFT,
    traffic.DRIFT_IN_A_ROLLBACK[0],
    traffic.HOOK_SAYS_NO,
    arrivals.PRUNING,
)
"""These are swept in ``make test``, where minutes count; ``make faults`` sweeps ALL."""
ALL = (
    FIRST_DEPLOYMENT,
    GOOD_CANARY,
    GOOD_CANARY_IN_SHORT,
    ALARM_IN_THE_SHIFT,
    ALARM_IN_THE_BAKE,
    JUDGES_VERDICT,
    ROLLBACK_REQUEST,
    *traffic.TRAFFIC,
    *people.PEOPLE,
    *arrivals.ARRIVALS,
    *among_others.AMONG_OTHERS,
    *STOPS_STARTING,
)
