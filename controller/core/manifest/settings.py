"""A team's deployment settings as types: strategy, gates, tests, hooks.

``parsing.py`` makes these from ``slipway.json``. Rules of the file: illegal values cannot be built; None means turned
off.

A pause for approval is part of the step before it, not a step of its own: the alias does not change while a person is
asked.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

MANIFEST = "slipway.json"
"""The name of a manifest: in the zip's root, and in the bucket at FUNCTION/slipway.json."""


class OnNewer(Enum):
    """The effect of a newer artifact on an open deployment."""

    SUPERSEDE = "supersede"
    QUEUE = "queue"
    REJECT = "reject"


class OnFailure(Enum):
    """The effect of a failure: roll back, or freeze for a person to decide."""

    ROLLBACK = "rollback"
    FREEZE = "freeze"


class OnTimeout(Enum):
    """The action at the end of a wait."""

    HOLD = "hold"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class AlreadyAlarming(Enum):
    """The treatment of an alarm that fires before any traffic has moved."""

    IGNORE_UNTIL_OK = "ignore_until_ok"
    BLOCK = "block"


class HookPoint(Enum):
    BEFORE_TRAFFIC = "before_traffic"
    EACH_STEP = "each_step"
    BEFORE_PROMOTION = "before_promotion"
    AFTER_BAKE = "after_bake"
    AFTER_ROLLBACK = "after_rollback"


@dataclass(frozen=True, slots=True)
class Wait:
    """The longest time to wait, and the action if it passes."""

    timeout: timedelta
    then: OnTimeout


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the shift: the canary's weight in hundredths of a percent, and the shortest time to hold it.

    ``approval`` is the wait for a person after the hold, None for a step without approval.
    """

    weight: int
    hold: timedelta
    approval: Wait | None = None

    def __post_init__(self) -> None:
        if not 0 < self.weight < 10_000:
            raise ValueError(f"a step's weight lies between 0 and 100 %, not at {self.weight / 100:g} %")


@dataclass(frozen=True, slots=True)
class Strategy:
    """How traffic moves; no steps means all at once. ``approval`` is the wait for a person before the first percent."""

    steps: tuple[Step, ...]
    bake: timedelta
    approval: Wait | None = None

    def __post_init__(self) -> None:
        weights = [step.weight for step in self.steps]
        if any(later <= earlier for earlier, later in itertools.pairwise(weights)):
            found = ", ".join(f"{weight / 100:g}" for weight in weights)
            raise ValueError(f"weights must rise from step to step, found {found}")

    @property
    def holds(self) -> timedelta:
        """The shortest time from the first percent to the end of the bake, without approvals."""
        return sum((step.hold for step in self.steps), self.bake)

    @property
    def pauses(self) -> timedelta:
        """The longest time spent waiting for approvals."""
        asked = [self.approval, *(step.approval for step in self.steps)]
        return sum((wait.timeout for wait in asked if wait), timedelta(0))


@dataclass(frozen=True, slots=True)
class ErrorGate:
    """The error gate's significances: probabilities of rolling back a good version.

    ``significance`` applies while both versions serve, ``bake_significance`` in the bake; None leaves the bake
    unjudged.
    """

    significance: float
    bake_significance: float | None


@dataclass(frozen=True, slots=True)
class MetricGate:
    """Two counts published by a team: ``bad`` of ``total``, in one namespace, with the version as a dimension.

    ``version`` is the name of the version's dimension; ``dimensions`` are the other dimensions, by name.
    """

    namespace: str
    bad: str
    total: str
    dimensions: tuple[tuple[str, str], ...]
    version: str
    judged: ErrorGate

    def __str__(self) -> str:
        return f"{self.namespace} {self.bad} of {self.total}"


@dataclass(frozen=True, slots=True)
class LatencyGate:
    """The latency gate's significance, and how many of the canary's first requests in a step to skip."""

    significance: float
    skip_invocations: int


@dataclass(frozen=True, slots=True)
class ThrottleGate:
    """The allowed share of throttled requests of the alias, in hundredths of a percent, and the action above it."""

    limit: int
    then: OnTimeout


@dataclass(frozen=True, slots=True)
class Gates:
    """The conditions of the next step. A gate of None is off.

    ``timeouts`` is that gate's significance. ``no_traffic`` is the wait for ``min_invocations`` after the hold.
    """

    alarms: tuple[str, ...]
    errors: ErrorGate | None
    latency: LatencyGate | None
    timeouts: float | None
    throttles: ThrottleGate | None
    min_invocations: int
    no_traffic: Wait
    already_alarming: AlreadyAlarming
    metrics: tuple[MetricGate, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """Invocations of the new version before any traffic: ``warm_up`` unchecked, then ``times`` checked.

    - ``response``: a JSON Schema.
    - ``error``: the expected errorType, None for a test that expects success.
    - ``payload_file``: the zip's file with a payload still to be read; empty for an inline ``payload``.
    """

    __test__ = False

    name: str
    payload: object
    response: object
    within: timedelta
    payload_file: str = ""
    error: str | None = None
    times: int = 1
    warm_up: int = 0

    @property
    def longest(self) -> timedelta:
        """The longest time of all its invocations."""
        return (self.warm_up + self.times) * self.within


@dataclass(frozen=True, slots=True)
class Hook:
    """A Lambda function asked whether the deployment may go on; ``function`` may end with ``:QUALIFIER``."""

    function: str
    answer: Wait


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. ``document`` is its source, in the stored form."""

    alias: str
    strategy: Strategy
    gates: Gates
    tests: tuple[TestCase, ...]
    function: Mapping[str, object]
    on_newer: OnNewer
    on_failure: OnFailure
    deadline: timedelta
    """The longest time a deployment may be open, without the waits for approval."""
    document: Mapping[str, object]
    hooks: Mapping[HookPoint, Hook] = field(default_factory=dict)

    @property
    def deadline_with_pauses(self) -> timedelta:
        """The longest time a deployment may be open."""
        return self.deadline + self.strategy.pauses

    @property
    def longest_tests(self) -> timedelta:
        """The longest time of all tests together."""
        return sum((test.longest for test in self.tests), timedelta(0))

    @property
    def can_create(self) -> bool:
        """Does the manifest have enough settings to create a missing function?"""
        return not self.lacks_to_create

    @property
    def lacks_to_create(self) -> tuple[str, ...]:
        """The settings missing for creating a function."""
        return tuple(name for name in ("Runtime", "Handler", "Role") if name not in self.function)
