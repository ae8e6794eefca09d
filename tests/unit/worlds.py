"""Deployments that are under way in the fake AWS, and calls that fail for one of them only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from controller.core.lifecycle.admission import Head
from controller.core.manifest.settings import Manifest
from controller.core.model import Alias, Cause, Deployment, Notice, Phase, Reason, Refused, Routing, Target, Transient
from controller.core.model.observation import AlarmState
from controller.core.records.codec import to_plain
from controller.dispatch import Dispatcher
from tests.builders import CHECKOUT, NOW, ROUTINGS, after, armed, artifact, confirmed, deployment, manifest
from tests.fakes import Function, World, Zip

TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}
PLENTY = timedelta(minutes=5)
STABLE, SPLIT, HALF = Routing("2"), Routing("2", "3", 1000), Routing("2", "3", 5000)
OWN = "slipway/checkout/live/42"
DOWN = Transient("it is down")
DENIED = Refused(Reason(Cause.PUBLISH_FAILED, "AccessDeniedException"))
NOTICES = (Notice(NOW, Phase.TESTING, "first"), Notice(NOW, Phase.TESTING, "second"))


def live(function: str) -> Target:
    return Target(function, "live")


def own_alarm(function: str) -> str:
    return f"slipway/{function}/live/42"


def under_way(
    world: World, function: str = "checkout", phase: Phase = Phase.SHIFTING, *, due: datetime = NOW, **changes: Any
) -> Deployment:
    """Puts deployment 42 of a function into the world: version 3 over version 2, as far as ``phase``."""
    target, gates = live(function), {"alarms": changes.pop("alarms", []), "errors": False, "min_invocations": 0}
    known = {"target": target, "own_alarm": own_alarm(function), "manifest": manifest(gates=gates), "revision": 1}
    make = confirmed if phase in ROUTINGS else deployment
    made = make(phase, **{**known, **changes})
    versions = {"2": "sha-2", "3": "sha-3", "7": "sha-7"}
    world.functions[function] = Function(code="sha-3", made_by_slipway=True, versions=versions, published=7)
    carried = ROUTINGS.get(phase, Routing("2"))
    world.functions[function].aliases["live"] = Alias(carried, world.revision(), armed())
    for name in made.alarm_names:
        world.alarms.setdefault(name, AlarmState.OK)
    for name in made.manifest.gates.alarms:
        world.items[f"alarm#{name}", str(target)] = True
    world.items[str(target), "head"] = Head(number=42, open=42, newest=made.artifact, revision=1)
    world.items[str(target), "deployment#42"] = (to_plain(made), 1)
    world.items[str(target), "due#42"] = due
    return made


def waits(world: World, number: int) -> Deployment:
    """Puts a deployment into the world that waits for the open one to end."""
    zipped = artifact(key=f"checkout/v{number}.zip", version_id=f"v{number}")
    world.zips[zipped.key] = Zip("{}", NOW)
    made = deployment(
        number=number, artifact=zipped, queued=True, own_alarm=f"slipway/checkout/live/{number}",
        manifest=manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}), revision=1,
    )  # fmt: skip
    world.items[str(CHECKOUT), f"deployment#{number}"] = (to_plain(made), 1)
    world.items[str(CHECKOUT), f"due#{number}"] = None
    return made


def fires(world: World, function: str) -> None:
    """The alarm of its own fires, and nobody has heard of it yet."""
    world.alarms[own_alarm(function)] = AlarmState.FIRING


def step_over(world: World) -> None:
    """The hold of the first step is over."""
    world.now = after(minutes=5)


def with_a_test() -> Manifest:
    return manifest(gates={"alarms": [], "errors": False, "min_invocations": 0}, tests=[{"name": "ping"}])


def counting() -> Manifest:
    return manifest(
        gates={"alarms": [], "errors": False, "min_invocations": 50, "no_traffic": {"wait": "30m", "then": "rollback"}}
    )


def fails(
    controller: Dispatcher, call: str, problem: BaseException, when: Callable[..., bool] = lambda *_: True
) -> None:
    """From now on ``call``, as in "aliases.read", fails in this controller, where ``when`` says so of its arguments."""

    def failing(carried_out: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if when(*arguments):
            raise problem
        return carried_out(*arguments, **named)

    instead(controller, call, failing)


def instead(controller: Dispatcher, call: str, answer: Callable[..., Any]) -> None:
    """From now on ``answer`` is asked for ``call``, and given the call itself to carry it out, or not."""
    name, _, method = call.partition(".")
    setattr(controller._aws, name, _Intercepted(getattr(controller._aws, name), method, answer))


class _Intercepted:
    def __init__(self, adapter: Any, method: str, answer: Callable[..., Any]) -> None:
        self._adapter, self._method, self._answer = adapter, method, answer

    def __getattr__(self, name: str) -> Any:
        carried_out = getattr(self._adapter, name)
        return partial(self._answer, carried_out) if name == self._method else carried_out


def times(number: int) -> Callable[..., bool]:
    """True that many times, and then no more."""
    left = [True] * number
    return lambda *_: bool(left) and left.pop()


def of(function: str) -> Callable[..., bool]:
    """A call about this function: one of its arguments is its target, or belongs to it."""

    def when(*arguments: Any) -> bool:
        named = (getattr(each, "target", each) for each in arguments)
        return any(each == live(function) for each in named)

    return when


def stored(world: World, function: str = "checkout") -> Deployment:
    return world.deployment(live(function), 42)


def count(world: World, call: str) -> int:
    return world.calls.count(call)


def void(_done: object) -> None:
    """What happens meanwhile returns nothing."""
