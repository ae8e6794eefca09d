"""Reads a hook's answer.

    {"status": "SUCCEEDED" | "FAILED" | "IN_PROGRESS", "reason": "...", "call_again_after": seconds, "state": {...}}

Rules of the file:

- an answer of another shape counts as no answer: the hook is called again;
- people are told one line of ``reason``. ``state`` is the hook's own, returned to it and told to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from controller.core.manifest.schema_errors import first_problem
from controller.core.model.deployment.hook_run import AGAIN, MAX_STATE_SIZE, HookAnswer, HookStatus

_MAX_REASON_LENGTH = 200
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


def read_answer(response: object) -> HookAnswer:
    """Returns the meaning of a hook's response; NO_ANSWER for a wrong shape, without quoting its values."""
    problem = first_problem(response, _SHAPE, quote=False)
    if problem:
        return no_answer(f"its answer is no hook's answer: {problem}")
    answer = cast("Mapping[str, object]", response)
    state = None if answer.get("state") is None else json.dumps(answer["state"])
    if state and len(state) > MAX_STATE_SIZE:
        return no_answer(f"its state has {len(state)} bytes, allowed: {MAX_STATE_SIZE}")
    again_after = answer.get("call_again_after")
    return HookAnswer(
        HookStatus(answer["status"]),
        one_line(str(answer.get("reason") or "")),
        AGAIN if again_after is None else timedelta(seconds=cast("float", again_after)),
        state,
    )


def no_answer(reason: str) -> HookAnswer:
    """Returns the outcome of a call without an answer."""
    return HookAnswer(HookStatus.NO_ANSWER, one_line(reason))


def one_line(text: str) -> str:
    """Returns a text for people: on one line, without invisible characters, and cut to fit."""
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= _MAX_REASON_LENGTH else f"{line[: _MAX_REASON_LENGTH - 3]}..."
