"""The work to do in AWS, named by imperatives; ``outcomes`` are the results.

An effect is data: ``plan`` makes it, ``reconcile`` performs it and feeds the outcome back into ``state_machine``. A dry
run is ``plan`` without performing. Every effect may be performed twice; its docstring says why this is safe.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.manifest.settings import HookPoint
from controller.core.model import Milestone, Notice, Reason, Routing
from controller.core.statistics.before_after import ServedBefore


@dataclass(frozen=True, slots=True)
class Preflight:
    """Predict AWS's refusals. Only reads."""


@dataclass(frozen=True, slots=True)
class Onboard:
    """Publish ``$LATEST`` as it is and make the alias on the version. An alias that exists by then is left alone."""


@dataclass(frozen=True, slots=True)
class Identify:
    """Learn the artifact's CodeSha256 without changing the function. Only reads."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Bring ``$LATEST`` to the version of deployment ``number``, which could not do so itself. A second time changes
    nothing.
    """

    number: int


@dataclass(frozen=True, slots=True)
class Publish:
    """Bring ``$LATEST`` to the settings and bytes, and publish it. AWS publishes the same code and settings once."""

    sha256: str | None


@dataclass(frozen=True, slots=True)
class AwaitActive:
    """Check whether ``version`` can serve, and wake an Inactive one."""

    version: str


@dataclass(frozen=True, slots=True)
class RunTests:
    """Invoke the version by its number with the manifest's tests. Tests may run twice and must tolerate it."""

    version: str


@dataclass(frozen=True, slots=True)
class BackUp:
    """Point the backup alias at ``version``. A second time changes nothing."""

    version: str


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Point the backup alias from ``version`` back at its version before. An alias changed by somebody else stays."""

    version: str


def milestone_of(before: ServedBefore | None) -> Milestone:
    """Returns the milestone for an alarm put with ``before``, which is None while both versions serve."""
    if before is None:
        return Milestone.ALARM_MADE
    return Milestone.ALARM_IN_BAKE if before.is_enough else Milestone.ALARM_AT_PROMOTION


@dataclass(frozen=True, slots=True)
class MakeAlarm:
    """Put the deployment's own alarm. Its name belongs to this deployment, so a second time keeps its state.

    ``before`` is the stable version's traffic to compare the bake with; None while both versions serve.
    """

    stable: str
    canary: str
    before: ServedBefore | None = None

    @property
    def milestone(self) -> Milestone:
        """The milestone to note afterwards."""
        return milestone_of(self.before)


@dataclass(frozen=True, slots=True)
class SetAlarm:
    """Set the deployment's own alarm to ALARM, for a drill. A second time sends another event, which comes late."""


@dataclass(frozen=True, slots=True)
class Route:
    """Make the alias carry ``routing``, guarded by ``revision_id``; None creates the alias."""

    routing: Routing
    revision_id: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Wake:
    """Check whether ``version``, which has all traffic again, can serve, and wake an Inactive one."""

    version: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Remember that these bytes were rolled back. The first reason stays."""

    sha256: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring ``$LATEST`` to the code of ``version``, and to its settings as far as the deployment changed them. A second
    time changes nothing.
    """

    version: str


@dataclass(frozen=True, slots=True)
class DeleteAlarm:
    """Delete the deployment's own alarm and note ``milestone``. An absent alarm is no error."""

    milestone: Milestone


@dataclass(frozen=True, slots=True)
class Prune:
    """Delete old, unused versions published by Slipway. An absent version is no error."""


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Delete the version of a drill. An absent version, or one that an alias carries, is no error."""

    version: str


@dataclass(frozen=True, slots=True)
class Send:
    """Tell people about a change of phase. A notice may arrive twice; deployment and phase identify it."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class CallHook:
    """Call a hook and read its answer. A hook may be called twice under one number and must tolerate it."""

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
    | SetAlarm
    | Route
    | Wake
    | Quarantine
    | Restore
    | DeleteAlarm
    | Prune
    | DeleteVersion
    | Send
    | CallHook
)
