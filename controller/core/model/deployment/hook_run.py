"""What a hook was asked and what it said: one record for each hook and step.

Note: ``calls`` counts the answers that were noted. A controller that dies between the call and the save calls again
under the same number, so a hook is called at least once, not once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from controller.core.manifest.settings import HookPoint

AGAIN = timedelta(minutes=1)
"""When a hook is called again that does not say when, or gave no answer."""
MAX_STATE_SIZE = 4_096
"""Bytes of a hook's state as JSON: it stands in the record, which has other things to hold."""
# A tick comes once a minute, never quite on time: a call that were due in exactly a minute would miss the next one.
_HALF_A_TICK = timedelta(seconds=30)
_NOT_AT_ONCE = timedelta(seconds=1)


class HookStatus(Enum):
    """What a hook said last; NO_ANSWER is nothing yet, or nothing that was understood."""

    NO_ANSWER = "NO_ANSWER"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Has the hook said all it has to say?"""
        return self in (HookStatus.SUCCEEDED, HookStatus.FAILED)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What one call came to. ``state`` is JSON, None where the hook gave none."""

    status: HookStatus
    reason: str = ""
    again_after: timedelta = AGAIN
    state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HookRun:
    """One hook at one point, in one step: what was asked and what it said. ``step`` is an index, 0 outside a shift."""

    point: HookPoint
    step: int
    begun_at: datetime
    call_at: datetime | None
    """When it is to be called next, or, while ``calling``, when that call was begun. None: not any more."""
    status: HookStatus = HookStatus.NO_ANSWER
    reason: str = ""
    state: str | None = field(default=None, repr=False)
    calls: int = 0
    calling: bool = False
    """True from when a call is begun until what came of it is noted."""
    overdue: bool = False
    """True once the wait for SUCCEEDED or FAILED was over without either."""

    def answered(self, answer: HookAnswer, now: datetime) -> HookRun:
        """Returns the run with one more call. The state of a hook that gave no answer stays."""
        kept = {HookStatus.NO_ANSWER: self.state, HookStatus.IN_PROGRESS: answer.state}
        again = max(answer.again_after - _HALF_A_TICK, _NOT_AT_ONCE)
        return replace(
            self,
            status=answer.status,
            reason=answer.reason,
            state=kept.get(answer.status),
            calls=self.calls + 1,
            calling=False,
            call_at=None if answer.status.is_final else now + again,
        )

    def left(self) -> HookRun:
        """Returns the run as it stays when nobody waits for it any more."""
        return replace(self, call_at=None, calling=False, state=None)

    def begun_again(self, now: datetime) -> HookRun:
        """Returns the run with all of its wait before it again. The numbers of its calls go on."""
        run = replace(self, status=HookStatus.NO_ANSWER, reason="") if self.status is HookStatus.FAILED else self
        return replace(run, begun_at=now, call_at=now, calling=False, overdue=False)
