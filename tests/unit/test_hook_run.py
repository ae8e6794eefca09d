"""How an answer of a hook is read, and what it makes of what was asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.gates.hooks.answers import no_answer, one_line, read_answer
from controller.core.manifest.settings import HookPoint
from controller.core.model.deployment.hook_run import AGAIN, HookAnswer, HookRun, HookStatus
from tests.builders import NOW, after

SECRET = "hunter2"
CALLING = HookRun(HookPoint.EACH_STEP, 1, NOW, NOW, state='{"run": 1}', calls=2, calling=True)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_the_whole_of_an_answer_is_read() -> None:
    found = read_answer(
        {"status": "IN_PROGRESS", "reason": "12 of 40", "call_again_after": 90.5, "state": {"run": [1, 2.5]}}
    )
    assert found == HookAnswer(
        HookStatus.IN_PROGRESS, "12 of 40", timedelta(seconds=90.5), json.dumps({"run": [1, 2.5]})
    )


@pytest.mark.parametrize("more", [{}, {"reason": None, "call_again_after": None, "state": None}])
def test_a_status_alone_is_an_answer(more: dict[str, Any]) -> None:
    assert read_answer({"status": "SUCCEEDED", **more}) == HookAnswer(HookStatus.SUCCEEDED, "", AGAIN, None)


@pytest.mark.parametrize(
    ("response", "allowed"),
    [
        (None, "the top: allowed: object"),
        (SECRET, "the top: allowed: object"),
        ([{"status": "SUCCEEDED"}], "the top: allowed: object"),
        ({}, "an object with status"),
        ({"status": SECRET}, 'status: allowed: "SUCCEEDED", "FAILED", "IN_PROGRESS"'),
        ({"status": "NO_ANSWER"}, 'status: allowed: "SUCCEEDED"'),
        ({"status": "FAILED", "reason": {SECRET: 1}}, "reason: allowed: string or null"),
        ({"status": "FAILED", SECRET: 1}, "only the keys call_again_after, reason, state, status"),
        ({"status": "IN_PROGRESS", "call_again_after": -1}, "call_again_after: allowed: 0 or more"),
        ({"status": "IN_PROGRESS", "call_again_after": 86_401}, "call_again_after: allowed: 86400 or less"),
        ({"status": "IN_PROGRESS", "call_again_after": "soon"}, "call_again_after: allowed: number or null"),
        ({"status": "IN_PROGRESS", "call_again_after": True}, "call_again_after: allowed: number or null"),
        ({"status": "IN_PROGRESS", "state": SECRET * 1000}, "its state has 7002 bytes, allowed: 4096"),
        ({"status": "SUCCEEDED", "state": SECRET * 1000}, "its state has 7002 bytes, allowed: 4096"),
    ],
)
def test_an_answer_of_another_shape_is_none_and_says_what_is_allowed(response: object, allowed: str) -> None:
    found = read_answer(response)
    assert found.status is HookStatus.NO_ANSWER
    assert allowed in found.reason
    assert SECRET not in found.reason


def test_a_state_of_just_the_size_that_is_allowed_is_taken() -> None:
    assert read_answer({"status": "IN_PROGRESS", "state": "x" * 4094}).state == json.dumps("x" * 4094)


def test_an_answer_that_is_nested_without_reason_is_none() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    assert read_answer(deep).status is HookStatus.NO_ANSWER


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("bad\r\n\tthing", "bad thing"),
        ("\x1b[31mred\x00", "[31mred"),
        ("a\u202eb\u200bc\ud800", "abc"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ("schön 好", "schön 好"),
    ],
)
def test_a_reason_is_one_line_without_what_cannot_be_seen(text: str, line: str) -> None:
    assert one_line(text) == line
    assert read_answer({"status": "FAILED", "reason": text}).reason == line
    assert no_answer(text).reason == line


def test_a_state_is_in_no_text_of_an_answer_or_of_what_was_asked() -> None:
    answer = read_answer({"status": "IN_PROGRESS", "state": SECRET})
    assert SECRET not in str(answer) + str(CALLING.answered(answer, NOW))


# -- noting -----------------------------------------------------------------------------------------------------------


def test_a_hook_in_progress_is_called_again_and_its_new_state_replaces_the_old_one() -> None:
    found = CALLING.answered(HookAnswer(HookStatus.IN_PROGRESS, "12 of 40", timedelta(minutes=3)), NOW)
    assert (found.status, found.reason, found.calls, found.calling) == (HookStatus.IN_PROGRESS, "12 of 40", 3, False)
    assert (found.state, found.call_at) == (None, after(minutes=2.5))


@pytest.mark.parametrize(("seconds", "later"), [(0, 1), (10, 1), (60, 30), (120, 90)])
def test_a_hook_is_called_at_the_nearest_tick(seconds: float, later: float) -> None:
    answer = HookAnswer(HookStatus.IN_PROGRESS, again_after=timedelta(seconds=seconds))
    assert CALLING.answered(answer, NOW).call_at == after(seconds=later)


@pytest.mark.parametrize("status", [HookStatus.SUCCEEDED, HookStatus.FAILED])
def test_a_hook_that_has_decided_is_not_called_again_and_keeps_no_state(status: HookStatus) -> None:
    found = CALLING.answered(HookAnswer(status, state='{"run": 2}'), NOW)
    assert (found.call_at, found.state, found.calls) == (None, None, 3)


def test_no_answer_keeps_the_state_and_is_called_again() -> None:
    found = CALLING.answered(no_answer("it raised"), NOW)
    assert (found.status, found.state, found.call_at) == (HookStatus.NO_ANSWER, CALLING.state, after(seconds=30))


def test_a_hook_that_nobody_waits_for_is_never_called_and_keeps_no_state() -> None:
    found = CALLING.left()
    assert (found.call_at, found.calling, found.state, found.calls) == (None, False, None, 2)


def test_a_hook_that_failed_begins_again_with_all_of_its_wait_and_no_number_twice() -> None:
    failed = replace(CALLING.answered(HookAnswer(HookStatus.FAILED, "no"), NOW), overdue=True)
    found = failed.begun_again(after(hours=1))
    assert (found.begun_at, found.call_at, found.overdue) == (after(hours=1), after(hours=1), False)
    assert (found.status, found.reason, found.calls) == (HookStatus.NO_ANSWER, "", 3)
