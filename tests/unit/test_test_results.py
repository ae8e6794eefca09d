"""Whether a version's answer to a test is right, said without a word of the answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.lifecycle.test_results import NOT_JSON, TIMEOUT, UNNAMED, Answer, outcome_of
from controller.core.manifest.building import schema
from controller.core.manifest.settings import TestCase
from controller.core.model import TestOutcome

SECRET = "hunter2"


def outcome(response: object, schema: object = True, *, error: str = "", seconds: float = 0.5) -> TestOutcome:
    return outcome_of(TestCase("ping", {}, schema, timedelta(seconds=2)), Answer(response, error, seconds))


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


@pytest.mark.parametrize(("error", "seconds"), [(TIMEOUT, 1.0), ("", 2.01), ("ValueError", 2.01)])
def test_a_late_answer_fails_whatever_it_says(error: str, seconds: float) -> None:
    assert outcome(None, error=error, seconds=seconds).why == f"it took {seconds:.2f}s, allowed: 2s"


def test_a_function_that_fails_is_named_by_its_error() -> None:
    assert outcome(None, error="ValueError").why == "the function failed with ValueError"


# -- tests that expect an error ---------------------------------------------------------------------------------------


def refusing(error: str, *, expected: str = "ValueError", seconds: float = 0.5) -> TestOutcome:
    """How it went where the version was expected to fail."""
    test = TestCase("refuses", {}, True, timedelta(seconds=2), error=expected)
    return outcome_of(test, Answer({"errorMessage": SECRET}, error, seconds))


def test_the_error_that_is_expected_passes() -> None:
    assert refusing("ValueError") == TestOutcome("refuses", True, 0.5, "")


@pytest.mark.parametrize("error", ["", NOT_JSON])
def test_an_answer_where_an_error_is_expected_fails(error: str) -> None:
    assert refusing(error).why == "it did not fail; expected ValueError"


@pytest.mark.parametrize("error", ["KeyError", "ValueErrors", "valueerror", "builtins.ValueError", UNNAMED])
def test_another_error_than_the_expected_one_fails(error: str) -> None:
    assert refusing(error).why == f"it failed with {error}; expected ValueError"


def test_the_expected_error_comes_in_time() -> None:
    assert refusing("ValueError", seconds=2.01).why == "it took 2.01s, allowed: 2s"


@pytest.mark.parametrize("expected", ["timeout", "Unhandled", "not_JSON", "no_answer"])
def test_what_is_no_error_type_cannot_be_expected(expected: str) -> None:
    """A function may well raise a class of that name, and then it is one."""
    assert refusing(expected, expected=expected).passed
    assert not any(refusing(error, expected=expected).passed for error in ("", TIMEOUT, NOT_JSON, UNNAMED))


@pytest.mark.parametrize("error", [TIMEOUT, NOT_JSON, UNNAMED])
def test_the_manifest_cannot_name_what_is_no_error_type(error: str) -> None:
    pattern = schema()["$defs"]["test"]["properties"]["error"]["pattern"]  # type: ignore[index]
    assert not re.match(pattern, error)


# -- secrets ----------------------------------------------------------------------------------------------------------


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
def test_no_text_quotes_the_answer(schema: object, around: str) -> None:
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
