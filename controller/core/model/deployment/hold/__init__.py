"""The reasons a deployment is held: an older open one, AWS, a danger, a freeze, or a person; and the newer one queued
behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from controller.core.model.deployment.hold.delay import Delay
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from controller.core.model.phase import Phase, Reason


@dataclass(frozen=True, slots=True)
class Approval:
    """The question for approval, and its state.

    ``overdue`` is True once people were told about the end of the wait.
    """

    asked_at: datetime
    given: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """The reasons to wait, and the deployment waiting behind."""

    queued: bool = False
    """True while an older deployment of the target is open; until then this one does nothing."""
    newer: int | None = None
    """The number of the newer deployment queued behind this one."""
    delay: Delay | None = None
    """The delay before traffic; None without one."""
    doubts: int = 0
    """The step's further holds, given because the evidence was against the canary at the end of the hold."""
    cut_short_at: datetime | None = None
    """When a person ended the step's hold; None while it lasts its time."""
    told_of_wait: bool = False
    """True once people were told that the step waits for requests, and until when."""
    approval: Approval | None = None
    """None until people are asked about this step, or, in TESTING, about the first percent."""
    paused: bool = False
    frozen: Reason | None = None
    """The danger for which ``on_failure: freeze`` has stopped it, for a person to decide; None without one."""
    overruled_at: datetime | None = None
    """When a person last let a frozen deployment go on; all earlier alarms are answered by this."""

    freeze_wait: FreezeWait = field(default_factory=FreezeWait)
    """The wait under freezes of many targets, which have nothing to do with ``frozen``."""

    def in_phase(self, phase: Phase) -> Hold:
        """Returns the holds that outlast entering ``phase``; ``frozen`` does while the canary serves."""
        frozen = self.frozen if phase.serves else None
        return replace(self.in_next_step(), delay=None, frozen=frozen, freeze_wait=self.freeze_wait.left())

    def in_next_step(self) -> Hold:
        """Returns the holds that outlast the step; doubts, approval and a hold cut short do not."""
        return replace(self, doubts=0, approval=None, cut_short_at=None, told_of_wait=False)

    def freezing(self, reason: Reason) -> Hold:
        # The person ended the hold before this danger was known, so the step lasts its time again.
        return replace(self, paused=True, frozen=reason, cut_short_at=None)

    def released(self, now: datetime) -> Hold:
        """Returns the same neither paused nor frozen, and with the danger of before answered."""
        return replace(self, paused=False, frozen=None, overruled_at=now if self.frozen else self.overruled_at)
