"""Whether a version's answer to a test is right, said without a word of the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.model import TestOutcome
from controller.core.policy import TestCase
from controller.core.verify import Answer, verify

SECRET = "hunter2"


def outcome(response: object, schema: object = True, *, error: str = "", seconds: float = 0.5) -> TestOutcome:
    return verify(TestCase("ping", {}, schema, timedelta(seconds=2)), Answer(response, error, seconds))


def test_a_right_answer_passes() -> None:
    assert outcome({"ok": True}, {"required": ["ok"]}) == TestOutcome("ping", True, 0.5, "")


def test_any_answer_passes_a_test_that_asks_for_nothing() -> None:
    assert outcome(None).passed


def test_a_wrong_answer_says_what_is_allowed() -> None:
    found = outcome({"ok": 1}, {"properties": {"ok": {"type": "boolean"}}})
    assert found == TestOutcome("ping", False, 0.5, "the response does not match: ok: allowed: boolean")


@pytest.mark.parametrize("seconds", [2.0, 0.0])
def test_an_answer_in_time_is_in_time(seconds: float) -> None:
    assert outcome(None, seconds=seconds).passed


@pytest.mark.parametrize(("error", "seconds"), [("timeout", 1.0), ("", 2.01), ("ValueError", 2.01)])
def test_a_late_answer_fails_whatever_it_says(error: str, seconds: float) -> None:
    assert outcome(None, error=error, seconds=seconds).why == f"it took {seconds:.2f}s, allowed: 2s"


def test_a_function_that_fails_is_named_by_its_error() -> None:
    assert outcome(None, error="ValueError").why == "the function failed with ValueError"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"const": 1},
        {"enum": [1]},
        {"pattern": "^$"},
        {"maxLength": 1},
        {"not": {}},
        {"anyOf": [{"type": "null"}, {"type": "number"}]},
        False,
        {"$ref": "#/lost"},
    ],
)
@pytest.mark.parametrize("around", ["value", "list", "object"])
def test_what_is_said_never_quotes_the_answer(schema: object, around: str) -> None:
    response, whole = {
        "value": (SECRET, schema),
        "list": ([SECRET], {"items": schema}),
        "object": ({"a": SECRET}, {"properties": {"a": schema}}),
    }[around]
    found = outcome(response, whole)
    assert not found.passed
    assert SECRET not in found.why


def test_an_answer_that_fails_as_a_whole_is_not_quoted() -> None:
    assert SECRET not in outcome([SECRET], {"maxItems": 0}).why
    assert SECRET not in outcome([SECRET, SECRET], {"uniqueItems": True}).why
    assert SECRET not in outcome({"a": SECRET}, {"required": ["b"]}).why
    assert SECRET not in outcome({"a": SECRET}, {"additionalProperties": False}).why


@settings(deadline=None)
@given(st.text(alphabet="xyz", min_size=12), st.sampled_from(["string", "null", "integer"]))
def test_a_secret_is_told_to_nobody(secret: str, kind: str) -> None:
    assert secret not in outcome({"token": [secret]}, {"properties": {"token": {"type": kind}}}).why
