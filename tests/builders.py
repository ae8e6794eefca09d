"""Valid objects by default; a test changes only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

from controller.core.manifest.building import build
from controller.core.manifest.settings import HookPoint, Manifest
from controller.core.model import (
    Alias,
    Approval,
    Artifact,
    CarriedOut,
    Cause,
    Deployment,
    Entry,
    Milestone,
    Notice,
    Person,
    Phase,
    Reason,
    Routing,
    Target,
    TestOutcome,
)
from controller.core.model.deployment import Alarms, Bookkeeping, Drill, Evidence, Failing, Hold, Traffic, Versions
from controller.core.model.deployment.evidence import MetricEvidence
from controller.core.model.deployment.hold.delay import Delay, DelayKind
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.model.observation import Observation
from controller.core.routing import alias_description
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import BakeEvidence, ServedBefore
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sample_ratio import SampleRatio
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import Past, Shift
from controller.core.statistics.slow_requests import Measure, SlowRequests, Threshold

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
CHECKOUT = Target("checkout", "live")
PAST = Past(History(Kind.BURSTY, 2.5, 1.5, 0.25, 0.75, 1000.0), timedelta(seconds=3))
"""The day before, and the longest that a request may run."""
TWO_STEPS = {
    "strategy": {"steps": [{"weight": 10, "hold": "5m"}, {"weight": 50, "hold": "10m"}], "bake": "30m"},
    "gates": {"alarms": ["checkout-p99"], "errors": False, "min_invocations": 0},
}


def after(**time: float) -> datetime:
    """Returns the moment that lies this long after NOW: ``after(minutes=5)``."""
    return NOW + timedelta(**time)


def manifest(**sections: object) -> Manifest:
    """Returns a manifest of two steps, one named alarm and no minimum of requests; ``sections`` replace its own."""
    return build({**TWO_STEPS, **sections})


def artifact(**changes: Any) -> Artifact:
    """Returns an upload of NOW."""
    return replace(Artifact("drop", "checkout/3.zip", "v3", NOW, "0A", 1000), **changes)


def deployment(phase: Phase = Phase.PREPARING, **changes: Any) -> Deployment:
    """Returns a deployment that has just entered ``phase``: version 3 over version 2, nothing confirmed yet."""
    made = Deployment(
        target=CHECKOUT,
        number=42,
        artifact=artifact(),
        manifest=manifest(),
        phase=phase,
        opened_at=NOW,
        phase_since=NOW,
        alarms=Alarms("slipway/checkout/live/42"),
    )
    return changed(made, **{**_REACHED[phase], **changes})


def changed(made: Deployment, **changes: Any) -> Deployment:
    """Returns the deployment with other values of some fields, also of those inside: ``changed(made, step=1)``."""
    inside: dict[str, dict[str, Any]] = {}
    for name in changes.keys() & _STANDS_IN:
        inside.setdefault(_STANDS_IN[name], {})[name] = changes[name]
    values = {name: replace(getattr(made, name), **some) for name, some in inside.items()}
    return replace(made, **values, **{name: each for name, each in changes.items() if name not in _STANDS_IN})


def confirmed(phase: Phase, **changes: Any) -> Deployment:
    """Returns a deployment whose alias was seen, at NOW, to carry what the phase wants."""
    entered = deployment(phase, **changes)
    return changed(entered, confirmed_at=NOW, expected_routings=(ROUTINGS[phase],))


def eventful(phase: Phase = Phase.SHIFTING, **changes: Any) -> Deployment:
    """Returns a deployment none of whose fields has its first value any more, whether that goes together or not."""
    return deployment(
        phase,
        **{
            **_SERVING,
            "confirmed_at": NOW,
            "expected_routings": (ROUTINGS[Phase.SHIFTING], Routing("2")),
            "person": Person("bob", "it is the fix"),
            "lifts_quarantine": True,
            "queued": True,
            "reason": Reason(Cause.ALARM, "alarm checkout-p99 is firing"),
            "failing": Failing(Reason(Cause.TEST_FAILED, "no"), after(minutes=1)),
            "frozen": Reason(Cause.ERRORS, "5 of 10 failed"),
            "turned_back_at": after(minutes=2),
            "stable_artifact": artifact(
                key="checkout/2.zip", version_id=None, sequencer="", size=0, stated_sha256="c2hhMjU2", signature="c2ln"
            ),
            "onboards": True,
            "latest": "2",
            "behind": 41,
            "backup": "1",
            "delay": Delay(DelayKind.FAILING, "Invoke of checkout:3 failed: no", "mend it", after(minutes=3)),
            "tests": (
                TestOutcome("ping", True, 0.123, "", 5),
                TestOutcome("pong", False, 2, "it took 2.00s, allowed: 1s"),
            ),
            "step": 1,
            "disarmed": frozenset({"checkout-p99", "checkout-cpu"}),
            "overridden": frozenset({"checkout-p99"}),
            "carried_out": (CarriedOut("mark of a request", after(minutes=3), Person("carol")),),
            "approval": Approval(after(minutes=5), given=True, overdue=True),
            "own_made_at": after(seconds=30),
            "longest_timeout": timedelta(seconds=900),
            "unreadable_since": after(minutes=2),
            "doubts": 2,
            "cut_short_at": NOW,
            "told_of_wait": True,
            "shift": replace(shift(Minute(100, 3, 900, 1)), whole=1.5),
            "sample_ratio": SampleRatio(NOW, 100, 900),
            "stable_before": ServedBefore(5400, 12),
            "bake": BakeEvidence(((900, 1), (880, 0))).after([ServedMinute(NOW, 950, 2)], PAST.history),
            "slow_requests": (slow_requests(Measure.P99).after([CountedMinute(NOW, Minute(100, 3, 900, 1))], 0),),
            "metrics": (MetricEvidence(replace(shift(Minute(90, 3, 800, 1)), whole=2.5), BakeEvidence(((800, 1),))),),
            "hooks": (
                HookRun(HookPoint.BEFORE_TRAFFIC, 0, NOW, None, HookStatus.SUCCEEDED, calls=1),
                HookRun(
                    HookPoint.EACH_STEP,
                    1,
                    NOW,
                    after(minutes=3),
                    HookStatus.IN_PROGRESS,
                    "12 of 40",
                    '{"run": 1.5}',
                    calls=2,
                    calling=True,
                    overdue=True,
                ),
            ),
            "paused": True,
            "overruled_at": after(minutes=4),
            "freeze_wait": FreezeWait(after(minutes=3), "all", timedelta(minutes=9), NOW, frozenset({"checkout"})),
            "drift": "version 7",
            "was_back": True,
            "asleep": "version 2 is Pending: Lambda refuses its requests until it is Active",
            "closing": True,
            "alarmed_at": after(minutes=1),
            "back_at": after(minutes=3),
            "newer": 43,
            "timeline": (Entry(NOW, "accepted"), Entry(after(seconds=0.5), "10% to version 3")),
            "outbox": (Notice(NOW, Phase.SHIFTING, "SHIFTING: 10% to version 3"),),
            "drill": Drill("checks out carts", after(minutes=1), heard=True, back_at=after(minutes=2)),
            "revision": 9,
            "extra": {"from_the_future": {"a": [1, "x", None]}},
            **changes,
        },
    )


def shift(*minutes: Minute, weight: int = 1000, past: Past = PAST) -> Shift:
    """Returns a shift that began at NOW and was looked at after each of these minutes."""
    counted = [CountedMinute(after(minutes=place), each) for place, each in enumerate(minutes)]
    found = Shift(past).in_step(NOW, weight)
    for place in range(len(counted)):
        found = found.after_look(counted[: place + 1], after(minutes=place + 2))
    return found


def slow_requests(measure: Measure = Measure.P99, over: float = 240, **changes: Any) -> SlowRequests:
    """Returns a measure whose threshold of so many milliseconds was set at NOW, in a step seen live then."""
    time = timedelta(milliseconds=over)
    return replace(SlowRequests(Threshold(measure, time, time), NOW, (NOW,)), **changes)


def seen(
    routing: Routing | None, *, description: str = "", alarms: Mapping[str, Any] | None = None, **more: Any
) -> Observation:
    """Returns an observation of an alias that carries ``routing``; no alarm fires and none is unreadable."""
    alias = Alias(routing, "revision-1", description) if routing else None
    return Observation(alias, alarms or {}, **more)


def armed(number: int = 42, canary: str = "3", stable: str = "2") -> str:
    """Returns the line that an armed alias carries."""
    line = f"slipway #{number} deploys {canary}, back to {stable}"
    assert alias_description.read(line)
    return line


def brought_back(number: int = 42, canary: str = "3", stable: str = "2") -> str:
    """Returns the line that an alias carries after a rollback."""
    return alias_description.rolled_back(number, canary, stable, Reason(Cause.ALARM, "alarm checkout-p99 is firing"))


_STANDS_IN = {
    field.name: group
    for group, kind in get_type_hints(Deployment).items()
    if kind in (Alarms, Bookkeeping, Evidence, Hold, Traffic, Versions)
    for field in fields(kind)
}
ROUTINGS = {
    Phase.SHIFTING: Routing("2", "3", 1000),
    Phase.BAKING: Routing("3"),
    Phase.ROLLING_BACK: Routing("2"),
}
_PUBLISHED: dict[str, Any] = {
    "preflighted": True, "stable": "2", "sha256": "sha-3", "canary": "3", "done": frozenset({Milestone.IDENTIFIED}),
}  # fmt: skip
_SERVING: dict[str, Any] = {
    **_PUBLISHED,
    "done": frozenset({Milestone.IDENTIFIED, Milestone.TESTED, Milestone.BACKED_UP, Milestone.ALARM_MADE}),
    "since": NOW,
    "has_data": True,
}
_BAKING: dict[str, Any] = {
    **_SERVING,
    "expected_routings": (ROUTINGS[Phase.SHIFTING], Routing("3")),
    "stable_before": ServedBefore(5400, 12),
    "done": _SERVING["done"] | {Milestone.ALARM_AT_PROMOTION, Milestone.ALARM_IN_BAKE},
}
_REACHED: dict[Phase, dict[str, Any]] = {
    Phase.PREPARING: {},
    Phase.TESTING: _PUBLISHED,
    Phase.SHIFTING: {
        **_SERVING,
        "expected_routings": (Routing("2"), ROUTINGS[Phase.SHIFTING]),
        "shift": Shift().in_step(NOW, 1000),
    },
    Phase.BAKING: _BAKING,
    Phase.ROLLING_BACK: {
        **_SERVING,
        "expected_routings": (ROUTINGS[Phase.SHIFTING], Routing("2")),
        "turned_back_at": NOW,
    },
    Phase.SUCCEEDED: _SERVING,
    Phase.ROLLED_BACK: _SERVING,
    Phase.FAILED: _PUBLISHED,
}
