"""Says what is not well in a ``status``: for people below the picture, and for ``--exit-code``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from cli.asking.answers import Deployment, Overview, TargetStatus

_NO_TICK = timedelta(minutes=5)
_BAD_MODES = {
    "frozen": "is frozen",
    "drifted": "was moved by somebody else",
    "asleep": "waits for a version that sleeps",
}


def of_all(found: Overview) -> Iterator[str]:
    """Yields what is not well anywhere: an open deployment, the last day's ends, the controller itself."""
    yield from _of_open(found.open)
    yield from _of_ended(found.ended)
    if found.at and found.last_tick and found.at - found.last_tick > _NO_TICK:
        yield f"the controller's last tick was at {found.last_tick.isoformat()}"
    if found.dead_letters:
        yield f"dead letters wait: {found.dead_letters}"
    yield from found.warnings


def of_target(found: TargetStatus) -> Iterator[str]:
    """Yields what is not well with one target."""
    if found.drift:
        yield found.drift
    yield from _of_open([found.open] if found.open else [])
    yield from _of_ended([found.newest] if found.newest else [])
    yield from found.warnings


def _of_open(deployments: Iterable[Deployment]) -> Iterator[str]:
    for one in deployments:
        if one.phase == "ROLLING_BACK":
            yield f"{one.name} is being rolled back"
        for mode in one.modes:
            if mode in _BAD_MODES:
                yield f"{one.name} {_BAD_MODES[mode]}"
        if one.firing:
            yield f"{one.name}: {', '.join(one.firing)} is firing"


def _of_ended(deployments: Iterable[Deployment]) -> Iterator[str]:
    """Yields the targets whose last deployment ended badly; an older end is history."""
    seen: set[str] = set()
    for one in deployments:
        target = one.target
        if one.has_ended_badly and target not in seen:
            yield f"{one.name} ended as {one.phase}"
        seen.add(target)
