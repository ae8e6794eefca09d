"""Plays whole deployments of a release that is as good as the stable version, step by step as a manifest runs them.

Rules of the file: the steps come from the controller's own reading of a manifest, and the evidence goes on from one to
the next. What a newcomer would get wrong: a step lasts longer than its hold. It ends with a tick, and not before enough
requests have reached the canary.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from bench.judging.gates import ErrorGate, Gate
from bench.judging.traffic import Cell, minutes
from controller.core.judge import Minute
from controller.core.manifest import build
from controller.core.policy import Manifest

_LONG = {
    "steps": [{"weight": 1, "hold": "30m"}, {"weight": 10, "hold": "30m"}, {"weight": 50, "hold": "1h"}],
    "bake": "10m",
}
WAYS: Mapping[str, Manifest] = {
    "by the default strategy": build({}),
    "at 1 % and 10 % for half an hour, 50 % for an hour": build({"strategy": _LONG}),
}
TRAFFIC = tuple(product((50, 200, 1_000, 5_000), (0.1, 0.3, 1.0, 3.0, 10.0)))
"""Requests a minute, and how many percent of them fail, whichever version serves them."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """How many of ``runs`` good releases that were deployed in a way of ``WAYS`` were rolled back."""

    way: str
    runs: int
    rolled_back: int


def rolled_back(way: str, requests: int, errors: float, runs: int) -> int:
    """Returns how many of ``runs`` deployments the error gate rolls back. The same arguments give the same."""
    dice = random.Random(repr((way, requests, errors)))  # noqa: S311 - a seeded dice, so that the same run throws the same
    return sum(is_rolled_back(served(dice, WAYS[way], requests, errors)) for _ in range(runs))


def served(dice: random.Random, manifest: Manifest, requests: int, errors: float) -> Iterator[Minute]:
    """Yields the minutes of one deployment in which both versions serve."""
    for step in manifest.strategy.steps:
        reached = 0
        walk = minutes(dice, Cell(step.weight / 100, requests, errors), times=1)
        for number, minute in enumerate(walk, 1):
            yield minute
            reached += minute.canary_invocations
            if timedelta(minutes=number) > step.hold and reached >= manifest.gates.min_invocations:
                break


def is_rolled_back(walk: Iterator[Minute]) -> bool:
    """Does the error gate, which looks at every minute, roll this deployment back?"""
    gate: Gate = ErrorGate()
    for minute in walk:
        gate = gate.after(minute)
        if gate.fired:
            return True
    return False
