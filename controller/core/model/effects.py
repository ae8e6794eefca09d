"""What is to be done in AWS, named by an imperative; ``outcomes`` says how it went.

An effect is data: ``plan`` makes it, ``reconcile`` performs it and feeds the outcome back into ``state_machine``. A dry
run is ``plan`` without performing. Each effect may be performed twice; its docstring says why that is safe.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.manifest.settings import HookPoint
from controller.core.model import Milestone, Notice, Reason, Routing
from controller.core.statistics.before_after import ServedBefore


@dataclass(frozen=True, slots=True)
class Preflight:
    """Predict what AWS would refuse. It only reads."""


@dataclass(frozen=True, slots=True)
class Onboard:
    """Publish what ``$LATEST`` runs and make the alias on it. An alias that exists by then is left alone."""


@dataclass(frozen=True, slots=True)
class Identify:
    """Learn the artifact's CodeSha256 without changing the function. It only reads."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Bring ``$LATEST`` to the version of deployment ``number``, which could not do so. Nothing to do where it is."""

    number: int


@dataclass(frozen=True, slots=True)
class Publish:
    """Bring ``$LATEST`` to the settings and bytes and publish it. AWS publishes the same code and settings once."""

    sha256: str | None


@dataclass(frozen=True, slots=True)
class AwaitActive:
    """Look whether ``version`` is ready to serve. It only reads, and wakes one that is Inactive."""

    version: str


@dataclass(frozen=True, slots=True)
class RunTests:
    """Invoke the version by its number with the manifest's tests. Tests may run twice: they must not mind."""

    version: str


@dataclass(frozen=True, slots=True)
class BackUp:
    """Point the backup alias at ``version``. Pointing it there again changes nothing."""

    version: str


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Point the backup alias, which keeps ``version``, at what it kept before. One that is no more ours stays."""

    version: str


def milestone_of(before: ServedBefore | None) -> Milestone:
    """Returns what is noted when the alarm was put to go by ``before``; None while both versions serve."""
    if before is None:
        return Milestone.ALARM_MADE
    return Milestone.ALARM_IN_BAKE if before.is_enough else Milestone.ALARM_AT_PROMOTION


@dataclass(frozen=True, slots=True)
class MakeAlarm:
    """Put the deployment's own alarm. Its name is its own, so putting it again keeps its state.

    ``before`` is what it goes by in the bake, where the stable version serves nothing; None while both serve.
    """

    stable: str
    canary: str
    before: ServedBefore | None = None

    @property
    def milestone(self) -> Milestone:
        """What is noted when it was put."""
        return milestone_of(self.before)


@dataclass(frozen=True, slots=True)
class Route:
    """Make the alias carry ``routing``. Guarded by ``revision_id``, None where the alias is to be created."""

    routing: Routing
    revision_id: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Wake:
    """Look whether ``version``, which has all traffic again, is ready to serve, and wake it where it is Inactive."""

    version: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Remember that these bytes were rolled back. The first reason stays."""

    sha256: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring ``$LATEST`` to the code of ``version`` and to its settings, as far as the deployment has changed them.
    Nothing to do where it has them.
    """

    version: str


@dataclass(frozen=True, slots=True)
class DeleteAlarm:
    """Delete the deployment's own alarm; ``milestone`` is what is noted of it. Deleting an absent one is no error."""

    milestone: Milestone


@dataclass(frozen=True, slots=True)
class Prune:
    """Delete old versions that Slipway published and nothing uses. Deleting an absent one is no error."""


@dataclass(frozen=True, slots=True)
class Send:
    """Tell people about a change of phase. It may arrive twice; it carries the deployment and the phase."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class CallHook:
    """Invoke a hook and hear what it says. It may be called twice under one number: hooks must not mind."""

    point: HookPoint
    step: int
    call: int


Effect = (
    Preflight
    | Onboard
    | Identify
    | CatchUp
    | Publish
    | AwaitActive
    | RunTests
    | BackUp
    | RestoreBackup
    | MakeAlarm
    | Route
    | Wake
    | Quarantine
    | Restore
    | DeleteAlarm
    | Prune
    | Send
    | CallHook
)
