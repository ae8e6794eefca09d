"""Stories in which a person moves traffic: to the next step, to a version of before, in a drill."""

from __future__ import annotations

from controller.core.model import Phase
from tests.cloud.steps import Ask, Drop, Live, Scenario, Until
from tests.cloud.steps_at_any_time import Asks
from tests.cloud.upload_steps import AllEnd
from tests.faults.arrivals import ASKED_BACK, AT_ONCE, PROMOTED
from tests.faults.ends import BACK, GOOD, LONG_BAKE

NEXT_STEP = Scenario(
    "next step request, twice",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING)),
    when=(Ask("next", {"step": 1}), Ask("next", {"step": 2})),
    then=GOOD,
    or_else=(BACK,),
)

TWO_LIVE = (
    Live(),
    Drop("v2", AT_ONCE),
    Until(Phase.SUCCEEDED),
    Drop("v3", AT_ONCE, key="checkout/v3.zip"),
    Until(Phase.SUCCEEDED),
)
TO_A_VERSION = Scenario(
    "rollback request to a version of before, twice",
    given=TWO_LIVE,
    when=(Ask("rollback", {"to_version": "1"}), Asks("rollback", {"to_version": "1"})),
    then=AllEnd((PROMOTED, PROMOTED, ASKED_BACK), "1"),
)
TO_A_DEPLOYMENT = Scenario(
    "rollback request to a deployment of before",
    given=TWO_LIVE,
    when=(Ask("rollback", {"to": 1}),),
    then=AllEnd((PROMOTED, PROMOTED, ASKED_BACK), "2"),
)

PEOPLE = (NEXT_STEP, TO_A_VERSION, TO_A_DEPLOYMENT)
