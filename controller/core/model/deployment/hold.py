"""What holds a deployment: an older one that is open, AWS, a freeze, or a person; and the newer one it holds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.model.deployment.delay import Delay
from controller.core.model.phase import Phase, Reason


@dataclass(frozen=True, slots=True)
class Approval:
    """That people were asked whether the deployment may go on, and what became of it.

    ``overdue`` is True once they were told that the wait is over, and that it goes on all the same.
    """

    asked_at: datetime
    given: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """What a deployment waits for, and who waits for it."""

    queued: bool = False
    """True while an older deployment of the target is open; nothing is done for this one until then."""
    newer: int | None = None
    """The number of the newer deployment that is queued behind this one."""
    delay: Delay | None = None
    """What keeps it from getting on before traffic; None while it gets on."""
    doubts: int = 0
    """How many holds more the step was given, because the evidence was against the canary when its hold ended."""
    approval: Approval | None = None
    """None until people are asked about this step, or, in TESTING, about the first percent."""
    paused: bool = False
    frozen: Reason | None = None
    """What speaks against the canary while it serves and ``on_failure`` leaves to a person; None where nothing does."""
    overruled_at: datetime | None = None
    """When a person last let it go on though it was frozen: they have answered what any alarm said before that."""

    def in_phase(self, phase: Phase) -> Hold:
        """Returns what still holds once ``phase`` is entered: a freeze does as long as the canary serves."""
        return replace(self.in_next_step(), delay=None, frozen=self.frozen if phase.serves else None)

    def in_next_step(self) -> Hold:
        """Returns what still holds in the next step: its doubts and its approval are its own."""
        return replace(self, doubts=0, approval=None)

    def freezing(self, reason: Reason) -> Hold:
        return replace(self, paused=True, frozen=reason)

    def released(self, now: datetime) -> Hold:
        """Returns the same without pause and freeze; whatever froze it is answered by that."""
        return replace(self, paused=False, frozen=None, overruled_at=now if self.frozen else self.overruled_at)
