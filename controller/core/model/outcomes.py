"""The outcomes of effects, named by past participles; ``state_machine`` takes them as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.core.manifest.settings import HookPoint
from controller.core.model import Alias, Artifact, Milestone, Notice, Reason, TestOutcome
from controller.core.model.deployment.hold.delay import DelayKind
from controller.core.model.deployment.hook_run import HookAnswer


@dataclass(frozen=True, slots=True)
class Preflighted:
    """The function as found. A ``stable`` of None means a first deployment, unless ``onboards``.

    ``stable_artifact`` is None if Slipway did not deploy the stable version. ``behind`` is the deployment that made it
    and could not bring ``$LATEST`` to it.
    """

    stable: str | None
    onboards: bool = False
    stable_artifact: Artifact | None = None
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Onboarded:
    """The function's own code is published as ``version``, and the alias carries it."""

    version: str


@dataclass(frozen=True, slots=True)
class Identified:
    """``sha256`` is None if AWS gives no hash before the update. ``quarantined`` says that these bytes were rolled back
    before, which a person may lift; ``refused`` says why they must never be published.
    """

    sha256: str | None
    quarantined: Reason | None = None
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """``$LATEST`` matches the stable version, or ``note`` says why not."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """``version`` exists, but may not be ready to serve."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BecameActive:
    """The published version can serve."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The artifact and its settings equal the stable version ``version``."""

    version: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """Work before traffic could not be done now; the next tick goes on.

    ``reason`` is AWS's message, with the cause to end the deployment by. ``advice`` is for a person, empty if only time
    helps.
    """

    kind: DelayKind
    reason: Reason
    advice: str = ""


@dataclass(frozen=True, slots=True)
class EffectRefused:
    """AWS or a check refused for good."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Tested:
    """All tests were run."""

    outcomes: tuple[TestOutcome, ...]


@dataclass(frozen=True, slots=True)
class Routed:
    """The alias was written; ``alias`` is the answer of AWS. The routing counts only in the next round."""

    alias: Alias


@dataclass(frozen=True, slots=True)
class Asleep:
    """The version that traffic went back to cannot serve yet; ``why`` gives its state and Slipway's action."""

    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """``$LATEST`` matches ``version``, or ``note`` lists the differences and their reasons."""

    version: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """A milestone is done, or given up for good, and ``note`` says why."""

    milestone: Milestone
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlarmMade:
    """The deployment's own alarm is put. ``longest_timeout`` is the longest run time of a request of either version."""

    milestone: Milestone
    longest_timeout: timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice was sent, or refused for good, and ``note`` says why; it is not sent again."""

    notice: Notice
    note: str = ""


@dataclass(frozen=True, slots=True)
class HookAnswered:
    """A hook was called, with this answer."""

    point: HookPoint
    step: int
    call: int
    answer: HookAnswer


Outcome = (
    Preflighted
    | Onboarded
    | Identified
    | CaughtUp
    | Published
    | BecameActive
    | Unchanged
    | Delayed
    | EffectRefused
    | Tested
    | Routed
    | Asleep
    | Restored
    | Finished
    | AlarmMade
    | Sent
    | HookAnswered
)
