"""A hook's run: the calls and the answers, one record per hook and step.

Note: ``calls`` counts recorded answers. A controller that dies between the call and the save repeats the call under the
same number, so a hook is called at least once, not exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from controller.core.manifest.settings import HookPoint

AGAIN = timedelta(minutes=1)
"""The time until the next call of a hook that gave none, or no answer."""
MAX_STATE_SIZE = 4_096
"""Bytes of a hook's state as JSON, limited because the record has other contents."""
# A tick comes once a minute, never quite on time: a call due in exactly a minute would miss the next tick.
_HALF_A_TICK = timedelta(seconds=30)
_NOT_AT_ONCE = timedelta(seconds=1)


class HookStatus(Enum):
    """A hook's latest answer; NO_ANSWER is none yet, or one that was not understood."""

    NO_ANSWER = "NO_ANSWER"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Is this a hook's last answer?"""
        return self in (HookStatus.SUCCEEDED, HookStatus.FAILED)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """The outcome of one call. ``state`` is JSON, None if the hook gave none."""

    status: HookStatus
    reason: str = ""
    again_after: timedelta = AGAIN
    state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HookRun:
    """The run of one hook at one point, in one step. ``step`` is an index, 0 outside of a shift."""

    point: HookPoint
    step: int
    begun_at: datetime
    call_at: datetime | None
    """The time of the next call, or, while ``calling``, the beginning of the current one. None: no further calls."""
    status: HookStatus = HookStatus.NO_ANSWER
    reason: str = ""
    state: str | None = field(default=None, repr=False)
    calls: int = 0
    calling: bool = False
    """True from the beginning of a call until its outcome is recorded."""
    overdue: bool = False
    """True after the wait for SUCCEEDED or FAILED passed without either."""

    def answered(self, answer: HookAnswer, now: datetime) -> HookRun:
        """Returns the run with one more call. Without an answer the hook's state stays."""
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
        """Returns the run with its full wait ahead again; its calls keep counting."""
        run = replace(self, status=HookStatus.NO_ANSWER, reason="") if self.status is HookStatus.FAILED else self
        return replace(run, begun_at=now, call_at=now, calling=False, overdue=False)
