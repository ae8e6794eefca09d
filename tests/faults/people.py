"""Stories in which a person moves traffic: to the next step, to a version of before, in a drill."""

from __future__ import annotations

from dataclasses import replace

from controller.core.model import Cause, Phase
from tests.cloud.steps import Ask, Behave, Drop, Ends, HasAlarm, Live, Minutes, Scenario, Step, Unheard, Until
from tests.cloud.steps_at_any_time import Asks
from tests.cloud.upload_steps import AllEnd, LostUpload, Redrives
from tests.faults.arrivals import ASKED_BACK, AT_ONCE, PROMOTED
from tests.faults.ends import BACK, GOOD, LONG_BAKE, REFUSED
from tests.faults.traffic import BLOCKED, QUEUE

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

DRILL = Scenario(
    "drill",
    given=(Live(),),
    when=(Ask("drill"), Until(Phase.ROLLED_BACK)),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.DRILL),
    or_else=(REFUSED, BACK),
)
DRILL_WITHOUT_EVENTS = Scenario(
    "drill whose alarm nobody hears",
    given=(Live(), Ask("drill"), Unheard()),
    when=(Until(Phase.ROLLED_BACK),),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.DRILL),
)
BY = {"who": "alice", "why": "outage"}
FROZEN: tuple[Step, ...] = (Ask("freeze", {"scope": "all", **BY}), Minutes(6))
UNFROZEN = Ask("unfreeze", {"scope": "all", **BY})
DROP_UNDER_A_FREEZE = Scenario(
    "drop under a freeze that is lifted",
    given=(Live(), Ask("freeze", {"scope": "all", **BY})),
    when=(Drop("v2", AT_ONCE), Minutes(2), UNFROZEN),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
FREEZE_IN_THE_SHIFT = Scenario(
    "freeze in the shift, and lifted",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING)),
    when=(*FROZEN, UNFROZEN),
    then=GOOD,
    or_else=(BACK,),
)
ALARM_UNDER_A_FREEZE = Scenario(
    "alarm under a freeze",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING), *FROZEN),
    when=(Behave("v2", error="ValueError"),),
    then=BACK,
)
ROLLBACK_UNDER_A_FREEZE = replace(ALARM_UNDER_A_FREEZE, name="rollback request under a freeze", when=(Ask("rollback"),))
OVERRIDE_OF_A_FREEZE = Scenario(
    "override of a freeze, twice",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING), *FROZEN),
    when=(Ask("override", {"freeze": True, **BY}), Asks("override", {"freeze": True, **BY})),
    then=GOOD,
    or_else=(BACK,),
)
FREEZE_IN_PLACE_OF_ANOTHER = Scenario(
    "freeze in place of another that is heard again",
    given=(Live(), Ask("freeze", {"scope": "all", "id": "one", **BY})),
    when=(
        Ask("freeze", {"scope": "all", "id": "two", **BY}),
        Asks("freeze", {"scope": "all", "id": "one", **BY}),
        UNFROZEN,
        Drop("v2", AT_ONCE),
    ),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
OVERRIDE_OF_AN_ALARM = Scenario(
    "override of an alarm that is red before the start, twice",
    given=(Live(), HasAlarm(QUEUE, "ALARM"), Drop("v2", BLOCKED), Minutes(1)),
    when=(Ask("override", {"alarm": QUEUE, **BY}), Asks("override", {"alarm": QUEUE, **BY})),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
LOST_UPLOAD = Scenario(
    "dead letter of an upload, redriven",
    given=(Live(), LostUpload("v2")),
    when=(Redrives(),),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
FREEZES = (
    DROP_UNDER_A_FREEZE,
    FREEZE_IN_THE_SHIFT,
    ALARM_UNDER_A_FREEZE,
    ROLLBACK_UNDER_A_FREEZE,
    OVERRIDE_OF_A_FREEZE,
    FREEZE_IN_PLACE_OF_ANOTHER,
)

PEOPLE = (
    *FREEZES,
    OVERRIDE_OF_AN_ALARM,
    LOST_UPLOAD,
    NEXT_STEP,
    TO_A_VERSION,
    TO_A_DEPLOYMENT,
    DRILL,
    DRILL_WITHOUT_EVENTS,
)
