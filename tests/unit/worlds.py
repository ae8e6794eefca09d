"""Deployments that are under way in the fake AWS, and calls that fail for one of them only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from controller.core.acceptance import Head
from controller.core.model import AlarmState, Alias, Deployment, Phase, Routing, Target
from controller.core.record import to_plain
from controller.dispatch import Dispatcher
from tests.builders import NOW, ROUTINGS, armed, confirmed, deployment, manifest
from tests.fakes import Function, World

TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}
PLENTY = timedelta(minutes=5)


def live(function: str) -> Target:
    return Target(function, "live")


def own_alarm(function: str) -> str:
    return f"slipway/{function}/live/42"


def under_way(
    world: World, function: str = "checkout", phase: Phase = Phase.SHIFTING, *, due: datetime = NOW, **changes: Any
) -> Deployment:
    """Puts deployment 42 of a function into the world: version 3 over version 2, as far as ``phase``."""
    target, gates = live(function), {"alarms": changes.pop("alarms", []), "min_invocations": 0}
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


class Failing:
    """An adapter that fails in one call, where ``when`` says so of its arguments; all the rest is carried out."""

    def __init__(self, adapter: Any, method: str, problem: BaseException, when: Callable[..., bool]) -> None:
        self._adapter, self._method, self._problem, self._when = adapter, method, problem, when

    def __getattr__(self, name: str) -> Any:
        carried_out = getattr(self._adapter, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if name == self._method and self._when(*arguments):
                raise self._problem
            return carried_out(*arguments, **named)

        return call


def fails(
    dispatcher: Dispatcher, call: str, problem: BaseException, when: Callable[..., bool] = lambda *_: True
) -> None:
    """From now on ``call``, as in "aliases.read", fails in this controller."""
    name, _, method = call.partition(".")
    setattr(dispatcher._aws, name, Failing(getattr(dispatcher._aws, name), method, problem, when))


def of(function: str) -> Callable[..., bool]:
    """A call about this function: one of its arguments is its target, or belongs to it."""

    def when(*arguments: Any) -> bool:
        named = (getattr(each, "target", each) for each in arguments)
        return any(each == live(function) for each in named)

    return when


def stored(world: World, function: str = "checkout") -> Deployment:
    return world.deployment(live(function), 42)


def lags(world: World, function: str, by: timedelta) -> None:
    """Lets the step of a deployment be over: it was seen to carry it that long ago."""
    plain, revision = world.items[str(live(function)), "deployment#42"]
    made = replace(stored(world, function), live_at=world.now - by)
    world.items[str(live(function)), "deployment#42"] = (to_plain(made), revision)
    assert plain
