"""What a team may want of its deployments, as types: the strategy, the gates, the tests, the hooks.

``parsing.py`` makes them from ``slipway.json``. Rules of the file: illegal values cannot be built; None is what is
turned off.

A pause for approval is no step of its own here. It belongs to the step before it, because nothing changes in the alias
while a person is asked.
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
    """What a newer artifact does to an open deployment."""

    SUPERSEDE = "supersede"
    QUEUE = "queue"
    REJECT = "reject"


class OnFailure(Enum):
    """What a failure does: go back, or stop where it is."""

    ROLLBACK = "rollback"
    FREEZE = "freeze"


class OnTimeout(Enum):
    """What follows when a wait is over."""

    HOLD = "hold"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class AlreadyAlarming(Enum):
    """What an alarm does that fires before the deployment moves any traffic."""

    IGNORE_UNTIL_OK = "ignore_until_ok"
    BLOCK = "block"


class HookPoint(Enum):
    """When a hook is called."""

    BEFORE_TRAFFIC = "before_traffic"
    EACH_STEP = "each_step"
    BEFORE_PROMOTION = "before_promotion"
    AFTER_BAKE = "after_bake"
    AFTER_ROLLBACK = "after_rollback"


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something is waited for, and what follows if it does not come."""

    most: timedelta
    then: OnTimeout


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the shift: the canary's share in hundredths of a percent, and how long at least.

    ``approval`` is the wait for a person after it, None where nobody is asked.
    """

    weight: int
    hold: timedelta
    approval: Wait | None = None

    def __post_init__(self) -> None:
        if not 0 < self.weight < 10_000:
            raise ValueError(f"a step's weight lies between 0 and 100 %, not at {self.weight / 100:g} %")


@dataclass(frozen=True, slots=True)
class Strategy:
    """How traffic moves. No steps is all at once. ``approval`` is the wait for a person before the first percent."""

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
        """The shortest time from the first percent to the end of the bake, with nobody to wait for."""
        return sum((step.hold for step in self.steps), self.bake)

    @property
    def pauses(self) -> timedelta:
        """The longest time that people are waited for."""
        asked = [self.approval, *(step.approval for step in self.steps)]
        return sum((wait.most for wait in asked if wait), timedelta(0))


@dataclass(frozen=True, slots=True)
class ErrorGate:
    """How sure the error gate must be: ``significance`` while both versions serve, ``bake_significance`` in the bake.

    Each is the probability of rolling back a good version. ``bake_significance`` is None where the bake is not judged.
    """

    significance: float
    bake_significance: float | None


@dataclass(frozen=True, slots=True)
class MetricGate:
    """Two counts that a team publishes: ``bad`` ones and ``total``, in one namespace, with the version as a dimension.

    ``dimensions`` are those beside the version's, by name; ``version`` is the name of the dimension that holds it.
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
    """How sure the latency gate must be, and how many of the canary's first requests in a step it leaves out."""

    significance: float
    skip_invocations: int


@dataclass(frozen=True, slots=True)
class ThrottleGate:
    """How many of the alias's requests may be throttled, in hundredths of a percent, and what follows if more are."""

    most: int
    then: OnTimeout


@dataclass(frozen=True, slots=True)
class Gates:
    """What must be right before the next step. A gate that is None is off.

    ``timeouts`` is the significance of that gate. ``no_traffic`` is the wait for ``min_invocations`` after the hold.
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
    """Invocations of the new version before any traffic: ``warm_up`` that are not looked at, then ``times`` that are.

    ``response`` is a JSON Schema. ``error`` is the errorType that the version must fail with, None where it must not
    fail. ``payload_file`` is the file of the zip that ``payload`` is still to be read from, empty where it is inline.
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
        """The longest that all its invocations may take."""
        return (self.warm_up + self.times) * self.within


@dataclass(frozen=True, slots=True)
class Hook:
    """A Lambda function that is asked whether the deployment may go on; ``function`` may have ``:QUALIFIER``."""

    function: str
    answer: Wait


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. ``document`` is what it was built from and what is stored."""

    alias: str
    strategy: Strategy
    gates: Gates
    tests: tuple[TestCase, ...]
    function: Mapping[str, object]
    on_newer: OnNewer
    on_failure: OnFailure
    deadline: timedelta
    """The longest that the deployment may be open, the waits for approval not counted."""
    document: Mapping[str, object]
    hooks: Mapping[HookPoint, Hook] = field(default_factory=dict)

    @property
    def open_at_most(self) -> timedelta:
        """The longest that the deployment may be open."""
        return self.deadline + self.strategy.pauses

    @property
    def longest_tests(self) -> timedelta:
        """The longest that all tests together may take."""
        return sum((test.longest for test in self.tests), timedelta(0))

    @property
    def can_create(self) -> bool:
        """Does the manifest say enough to create a function that does not exist?"""
        return not self.lacks_to_create

    @property
    def lacks_to_create(self) -> tuple[str, ...]:
        """Which members does it still need for that?"""
        return tuple(name for name in ("Runtime", "Handler", "Role") if name not in self.function)
