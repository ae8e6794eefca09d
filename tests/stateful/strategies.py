"""What may happen on a walk: a strategy for each kind of step, made of the steps that all stories are told in.

Rules of the file: every strategy gives step *values*, so that a walk is a list that can be printed, pasted and told
again.

Note: the manifests are few and short on purpose. What makes a walk long is what happens between two minutes of a
deployment, not how many minutes it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from controller.core.model import Phase
from local.emulator.rules.lambda_.starts import CANNOT_START
from tests.cloud.aws_behaviour import (
    ByVersionWithWeightsOnly,
    CannotStart,
    ComesLater,
    IdleForWeeks,
    IsSlow,
    LateTicks,
    Outage,
    OutageIsOver,
)
from tests.cloud.deliveries import Order
from tests.cloud.fault_steps import Before, Down, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.partial_answers import CUT
from tests.cloud.steps import HOOK, Behave, Drop, Fire, HasAlarm, Hear, HookSays, Live, Minutes, Step, Traffic, Until
from tests.cloud.steps_at_any_time import (
    Asks,
    Delivered,
    DeployIfThere,
    Freezes,
    MoveIfThere,
    NewestFails,
    RunBy,
    Seconds,
    Tick,
)
from tests.cloud.upload_steps import Carries, Late, Put, Together
from tests.faults.troubles import SERVICES

ALARM = "queue-age"
POINTS = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")
GIVEN: tuple[Step, ...] = (
    Live("v1"), Carries("beta", "1"), HasAlarm(ALARM), *(HookSays(point, "SUCCEEDED") for point in POINTS), Traffic(30),
)  # fmt: skip
"""The function serves version 1 through its alias, and through another one; there is a hook for each point."""
_ONE_STEP = {"steps": [{"weight": 20, "hold": "1m"}], "bake": "1m"}
_NO_STEP: Mapping[str, object] = {"steps": [], "bake": "2m"}
_LONG = {"steps": [{"weight": 20, "hold": "2m"}, {"weight": 60, "hold": "1m"}], "bake": "9m"}
_ASKS_FIRST = {"steps": [{"weight": 20, "hold": "1m"}, {"pause": "5m", "then": "rollback"}], "bake": "1m"}
_NAMED: Mapping[str, object] = {"alarms": [ALARM], "errors": False, "min_invocations": 0}
_JUDGED: Mapping[str, object] = {"alarms": [ALARM], "errors": {"significance": 0.001}, "min_invocations": 5}
_FIVE_MINUTES = {"steps": [{"weight": 30, "hold": "5m"}], "bake": "10m"}
_ASKED: Mapping[str, object] = {point: {"function": HOOK.format(point), "wait": "5m"} for point in POINTS}
_SOON = {"deadline": "40m"}
MANIFESTS: tuple[Mapping[str, object], ...] = (
    {"strategy": _ONE_STEP, **_SOON},
    {"strategy": _LONG, **_SOON},
    {"strategy": _NO_STEP, "gates": _NAMED, "tests": [], **_SOON},
    {"strategy": _LONG, "gates": _NAMED, **_SOON},
    {"strategy": _LONG, "gates": _NAMED, "on_newer": "queue", **_SOON},
    {"strategy": _LONG, "on_newer": "reject", **_SOON},
    {"strategy": _ASKS_FIRST, "gates": _NAMED, **_SOON},
    {"strategy": _ONE_STEP, "gates": {**_NAMED, "already_alarming": "block"}, **_SOON},
    {"strategy": _LONG, "gates": _NAMED, "on_failure": "freeze", **_SOON},
    {"strategy": _LONG, "alias": "beta", **_SOON},
    {"strategy": _FIVE_MINUTES, "gates": _JUDGED, "tests": [], **_SOON},
    {"strategy": _LONG, "gates": _JUDGED, **_SOON},
    {"strategy": _ONE_STEP, "hooks": _ASKED, **_SOON},
    {"strategy": _FIVE_MINUTES, "gates": _JUDGED, "hooks": _ASKED, **_SOON},
)
CODES = ("v2", "v3", "v4")
KEYS = tuple(f"checkout/{code}.zip" for code in CODES)
_CALLS = (
    "UpdateAlias", "PutItem", "GetItem", "TransactWriteItems", "GetAlias", "PublishVersion", "UpdateFunctionCode",
    "GetFunction", "Query", "DescribeAlarms", "GetMetricData", "PutMetricAlarm", "Invoke", "PutEvents", "GetObject",
    "DeleteAlarms", "ListVersionsByFunction", "UpdateItem",
)  # fmt: skip
_OPERATIONS = st.sampled_from(_CALLS)
_ANYWHERE = [how for how in Fault if how is not Fault.IN_PART]
_BROKEN = st.sampled_from([*product(_CALLS, _ANYWHERE), *product(sorted(CUT), [Fault.IN_PART])])
_NTH = st.integers(1, 4)
_WORDS = (
    "rollback",
    "promote",
    "next",
    "drill",
    "pause",
    "resume",
    "approve",
    "deny",
    "accept_drift",
    "status",
    "history",
)
_TURNS = (("today",), ("earlier",), ("next",), ("today", "earlier"), ("next", "today"), ("earlier", "next"))

DROPS: SearchStrategy[Drop] = st.builds(Drop, st.sampled_from(CODES), st.sampled_from(MANIFESTS))
"""A few codes with a few manifests: the same again is as likely as something else."""
ARRIVALS: SearchStrategy[Step] = st.one_of(
    DROPS,
    st.builds(Late, DROPS, st.integers(1, 5)),
    st.builds(Together, st.tuples(DROPS, DROPS)),
    st.builds(Hear, st.integers(1, 4)),
    st.builds(DeployIfThere, st.sampled_from(KEYS), st.booleans()),
    st.builds(Delivered, st.sampled_from(Order)),
    st.sampled_from((Drop("v1", None), Put("checkout/nothing.zip", "no zip"), Drop("v9", {"strategy": "nonsense"}))),
)
ALARMS: SearchStrategy[Step] = st.one_of(
    st.builds(Behave, st.sampled_from(CODES), st.sampled_from(("ValueError", ""))),
    st.just(NewestFails("ValueError")),
    st.builds(Fire, st.just(ALARM), st.sampled_from(("ALARM", "OK", "INSUFFICIENT_DATA")), st.booleans()),
)
HOOKS: SearchStrategy[Step] = st.builds(
    HookSays, st.sampled_from(POINTS), st.sampled_from(("SUCCEEDED", "FAILED", "IN_PROGRESS", "nonsense"))
)
_SECONDS = st.sampled_from((0.02, 50.0, 170.0))
UNKIND: SearchStrategy[Step] = st.one_of(
    st.builds(Behave, st.sampled_from(CODES), st.just("ValueError"), st.just(0.4)),
    st.builds(IsSlow, st.sampled_from(("v1", *CODES)), _SECONDS, _SECONDS, st.sampled_from((0.0, 0.0, 0.4))),
    st.builds(CannotStart, st.sampled_from(CODES), st.sampled_from(CANNOT_START)),
    st.sampled_from((Outage(), Outage(0.4), OutageIsOver(), ByVersionWithWeightsOnly())),
    st.builds(ComesLater, st.sampled_from(("1", "2", "3")), st.sampled_from((0, 60, 170)), st.sampled_from((0.5, 1.0))),
    st.builds(Traffic, st.sampled_from((0, 3, 30, 400))),
    st.one_of(st.builds(LateTicks, st.integers(1, 30)), st.just(IdleForWeeks())),
)
"""AWS as it is: see ``tests/cloud/aws_behaviour.py``."""
TIME: SearchStrategy[Step] = st.one_of(
    st.builds(Minutes, st.integers(1, 4)),
    st.builds(Seconds, st.integers(1, 150)),
    st.builds(Until, st.sampled_from((Phase.TESTING, Phase.SHIFTING, Phase.BAKING, Phase.SUCCEEDED))),
    st.just(Tick()),
)
_BY = {"who": "alice", "why": "a walk"}
_CHOSEN = st.one_of(
    st.builds(lambda version: {"to_version": version}, st.sampled_from(("1", "2", "3", "4"))),
    st.builds(lambda number: {"to": number}, st.integers(1, 4)),
)
PEOPLE: SearchStrategy[Step] = st.one_of(
    st.builds(Asks, st.sampled_from(_WORDS), st.sampled_from(({}, {}, {}, {"alias": "beta"}))),
    st.builds(Asks, st.sampled_from(_WORDS), st.sampled_from(({}, {}, {}, {"alias": "beta"}))),
    st.builds(Asks, st.just("rollback"), _CHOSEN),
    st.builds(Freezes, st.integers(1, 15), st.sampled_from(("all", "prefix check", "checkout:beta"))),
    st.sampled_from((Asks("unfreeze", {"scope": "all", **_BY}), Asks("override", {"freeze": True, **_BY}))),
)
RELEASES: SearchStrategy[Step] = st.builds(RunBy, st.sampled_from(_TURNS))
HANDS: SearchStrategy[Step] = st.builds(MoveIfThere, st.sampled_from(("1", "2", "3", "4")))
FAULTS: SearchStrategy[Step] = st.builds(lambda broken, nth: FailsAt(*broken, nth), _BROKEN, _NTH)
OUTAGES: SearchStrategy[Step] = st.builds(
    Down, st.sampled_from(SERVICES), st.integers(1, 6), st.sampled_from(_ANYWHERE)
)
_MEANWHILE: SearchStrategy[Step] = st.one_of(st.just(Tick()), PEOPLE, DROPS, st.builds(Hear, st.integers(1, 2)), ALARMS)
SOMEBODY: SearchStrategy[Step] = st.builds(Before, _OPERATIONS, st.one_of(_MEANWHILE, HANDS), _NTH)
HAPPENS: SearchStrategy[Step] = st.one_of(ARRIVALS, ALARMS, PEOPLE, PEOPLE, HANDS, HOOKS, UNKIND)
GOES_WRONG: SearchStrategy[Step] = st.one_of(FAULTS, FAULTS, OUTAGES, SOMEBODY, RELEASES)
BAD_MOMENTS: SearchStrategy[tuple[Step, ...]] = st.tuples(
    st.one_of(FAULTS, OUTAGES, SOMEBODY), st.one_of(DROPS, ALARMS, PEOPLE), TIME
)
"""What goes wrong goes wrong with what happens next."""
