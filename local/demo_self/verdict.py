"""Judges the acts: what came of them in, what is wrong with it out. Pure.

Note: the right end is not enough. A deployment of the function that was over before the new controller came has proved
nothing, and neither has a version that nobody asks for anything afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.demo.controller import Deployment
from local.demo.sightings import ALL, Routing
from local.demo_self.acts import ACTS, Ending
from local.demo_self.story import Played

FIRST = "1"
"""The version that the stack has made."""


def problems(played: Sequence[Played]) -> tuple[str, ...]:
    """Returns what is wrong, nothing where every act went as it must."""
    found: list[str] = []
    working = FIRST
    for each in played:
        if each.controller and each.act.controller.phase == "SUCCEEDED":
            working = each.controller.canary or working
        found += (f"{each.act.change.name}: {problem}" for problem in _of(each, working))
    missing = [act.change.name for act in ACTS[len(played) :]]
    return (*found, *(f"{name}: it was not played" for name in missing))


def result(played: Sequence[Played], *, ok: bool, seconds: float) -> Mapping[str, object]:
    """Returns what the last line says."""
    return {
        "ok": ok,
        "acts": {each.act.change.name: _told(each) for each in played},
        "seconds_total": round(seconds, 2),
    }


def _of(played: Played, working: str) -> Iterator[str]:
    yield from _ended("the controller's deployment", played.controller, played.act.controller)
    yield from _ended("the function's deployment", played.function, played.act.function)
    if not played.together:
        yield "the function's deployment must have been open when the controller was dropped"
    must = () if played.act.controller.phase == "FAILED" else (*map(float, played.act.change.steps), ALL)
    if played.shares != must:
        yield f"the new controller must have been seen to get {must} % of the events; it got {played.shares} %"
    if played.live != Routing(working):
        yield f"the controller's alias must carry version {working} alone; it carries {played.live}"
    if played.answered != working:
        yield f"version {working} of the controller must answer status through its alias; {played.answered} did"


def _ended(what: str, found: Deployment | None, must: Ending) -> Iterator[str]:
    if found is None:
        yield f"{what} must end {must}; there is none"
    elif found.phase != must.phase or found.cause not in must.causes:
        yield f"{what} must end {must}; it is {found.phase}, {found.cause} ({found.reason})"


def _told(played: Played) -> Mapping[str, Any]:
    own, function, live = played.controller, played.function, played.live
    return {
        "controller": own and own.phase,
        "cause": own and own.cause,
        "function": function and function.phase,
        "shares": played.shares,
        "live": live and {"version": live.version, "weights": dict(live.weights)},
        "answers_status": played.answered,
        "seconds": round(played.seconds, 2),
    }
