"""What can wake the controller: things that happened, and what a person asked for.

``controller/inbound/parse.py`` makes them from raw payloads.

Note: an event is only a reason to look again; nothing here is trusted over what AWS says when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.model import Phase, Target


@dataclass(frozen=True, slots=True)
class ArtifactUploaded:
    """An object was created. ``version_id`` None: the newest one. ``by_request`` is True when a person asked for the
    deployment.
    """

    bucket: str
    key: str
    version_id: str | None
    sequencer: str
    happened_at: datetime
    by_request: bool = False
    lift_quarantine: bool = False
    mark: str = ""
    """What the request is known by where it comes again, empty where nobody asked."""


@dataclass(frozen=True, slots=True)
class AlarmFired:
    """An alarm went to ALARM.

    ``target`` and ``version`` come from its metrics' dimensions: None where they do not name an alias, or a version.
    """

    name: str
    at: datetime
    target: Target | None = None
    version: str | None = None
    was_calm: bool = False
    """True when the event says that the alarm was OK, or had no data, just before: that arms an alarm that had been
    firing from the start.
    """


_TICK_IS_NEWS = timedelta(minutes=2)
"""Ticks that waited while Lambda had no room for the controller come all at once, hours late, and each would look at
everything. The next one says the same.
"""


@dataclass(frozen=True, slots=True)
class Tick:
    """A minute has passed, or something asked for another look. ``at`` is when; None is now. All ticks say the same."""

    at: datetime | None = field(default=None, compare=False)

    def is_old(self, now: datetime) -> bool:
        """Has a newer one come since? Then this one says nothing any more."""
        return self.at is not None and now - self.at > _TICK_IS_NEWS


@dataclass(frozen=True, slots=True)
class NewerAccepted:
    """A newer artifact of the same target was accepted as deployment ``number``."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Requested:
    """What a person asks for. ``mark`` is what the request is known by where it comes again, empty in a forecast."""

    mark: str = ""


@dataclass(frozen=True, slots=True)
class PromoteRequested(_Requested):
    """A person wants all traffic on the canary version now; in the bake: wants it closed now.

    ``in_phase`` is the phase that they saw: a request that is handled twice, or meets a promotion, must not end the
    bake as well. None takes it as it comes.
    """

    in_phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class RollbackRequested(_Requested):
    """A person wants all traffic on the stable version now. ``why`` is theirs, or empty.

    ``over_drift`` is what the record said then that somebody else made the alias carry: a request that is handled twice
    must not overwrite what was moved after it. None takes it as it comes.
    """

    why: str = ""
    over_drift: str | None = None


@dataclass(frozen=True, slots=True)
class PauseRequested(_Requested):
    """A person wants no further step until they say so. It never holds a rollback."""


@dataclass(frozen=True, slots=True)
class ResumeRequested(_Requested):
    """A person lets a paused deployment go on."""


@dataclass(frozen=True, slots=True)
class AcceptDriftRequested(_Requested):
    """A person says that what somebody else made the alias carry is right; the deployment ends."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is deliberately not acted on; the reason goes to the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApproveRequested(_Requested):
    """A person lets the deployment go on that waits for approval. ``who`` and ``why`` are theirs, or empty.

    ``step`` is the step whose pause they answer, 0 before the first percent: one that is heard twice must not answer
    the next pause as well. None takes it as it comes.
    """

    step: int | None = None
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class DenyRequested(_Requested):
    """A person does not let the deployment go on that waits for approval; the members are those of an approval."""

    step: int | None = None
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class OverrideRequested(_Requested):
    """A person lets the deployment start although ``alarm`` fires; ``who`` answers for that."""

    alarm: str
    who: str
    why: str


ApprovalAnswered = ApproveRequested | DenyRequested
Request = (
    PromoteRequested
    | RollbackRequested
    | PauseRequested
    | ResumeRequested
    | AcceptDriftRequested
    | ApproveRequested
    | DenyRequested
    | OverrideRequested
)
