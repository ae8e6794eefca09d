"""What came of the drops, and what is wrong with it. Pure.

Note: the right end is not enough. A deployment of the function that was over before the new controller came has proved
nothing, and neither has a version that nobody asks for anything afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.asking.answers import Deployment, Routing
from local.demo.alias import ALL
from local.demo_self.drops import DROPS, PROMOTED, TEST_FAILED, Ending
from local.demo_self.play import Played

FIRST = "1"
"""The version that the stack has made."""


def problems(played: Sequence[Played]) -> tuple[str, ...]:
    """Returns what is wrong, nothing where every drop went as it must."""
    found: list[str] = []
    working = FIRST
    for each in played:
        if each.controller and each.drop.controller == PROMOTED:
            working = each.controller.canary or working
        found += (f"{each.drop.change.name}: {problem}" for problem in _of(each, working))
    missing = [drop.change.name for drop in DROPS[len(played) :]]
    return (*found, *(f"{name}: it was not dropped" for name in missing))


def line(played: Sequence[Played], seconds: float) -> Mapping[str, object]:
    """Returns what the last line says but for ``ok``."""
    return {"drops": {each.drop.change.name: _told(each) for each in played}, "seconds_total": round(seconds, 2)}


def _of(played: Played, working: str) -> Iterator[str]:
    yield from _ended("the controller's deployment", played.controller, played.drop.controller)
    yield from _ended("the function's deployment", played.function, played.drop.function)
    if not played.together:
        yield "the function's deployment must have been open when the controller was dropped"
    must = () if played.drop.controller == TEST_FAILED else (*map(float, played.drop.change.steps), ALL)
    if played.shares != must:
        yield f"the new controller must have been seen to get {must} % of the events; it got {played.shares} %"
    if played.live != Routing(working):
        yield f"the controller's alias must carry version {working} alone; it carries {played.live}"
    if played.answered != working:
        yield f"version {working} of the controller must answer status through its alias; {played.answered} did"


def _ended(what: str, found: Deployment | None, must: Ending) -> Iterator[str]:
    if found is None:
        yield f"{what} must end {must}; there is none"
    elif (found.phase, found.cause) != must:
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
