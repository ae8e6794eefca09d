"""The stories of the sweep in which something arrives, or is kept in order, around deployments.

Rules of the file: a story begins where what it is about begins, and what comes after that is short, for every call of
it is swept. So who takes a place is often refused soon (``REFUSED_SOON``), or is what is stable already (``STABLE``).

Note: Lambda numbers publications. Version 3 is what was published second after version 1, whatever became of the first.
"""

from __future__ import annotations

from controller.core.model import Cause, Phase
from tests.cloud.fault_steps import Before, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import Ask, Behave, Drop, Ends, HasAlarm, Hear, Live, Minutes, Running, Scenario, Until
from tests.cloud.steps_at_any_time import Asks
from tests.cloud.upload_steps import (
    AllEnd,
    Both,
    Carries,
    Deploy,
    Late,
    Published,
    Put,
    PutManifest,
    Serves,
    Together,
)

PROMOTED, UNCHANGED = (Phase.SUCCEEDED, Cause.PROMOTED), (Phase.SUCCEEDED, Cause.UNCHANGED)
MADE_WAY, NEVER_BEGAN = (Phase.ROLLED_BACK, Cause.SUPERSEDED), (Phase.FAILED, Cause.SUPERSEDED)
ASKED_BACK, ALARMED = (Phase.ROLLED_BACK, Cause.REQUESTED), (Phase.ROLLED_BACK, Cause.ALARM)
PREFLIGHT, QUARANTINED = (Phase.FAILED, Cause.PREFLIGHT), (Phase.FAILED, Cause.QUARANTINED)
FAILED_ON_1, FAILED_ON_2 = Ends(Phase.FAILED, "1"), Ends(Phase.FAILED, "2")
GOOD, BACK = Ends(Phase.SUCCEEDED, "2"), Ends(Phase.ROLLED_BACK, "1")

AT_ONCE = {"strategy": {"steps": [], "bake": "1m"}, "tests": []}
BAKES_LONGER = {"strategy": {"steps": [], "bake": "3m"}}
REFUSED_SOON = {"gates": {"alarms": ["not there"], "errors": False, "min_invocations": 0}}
BLOCKED = {"gates": {"alarms": ["theirs"], "errors": False, "min_invocations": 0, "already_alarming": "block"}}
LONG_SHIFT = {"strategy": {"steps": [{"weight": 20, "hold": "30m"}], "bake": "1m"}, "tests": []}
STABLE = Drop("v1", None)
"""The very bytes that Live has made: the manifest in the bucket holds for them."""
IN_THE_SHIFT = (PutManifest(), Live("v1"), Drop("v2"), Until(Phase.SHIFTING))
IN_THE_BAKE = (PutManifest(), Live("v1"), Drop("v2"), Until(Phase.BAKING))
AFTER_IT = (Live("v1"), Drop("v2", AT_ONCE), Until(Phase.SUCCEEDED))

# -- a newer one takes the place --------------------------------------------------------------------------------------

SUPERSEDE_IN_THE_SHIFT = Scenario(
    "supersede in the shift",
    given=IN_THE_SHIFT,
    when=(Drop("v3", AT_ONCE),),
    then=AllEnd((MADE_WAY, PROMOTED), "3"),
    if_late=(AllEnd((PROMOTED, PROMOTED), "3"),),
    or_else=(FAILED_ON_1, FAILED_ON_2, BACK),
)
SUPERSEDE_IN_THE_BAKE = Scenario(
    "supersede in the bake",
    given=IN_THE_BAKE,
    when=(Drop("v3", REFUSED_SOON),),
    then=AllEnd((MADE_WAY, PREFLIGHT), "1"),
    if_late=(AllEnd((PROMOTED, PREFLIGHT), "2"),),
    or_else=(FAILED_ON_1, FAILED_ON_2),
)
SUPERSEDE_WHILE_TESTING = Scenario(
    "supersede while testing",
    given=(Live("v1"), HasAlarm("theirs", "ALARM"), Drop("v2", {**BLOCKED, "deadline": "10m"})),
    when=(Drop("v3", REFUSED_SOON),),
    then=AllEnd((NEVER_BEGAN, PREFLIGHT), "1"),
    or_else=(FAILED_ON_1,),
)
SUPERSEDE_WHILE_PREPARING = Scenario(
    "supersede while preparing",
    given=(Live("v1"), FailsAt("PublishVersion", Fault.CRASH_BEFORE), Drop("v2")),
    when=(Drop("v3", REFUSED_SOON),),
    then=AllEnd((NEVER_BEGAN, PREFLIGHT), "1"),
    if_late=(AllEnd((MADE_WAY, PREFLIGHT), "1"),),
    or_else=(FAILED_ON_1, FAILED_ON_2),
)
"""The controller that prepared version 2 died when it had sent the code, and before it published it."""
SUPERSEDE_THE_FIRST = Scenario(
    "supersede the first of all",
    given=(FailsAt("CreateFunction", Fault.CRASH_AFTER), Drop("v1")),
    when=(Drop("v2", AT_ONCE),),
    then=AllEnd((NEVER_BEGAN, PROMOTED), "1"),
    if_late=(AllEnd((PROMOTED, PROMOTED), "2"),),
    or_else=(Ends(Phase.FAILED, None), FAILED_ON_1, GOOD),
)
"""The controller died when it had created the function, and before it published version 1."""
GO_BACK = Scenario(
    "what is stable is dropped while another one shifts",
    given=IN_THE_SHIFT,
    when=(STABLE,),
    then=AllEnd((MADE_WAY, UNCHANGED), "1"),
    if_late=(AllEnd((PROMOTED, PROMOTED), "3"),),
    or_else=(FAILED_ON_1, FAILED_ON_2),
)
SAME_BYTES_IN_FLIGHT = Scenario(
    "the bytes in flight are dropped again",
    given=(Live("v1"), Drop("v2"), Until(Phase.BAKING)),
    when=(Drop("v2", key="checkout/again.zip"),),
    then=AllEnd((PROMOTED, (Phase.FAILED, Cause.UNCHANGED)), "2"),
    if_late=(AllEnd((PROMOTED, UNCHANGED), "2"),),
    or_else=(FAILED_ON_2, FAILED_ON_1, GOOD),
)

# -- the queue --------------------------------------------------------------------------------------------------------

QUEUE = Scenario(
    "two in turn wait for the end of the bake",
    given=(Live("v1"), Drop("v2", {**AT_ONCE, **BAKES_LONGER, "on_newer": "queue"})),
    when=(Drop("v3"), Minutes(1), Drop("v4", REFUSED_SOON)),
    then=AllEnd((PROMOTED, NEVER_BEGAN, PREFLIGHT), "2"),
    if_late=(AllEnd((PROMOTED, PREFLIGHT), "2"), AllEnd((PROMOTED, MADE_WAY, PREFLIGHT), "2")),
    or_else=(FAILED_ON_2, FAILED_ON_1, Ends(Phase.FAILED, "3")),
)
REJECT = Scenario(
    "one is turned away while another bakes",
    given=(Live("v1"), Drop("v2", {**AT_ONCE, "on_newer": "reject"})),
    when=(Drop("v3"),),
    then=AllEnd((PROMOTED, (Phase.FAILED, Cause.REJECTED)), "2"),
    if_late=(AllEnd((PROMOTED, PROMOTED), "3"),),
    or_else=(FAILED_ON_2, FAILED_ON_1, Ends(Phase.SUCCEEDED, "3")),
)
IN_A_ROLLBACK = Scenario(
    "one arrives in a rollback",
    given=(Live("v1"), Drop("v2", AT_ONCE), FailsAt("UpdateFunctionCode", Fault.CRASH_AFTER), Asks("rollback")),
    when=(Drop("v3", REFUSED_SOON),),
    then=AllEnd((ASKED_BACK, PREFLIGHT), "1"),
    or_else=(FAILED_ON_1, AllEnd((ASKED_BACK,), "1")),
)
"""The controller that went back died when it had restored the code, and before it noted that."""
WHILE_IT_CLOSES = Scenario(
    "one arrives while another closes",
    given=(Live("v1"), Drop("v2", AT_ONCE)),
    when=(Before("TransactWriteItems", Drop("v3", REFUSED_SOON)),),
    then=AllEnd((PROMOTED, PREFLIGHT), "2"),
    if_late=(AllEnd((MADE_WAY, PREFLIGHT), "1"),),
    or_else=(FAILED_ON_2, FAILED_ON_1),
)
"""The controller that closes has read the head and is about to save the end."""

# -- the same again ---------------------------------------------------------------------------------------------------

UNCHANGED_BYTES = Scenario(
    "unchanged bytes",
    given=AFTER_IT,
    when=(Drop("v2", AT_ONCE, key="checkout/again.zip"),),
    then=AllEnd((PROMOTED, UNCHANGED), "2"),
    or_else=(FAILED_ON_2,),
)
QUARANTINED_BYTES = Scenario(
    "quarantined bytes",
    given=(Live("v1"), Drop("v2", AT_ONCE), Asks("rollback")),
    when=(Drop("v2", AT_ONCE),),
    then=AllEnd((ASKED_BACK, QUARANTINED), "1"),
    or_else=(FAILED_ON_1,),
)
QUARANTINE_LIFTED = Scenario(
    "the quarantine is lifted",
    given=(Live("v1"), Drop("v2", AT_ONCE), Asks("rollback")),
    when=(Deploy("checkout/v2.zip", lift_quarantine=True),),
    then=AllEnd((ASKED_BACK, PROMOTED), "2"),
    if_late=(AllEnd((ASKED_BACK, PROMOTED, UNCHANGED), "2"),),
    or_else=(FAILED_ON_1, BACK, GOOD),
)
OLDER_ONE_LATE = Scenario(
    "an older one arrives late",
    given=(Live("v1"), Late(Drop("v2"), 2), Minutes(1), Drop("v3", AT_ONCE)),
    when=(Minutes(1),),
    then=AllEnd((PROMOTED,), "2"),
    or_else=(BACK,),
)
OVERWRITTEN = Scenario(
    "what was overwritten in the same second arrives late",
    given=(Live("v1"), Late(Drop("v2", {}, "checkout/a.zip"), 1), Drop("v3", AT_ONCE, "checkout/a.zip")),
    when=(Minutes(1),),
    then=AllEnd((PROMOTED,), "2"),
    or_else=(BACK,),
)
SAME_EVENT_TWICE = Scenario(
    "the same event twice",
    given=(Live("v1"), Drop("v2", AT_ONCE)),
    when=(Hear(), Until(Phase.SUCCEEDED), Hear()),
    then=AllEnd((PROMOTED,), "2"),
    or_else=(BACK,),
)
OVERWRITTEN_UNHEARD = Scenario(
    "a key is overwritten before the first event comes",
    given=(PutManifest(), Live("v1")),
    when=(Together((Drop("v2", REFUSED_SOON, "checkout/a.zip"), Drop("v1", None, "checkout/a.zip"))),),
    then=Serves(Phase.SUCCEEDED, "v1"),
    or_else=(FAILED_ON_1,),
)

# -- what is refused --------------------------------------------------------------------------------------------------

FAILING_TEST = Scenario(
    "a test fails",
    given=(Live("v1"), Behave("v2", error="ValueError")),
    when=(Drop("v2"),),
    then=AllEnd(((Phase.FAILED, Cause.TEST_FAILED),), "1"),
    or_else=(FAILED_ON_1,),
)
BROKEN_MANIFEST = Scenario(
    "a broken manifest while another bakes",
    given=(Live("v1"), Drop("v2", AT_ONCE)),
    when=(Drop("v3", {"strategy": "nonsense"}), Put("checkout/v4.zip", "no zip"), Put("check out/v5.zip", "no key")),
    then=AllEnd((PROMOTED, (Phase.FAILED, Cause.BAD_MANIFEST), (Phase.FAILED, Cause.BAD_ARTIFACT)), "2"),
    if_late=(AllEnd((PROMOTED, (Phase.FAILED, Cause.BAD_ARTIFACT), (Phase.FAILED, Cause.BAD_MANIFEST)), "2"),),
    or_else=(FAILED_ON_2, FAILED_ON_1),
)

# -- functions and settings -------------------------------------------------------------------------------------------

CREATED_IN_VAIN = Scenario(
    "a function is created and its test fails",
    given=(Behave("v1", error="ValueError"),),
    when=(Drop("v1"),),
    then=AllEnd(((Phase.FAILED, Cause.TEST_FAILED),), None),
    or_else=(Ends(Phase.FAILED, None),),
)
ONBOARDED = Scenario(
    "a function is onboarded",
    given=(Running("v1"), PutManifest()),
    when=(STABLE,),
    then=AllEnd((UNCHANGED,), "1"),
    or_else=(FAILED_ON_1, Ends(Phase.FAILED, None)),
)
MORE = {"MemorySize": 512, "Environment": {"Variables": {"COLOUR": "blue"}}}
SETTINGS_ONLY = Scenario(
    "only settings change",
    given=(Live("v1"), PutManifest({**AT_ONCE, "function": MORE})),
    when=(STABLE,),
    then=AllEnd((PROMOTED,), "2"),
    or_else=(FAILED_ON_1, BACK),
)
SETTINGS_GO_BACK = Scenario(
    "only settings change, and are asked back",
    given=(Live("v1"), PutManifest({**AT_ONCE, "function": MORE}), STABLE),
    when=(Ask("rollback"),),
    then=AllEnd((ASKED_BACK,), "1"),
    if_late=(AllEnd((PROMOTED, ASKED_BACK), "1"),),
    or_else=(BACK,),
)

# -- afterwards -------------------------------------------------------------------------------------------------------

PRUNING = Scenario(
    "old versions are pruned",
    given=(
        Live("v1"), *map(Published, ("a", "b", "c", "d")), Carries("beta", "2", {"3": 0.1}), Drop("v2", AT_ONCE),
    ),
    when=(Until(Phase.SUCCEEDED),),
    then=AllEnd((PROMOTED,), "6"),
    or_else=(BACK,),
)  # fmt: skip
ROLLBACK_AFTERWARDS = Scenario(
    "a rollback is asked for after the end, twice",
    given=AFTER_IT,
    when=(Ask("rollback"), Asks("rollback")),
    then=AllEnd((PROMOTED, ASKED_BACK), "1"),
)

# -- two aliases ------------------------------------------------------------------------------------------------------

BETA = {**AT_ONCE, "alias": "beta"}
DENIED = (Phase.ROLLED_BACK, Cause.PUBLISH_FAILED)
LIVE_ON_3, LIVE_BACK = AllEnd((PROMOTED,), "3"), AllEnd((DENIED,), "1")
TWO_ALIASES = Scenario(
    "two aliases close",
    given=(Live("v1"), Carries("beta", "1"), Drop("v2", BETA), Drop("v3", AT_ONCE)),
    when=(Until(Phase.SUCCEEDED),),
    then=Both(AllEnd((PROMOTED,), "2", "beta"), LIVE_ON_3),
    or_else=(Both(AllEnd((DENIED,), "1", "beta"), LIVE_ON_3), Both(AllEnd((PROMOTED,), "2", "beta"), LIVE_BACK)),
)
ONE_ALIAS_GOES_BACK = Scenario(
    "one of two aliases goes back",
    given=(Live("v1"), Carries("beta", "1"), Drop("v2", {**LONG_SHIFT, "alias": "beta"}), Drop("v3", AT_ONCE)),
    when=(Ask("rollback", {"alias": "beta"}),),
    then=Both(AllEnd((ASKED_BACK,), "1", "beta"), LIVE_ON_3),
    or_else=(Both(AllEnd((ASKED_BACK,), "1", "beta"), LIVE_BACK),),
)

ARRIVALS = (
    SUPERSEDE_IN_THE_SHIFT, SUPERSEDE_IN_THE_BAKE, SUPERSEDE_WHILE_TESTING, SUPERSEDE_WHILE_PREPARING,
    SUPERSEDE_THE_FIRST, GO_BACK, SAME_BYTES_IN_FLIGHT,
    QUEUE, REJECT, IN_A_ROLLBACK, WHILE_IT_CLOSES,
    UNCHANGED_BYTES, QUARANTINED_BYTES, QUARANTINE_LIFTED, OLDER_ONE_LATE, OVERWRITTEN, OVERWRITTEN_UNHEARD,
    SAME_EVENT_TWICE,
    FAILING_TEST, BROKEN_MANIFEST,
    CREATED_IN_VAIN, ONBOARDED, SETTINGS_ONLY, SETTINGS_GO_BACK,
    PRUNING, ROLLBACK_AFTERWARDS,
    TWO_ALIASES, ONE_ALIAS_GOES_BACK,
)  # fmt: skip
