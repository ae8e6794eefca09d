"""What a hook was asked and what it said: one record for each hook and step, and how an answer is read.

    {"status": "SUCCEEDED" | "FAILED" | "IN_PROGRESS", "reason": "...", "call_again_after": seconds, "state": {...}}

Rules of the file:
- whatever is not of that shape is no answer: it says nothing about the deployment, and the hook is asked again;
- ``reason`` is told to people, one line of it; ``state`` is the hook's own, goes back to it, and is told to nobody.

What a newcomer would get wrong: ``calls`` counts the answers that were noted. A controller that dies between the call
and the save calls again under the same number, so a hook is called at least once, not once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import cast

from controller.core.policy import HookPoint
from controller.core.problems import first_problem

AGAIN = timedelta(minutes=1)
"""When a hook is called again that does not say when, or gave no answer."""
LARGEST_STATE = 4_096
"""Bytes of a hook's state as JSON: it stands in the record, which has other things to hold."""
_LONGEST_REASON = 200
# A tick comes once a minute, never quite on time: a call that were due in exactly a minute would miss the next one.
_HALF_A_TICK = timedelta(seconds=30)
_NOT_AT_ONCE = timedelta(seconds=1)
_SHAPE: Mapping[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["status"],
    "properties": {
        "status": {"enum": ["SUCCEEDED", "FAILED", "IN_PROGRESS"]},
        "reason": {"type": ["string", "null"]},
        "call_again_after": {"type": ["number", "null"], "minimum": 0, "maximum": 86_400},
        "state": True,
    },
}


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


def read_answer(response: object) -> HookAnswer:
    """Returns what a hook's response means; NO_ANSWER, with what is allowed and without a value of it, where it is not
    of the shape.
    """
    problem = first_problem(response, _SHAPE, quote=False)
    if problem:
        return no_answer(f"what it answered is no answer of a hook: {problem}")
    answer = cast("Mapping[str, object]", response)
    state = None if answer.get("state") is None else json.dumps(answer["state"])
    if state and len(state) > LARGEST_STATE:
        return no_answer(f"its state has {len(state)} bytes, allowed: {LARGEST_STATE}")
    again_after = answer.get("call_again_after")
    return HookAnswer(
        HookStatus(answer["status"]),
        one_line(str(answer.get("reason") or "")),
        AGAIN if again_after is None else timedelta(seconds=cast("float", again_after)),
        state,
    )


def no_answer(reason: str) -> HookAnswer:
    """Returns what a call came to that says nothing about the deployment."""
    return HookAnswer(HookStatus.NO_ANSWER, one_line(reason))


def one_line(text: str) -> str:
    """Returns the text as it is told to people: one line, nothing invisible in it, and no more than fits."""
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 3]}..."
