"""Events that wake the controller: things that happened, and requests of people.

``controller/inbound/parse.py`` makes events from raw payloads.

Note: an event is only a reason to look again; AWS's state, when read, counts for more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.model import NOBODY, Person, Phase, Routing, Target


@dataclass(frozen=True, slots=True)
class ArtifactUploaded:
    """An object was created. A ``version_id`` of None means the newest. ``by_request`` is True if a person asked for
    the deployment; ``person`` is who asked, or whom S3 names.
    """

    bucket: str
    key: str
    version_id: str | None
    sequencer: str
    happened_at: datetime
    by_request: bool = False
    lift_quarantine: bool = False
    mark: str = ""
    """Identifies a repeated request, empty unless a person asked."""
    person: Person = NOBODY


@dataclass(frozen=True, slots=True)
class AlarmFired:
    """An alarm went to ALARM.

    ``target`` and ``version`` come from its metrics' dimensions: None if these name no alias, or no version.
    """

    name: str
    at: datetime
    target: Target | None = None
    version: str | None = None
    was_calm: bool = False
    """True if the event says that the alarm was OK, or had no data, just before. This arms an alarm that was firing
    from the start.
    """


@dataclass(frozen=True, slots=True)
class AliasChanged:
    """Somebody else made, moved or deleted an alias, as CloudTrail tells.

    ``action`` is the call, "UpdateAlias"; ``version`` the one it asked for, None if it named none; ``who`` the ARN of
    the caller, empty if unknown.
    """

    target: Target
    action: str
    at: datetime
    who: str = ""
    version: str | None = None

    def explains(self, carried: Routing | None) -> bool:
        """May this change have made the alias carry that? Events come late and out of order."""
        if carried is None:
            return self.action == "DeleteAlias"
        return self.action != "DeleteAlias" and self.version in (None, carried.version)


_TICK_IS_NEWS = timedelta(minutes=2)
"""Ticks queued while Lambda had no room for the controller arrive together, hours late. Each would look at everything,
and the next one says the same.
"""


@dataclass(frozen=True, slots=True)
class Tick:
    """A minute has passed, or something asked for another look. ``at`` is the time, None for now. All ticks say the
    same.
    """

    at: datetime | None = field(default=None, compare=False)

    def is_old(self, now: datetime) -> bool:
        """Must a newer tick have come by now?"""
        return self.at is not None and now - self.at > _TICK_IS_NEWS


@dataclass(frozen=True, slots=True)
class NewerAccepted:
    """A newer artifact of the same target was accepted as deployment ``number``."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Requested:
    """A person's request. ``mark`` identifies a repeated request, empty in a dry run."""

    mark: str = ""
    person: Person = NOBODY


@dataclass(frozen=True, slots=True)
class PromoteRequested(_Requested):
    """A person wants all traffic on the canary version now; during the bake, a person wants to close it now.

    ``in_phase`` is the phase the person saw: a promotion handled twice must not end the bake as well. None accepts any
    phase.
    """

    in_phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class NextRequested(_Requested):
    """A person wants the next step now. ``step`` is the step the person saw, 1 for the first: a request handled twice
    must not take two steps. None accepts any step.
    """

    step: int | None = None


@dataclass(frozen=True, slots=True)
class RollbackRequested(_Requested):
    """A person wants all traffic on the stable version now.

    ``over_drift`` is the drift recorded at the time: a rollback handled twice must not overwrite a later external
    change. None accepts any state.
    """

    over_drift: str | None = None


@dataclass(frozen=True, slots=True)
class PauseRequested(_Requested):
    """A person wants no further step until they resume. A pause never holds a rollback."""


@dataclass(frozen=True, slots=True)
class ResumeRequested(_Requested):
    """A person lets a paused deployment go on."""


@dataclass(frozen=True, slots=True)
class AcceptDriftRequested(_Requested):
    """A person confirms an external change of the alias; the deployment ends."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event without effect, on purpose; the reason goes to the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApproveRequested(_Requested):
    """A person approves.

    ``step`` is the step whose pause is answered, 0 before the first percent: an approval handled twice must not answer
    the next pause as well. None accepts any step.
    """

    step: int | None = None


@dataclass(frozen=True, slots=True)
class DenyRequested(_Requested):
    """A person denies approval; members as in ``ApproveRequested``."""

    step: int | None = None


@dataclass(frozen=True, slots=True)
class OverrideRequested(_Requested):
    """A person lets the deployment start although ``alarm`` fires, and answers for this."""

    alarm: str


@dataclass(frozen=True, slots=True)
class OverrideFreezeRequested(_Requested):
    """A person lets the deployment go on under the freezes now in force, and answers for this."""


ApprovalAnswered = ApproveRequested | DenyRequested
Request = (
    PromoteRequested
    | NextRequested
    | RollbackRequested
    | PauseRequested
    | ResumeRequested
    | AcceptDriftRequested
    | ApproveRequested
    | DenyRequested
    | OverrideRequested
    | OverrideFreezeRequested
)
GoesForward = PromoteRequested | NextRequested | OverrideFreezeRequested
"""The requests for which the freezes are read, whatever the deployment waits for."""
