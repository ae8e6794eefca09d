"""How an effect went, named by a past participle; ``state_machine`` takes it as an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from controller.core.manifest.settings import HookPoint
from controller.core.model import Artifact, Milestone, Notice, Reason, TestOutcome
from controller.core.model.deployment.delay import DelayKind
from controller.core.model.deployment.hook_run import HookAnswer


@dataclass(frozen=True, slots=True)
class Preflighted:
    """The function as found: ``stable`` None is a first deployment, unless ``onboards``.

    ``stable_artifact`` is None where Slipway did not deploy the stable version. ``behind`` is the deployment that did,
    where ``$LATEST`` was not brought to that version.
    """

    stable: str | None
    onboards: bool = False
    stable_artifact: Artifact | None = None
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Onboarded:
    """The function's own code is ``version`` now and the alias carries it."""

    version: str


@dataclass(frozen=True, slots=True)
class Identified:
    """``sha256`` is None where AWS would not tell before the update. ``quarantined`` says that these bytes were rolled
    back before, which a person may lift; ``refused`` why they must not be published, which nobody may.
    """

    sha256: str | None
    quarantined: Reason | None = None
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """``$LATEST`` is what the stable version is, or ``note`` says why not."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """``version`` exists; whether it is ready to serve is another question."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BecameActive:
    """The published version is ready to serve."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The artifact and its settings are what ``version``, the stable one, already is."""

    version: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """What has to be done before traffic could not be done now; the next tick goes on with it.

    ``reason`` is what AWS said, with the cause that it has should that end the deployment. ``advice`` is what a person
    can do, empty where only time helps.
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
    """The alias was written; what it carries is believed only when read back."""


@dataclass(frozen=True, slots=True)
class Asleep:
    """The version that traffic went back to cannot serve yet; ``why`` says what it is and what was done."""

    why: str


@dataclass(frozen=True, slots=True)
class Restored:
    """``$LATEST`` is what ``version`` is, or ``note`` says in what it is not, and why."""

    version: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """A milestone is done, or given up for good with ``note`` saying why."""

    milestone: Milestone
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlarmMade:
    """The deployment's own alarm is put. ``longest_timeout`` is how long a request of either version may last."""

    milestone: Milestone
    longest_timeout: timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice went out, or was refused for good with ``note`` saying why; it is not sent again."""

    notice: Notice
    note: str = ""


@dataclass(frozen=True, slots=True)
class HookAnswered:
    """A hook was called, and this is what came of it."""

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
