"""Stories in which traffic is being shifted and something happens: an alarm, a person, a hook, drift.

Note: an alarm that fires *during* a promotion fires just before one of its calls. The minute that promotes is the one
after what is given, and these are its calls:

    Query, DescribeAlarms, GetAlias, GetItem, GetMetricData,
    PutItem (it is decided), PutMetricAlarm, PutEvents, Publish, PutItem (people were told), GetAlias, GetItem,
    UpdateAlias, GetAlias, GetItem, PutItem (the promotion was seen)
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.model import Cause, Phase
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import (
    Ask,
    Behave,
    Drop,
    Ends,
    Fire,
    HasAlarm,
    HookSays,
    Live,
    Minutes,
    MoveAlias,
    Scenario,
    Traffic,
    Until,
    UntilNoted,
    UntilStep,
)
from tests.faults.ends import BACK, GOOD, JUDGED, LONG_BAKE, REFUSED

QUEUE, OWN = "queue-age", "slipway/checkout/live/1"
ALARMED = Ends(Phase.ROLLED_BACK, "1", Cause.ALARM)
ASKED = Ends(Phase.ROLLED_BACK, "1", Cause.REQUESTED)
DENIED = Ends(Phase.ROLLED_BACK, "1", Cause.PUBLISH_FAILED)
"""AWS refused for good what the shift needs."""
KEPT = Ends(Phase.ROLLED_BACK, "1", Cause.DRIFT)
ONE_STEP = {"steps": [{"weight": 20, "hold": "1m"}], "bake": "1m"}
SHORT = {"strategy": ONE_STEP}
NO_GATES: Mapping[str, object] = {"alarms": [QUEUE], "errors": False, "min_invocations": 0}
NAMED = {"gates": NO_GATES}
SHORT_NAMED = {**SHORT, **NAMED}
AT_ONCE_NAMED = {"strategy": {"steps": [], "bake": "1m"}, **NAMED}
BLOCKED = {**SHORT, "gates": {**NO_GATES, "already_alarming": "block"}}
LONG_NAMED = {**LONG_BAKE, **NAMED}
FREEZES = {**SHORT_NAMED, "on_failure": "freeze"}


def _hook(point: str, strategy: Mapping[str, object] = ONE_STEP) -> Mapping[str, object]:
    return {"strategy": strategy, "hooks": {point: {"function": HookSays(point, "").function, "wait": "10m"}}}


def _approved(then: str) -> Mapping[str, object]:
    steps = [{"weight": 20, "hold": "1m"}, {"pause": "3m" if then == "rollback" else "1h", "then": then}]
    return {"strategy": {"steps": steps, "bake": "1m"}}


# -- an alarm, in each phase ------------------------------------------------------------------------------------------

RED_BEFORE_START = Scenario(
    "alarm that is red before the start blocks it",
    given=(Live(), HasAlarm(QUEUE, "ALARM"), Drop("v2", BLOCKED), Minutes(1)),
    when=(Fire(QUEUE, "OK"),),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
RED_BEFORE_START_AND_AGAIN = Scenario(
    "alarm that is red before the start counts once it was ok",
    given=(Live(), HasAlarm(QUEUE, "ALARM"), Drop("v2", NAMED), Until(Phase.SHIFTING)),
    when=(Fire(QUEUE, "OK"), Minutes(1), Fire(QUEUE)),
    then=ALARMED,
)
ALARM_WHILE_PREPARING = Scenario(
    "alarm while the version is published",
    given=(Live(), HasAlarm(QUEUE), FailsAt("PublishVersion", Fault.CRASH_AFTER), Drop("v2", AT_ONCE_NAMED)),
    when=(Fire(QUEUE),),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
ALARM_WHILE_TESTING = Scenario(
    "alarm while the version is tested",
    given=(Live(), HasAlarm(QUEUE), FailsAt("Invoke", Fault.CRASH_BEFORE), Drop("v2", AT_ONCE_NAMED)),
    when=(Before("DescribeAlarms", Fire(QUEUE)),),
    then=GOOD,
    or_else=(REFUSED, BACK),
)
ALARM_AT_THE_START = Scenario(
    "alarm just before the first percent",
    given=(Live(), HasAlarm(QUEUE), FailsAt("UpdateAlias", Fault.CRASH_BEFORE), Drop("v2", LONG_NAMED)),
    when=(Before("UpdateAlias", Fire(QUEUE)),),
    then=ALARMED,
    or_else=(DENIED,),
)
ALARM_IN_THE_LAST_STEP = Scenario(
    "alarm in the last step",
    given=(Live(), HasAlarm(QUEUE), Drop("v2", NAMED), UntilStep(2)),
    when=(Fire(QUEUE),),
    then=ALARMED,
)
JUDGES_VERDICT_IN_THE_BAKE = Scenario(
    "judge's verdict in the bake",
    given=(Live(), Traffic(300), Minutes(60), Drop("v2", {**JUDGED, **LONG_BAKE}), Until(Phase.BAKING)),
    when=(Behave("v2", error="ValueError", share=0.06),),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.ERRORS),
)


def _during_promotion(what: str, happens: Before) -> Scenario:
    return Scenario(
        f"alarm during the promotion, {what}",
        given=(Live(), HasAlarm(QUEUE), Drop("v2", LONG_NAMED), Minutes(2)),
        when=(Behave("v2", error="ValueError"), happens),
        then=ALARMED,
        or_else=(DENIED,),
    )


ALARMS_DURING_THE_PROMOTION = (
    _during_promotion("before the alias is read", Before("GetAlias", Fire(OWN))),
    _during_promotion("before it is decided", Before("PutItem", Fire(QUEUE))),
    _during_promotion("before traffic moves", Before("UpdateAlias", Fire(OWN))),
    _during_promotion("when traffic has moved", Before("GetAlias", Fire(OWN), nth=3)),
    _during_promotion("before it was seen", Before("PutItem", Fire(QUEUE), nth=3)),
    _during_promotion("heard of only afterwards", Before("UpdateAlias", Fire(OWN, heard=False))),
)

# -- a person asks ----------------------------------------------------------------------------------------------------

ROLLBACK_IN_THE_BAKE = Scenario(
    "rollback request in the bake",
    given=(Live(), Drop("v2", SHORT), Until(Phase.BAKING)),
    when=(Ask("rollback"),),
    then=ASKED,
)
ROLLBACK_WHILE_PAUSED = Scenario(
    "rollback request while paused",
    given=(Live(), Drop("v2", SHORT), Until(Phase.SHIFTING), Ask("pause"), Minutes(1)),
    when=(Minutes(1), Ask("rollback")),
    then=ASKED,
)
PROMOTE_REQUEST = Scenario(
    "promote request",
    given=(Live(), Drop("v2", LONG_BAKE), Until(Phase.SHIFTING)),
    when=(Ask("promote"), Ask("promote", {"phase": "BAKING"})),
    then=GOOD,
    or_else=(BACK,),
)
PAUSE_AND_RESUME = Scenario(
    "pause and resume",
    given=(Live(), Drop("v2", SHORT), Until(Phase.SHIFTING)),
    when=(Ask("pause"), Minutes(2), Ask("resume")),
    then=GOOD,
    or_else=(BACK,),
)
FROZEN_THEN_PROMOTED = Scenario(
    "frozen by an alarm and promoted by request",
    given=(Live(), HasAlarm(QUEUE), Drop("v2", FREEZES), Until(Phase.SHIFTING)),
    when=(Fire(QUEUE), UntilNoted("frozen"), Fire(QUEUE, "OK"), Ask("promote")),
    then=GOOD,
    or_else=(DENIED,),
)
FROZEN_TO_THE_END = Scenario(
    "frozen by an alarm that goes on firing and promoted to its end",
    given=(Live(), HasAlarm(QUEUE), Drop("v2", FREEZES), Until(Phase.SHIFTING), Fire(QUEUE), Minutes(1)),
    when=(Ask("promote"), UntilNoted("seen to carry version 2"), Ask("promote", {"phase": "BAKING"})),
    then=GOOD,
    or_else=(DENIED,),
)
FROZEN_THEN_RESUMED = Scenario(
    "frozen by an alarm and resumed by request",
    given=(Live(), HasAlarm(QUEUE), Drop("v2", FREEZES), Until(Phase.SHIFTING), Fire(QUEUE), Minutes(1)),
    when=(Fire(QUEUE, "OK"), Ask("resume")),
    then=GOOD,
    or_else=(DENIED,),
)
FROZEN_THEN_ROLLED_BACK = Scenario(
    "frozen by an alarm and rolled back by request",
    given=(Live(), HasAlarm(QUEUE), Drop("v2", FREEZES), Until(Phase.SHIFTING)),
    when=(Fire(QUEUE), UntilNoted("frozen"), Ask("rollback")),
    then=ASKED,
)
APPROVED = Scenario(
    "approval asked for and given",
    given=(Live(), Drop("v2", _approved("hold")), Until(Phase.SHIFTING)),
    when=(UntilNoted("waits for approval"), Ask("approve")),
    then=GOOD,
    or_else=(BACK,),
)
APPROVAL_DENIED = Scenario(
    "approval asked for and refused",
    given=(Live(), Drop("v2", _approved("hold")), Until(Phase.SHIFTING)),
    when=(UntilNoted("waits for approval"), Ask("deny")),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.DENIED),
)
UNANSWERED = Scenario(
    "approval asked for and nobody answers",
    given=(Live(), Drop("v2", _approved("rollback")), Until(Phase.SHIFTING)),
    when=(),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.UNANSWERED),
)

# -- somebody else moves the alias ------------------------------------------------------------------------------------

OLDER = (Live("v0"), Drop("v1", SHORT), Until(Phase.SUCCEEDED), Minutes(1))
"""There is a version 1 besides; version 2 serves."""
DRIFT_IN_THE_SHIFT = Scenario(
    "somebody else moves the alias in the shift",
    given=(Live(), Drop("v2", SHORT), Until(Phase.SHIFTING)),
    when=(MoveAlias("1"), Minutes(2), Ask("accept_drift")),
    then=KEPT,
)
DRIFT_IN_THE_BAKE = Scenario(
    "somebody else moves the alias in the bake",
    given=(*OLDER, Drop("v2", SHORT), Until(Phase.BAKING)),
    when=(MoveAlias("1"), Minutes(1), Ask("accept_drift")),
    then=KEPT,
)
DRIFT_TO_THE_CANARY = Scenario(
    "somebody else promotes the canary",
    given=(Live(), Drop("v2", SHORT), Until(Phase.SHIFTING)),
    when=(MoveAlias("2"), Minutes(1), Ask("accept_drift")),
    then=GOOD,
    or_else=(DENIED,),
)
DRIFT_THEN_ROLLBACK = Scenario(
    "somebody else moves the alias and a person asks for a rollback",
    given=(*OLDER, Drop("v2", SHORT), Until(Phase.SHIFTING)),
    when=(MoveAlias("1"), Minutes(1), Ask("rollback")),
    then=Ends(Phase.ROLLED_BACK, "2", Cause.REQUESTED),
)


def _in_a_rollback(what: str, operation: str) -> Scenario:
    return Scenario(
        f"somebody else moves the alias in a rollback, {what}",
        given=(*OLDER, Drop("v2", SHORT), Until(Phase.SHIFTING)),
        when=(
            Behave("v2", error="ValueError"), Before(operation, MoveAlias("1")), Fire("slipway/checkout/live/2"),
            Minutes(1), Ask("accept_drift"),
        ),
        then=KEPT,
    )  # fmt: skip


DRIFT_IN_A_ROLLBACK = (
    _in_a_rollback("before traffic is back", "UpdateAlias"),
    _in_a_rollback("when traffic is back", "GetFunction"),
)

# -- hooks, time and silence ------------------------------------------------------------------------------------------

HOOK_SAYS_NO = Scenario(
    "hook of a step says no",
    given=(Live(), HookSays("each_step", "FAILED", "3 of 40"), Drop("v2", _hook("each_step")), Until(Phase.SHIFTING)),
    when=(),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.HOOK),
)
HOOK_ANSWERS_LATE = Scenario(
    "hook before the promotion answers late",
    given=(
        Live(), HookSays("before_promotion", "IN_PROGRESS"), Drop("v2", _hook("before_promotion")),
        Until(Phase.SHIFTING),
    ),
    when=(UntilNoted("is called"), Minutes(1), HookSays("before_promotion", "SUCCEEDED")),
    then=GOOD,
    or_else=(BACK,),
)  # fmt: skip
HOOK_AFTER_THE_ROLLBACK = Scenario(
    "hook after the rollback",
    given=(
        Live(), HookSays("after_rollback", "SUCCEEDED"), Drop("v2", _hook("after_rollback")), Until(Phase.SHIFTING)
    ),
    when=(Ask("rollback"),),
    then=ASKED,
)  # fmt: skip
HOOK_AFTER_THE_BAKE = Scenario(
    "hook after the bake says no",
    given=(Live(), HookSays("after_bake", "FAILED", "3 of 40"), Drop("v2", _hook("after_bake")), Until(Phase.BAKING)),
    when=(),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.HOOK),
)
"""All traffic comes back, though every gate of the bake was open."""
DEADLINE = Scenario(
    "deadline reached while paused",
    given=(Live(), Drop("v2", {**SHORT, "deadline": "5m"}), Until(Phase.SHIFTING), Ask("pause"), Minutes(3)),
    when=(),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.DEADLINE),
)
NO_TRAFFIC = Scenario(
    "no traffic, and that rolls back",
    given=(
        Live(), Traffic(0),
        Drop("v2", {
            **SHORT,
            "gates": {**NO_GATES, "alarms": [], "min_invocations": 50, "no_traffic": {"wait": "1m", "then": "rollback"}}
        }),
        Until(Phase.SHIFTING),
    ),
    when=(),
    then=Ends(Phase.ROLLED_BACK, "1", Cause.NO_TRAFFIC),
)  # fmt: skip

TRAFFIC = (
    RED_BEFORE_START,
    RED_BEFORE_START_AND_AGAIN,
    ALARM_WHILE_PREPARING,
    ALARM_WHILE_TESTING,
    ALARM_AT_THE_START,
    ALARM_IN_THE_LAST_STEP,
    JUDGES_VERDICT_IN_THE_BAKE,
    *ALARMS_DURING_THE_PROMOTION,
    ROLLBACK_IN_THE_BAKE,
    ROLLBACK_WHILE_PAUSED,
    PROMOTE_REQUEST,
    PAUSE_AND_RESUME,
    FROZEN_THEN_PROMOTED,
    FROZEN_TO_THE_END,
    FROZEN_THEN_RESUMED,
    FROZEN_THEN_ROLLED_BACK,
    APPROVED,
    APPROVAL_DENIED,
    UNANSWERED,
    DRIFT_IN_THE_SHIFT,
    DRIFT_IN_THE_BAKE,
    DRIFT_TO_THE_CANARY,
    DRIFT_THEN_ROLLBACK,
    *DRIFT_IN_A_ROLLBACK,
    HOOK_SAYS_NO,
    HOOK_ANSWERS_LATE,
    HOOK_AFTER_THE_ROLLBACK,
    HOOK_AFTER_THE_BAKE,
    DEADLINE,
    NO_TRAFFIC,
)
