"""Whether a version's answer to a test is right.

Note: ``why`` goes into the record, the log and a notice, so it never quotes the response. An error is told by its
errorType only, the name of a class.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.manifest.schema_errors import first_problem
from controller.core.manifest.settings import TestCase
from controller.core.model import TestOutcome

TIMEOUT, NOT_JSON, UNNAMED = "no answer in time", "not JSON", "an unnamed error"
"""Slipway's own errors of an answer. Each has a space, which no errorType has, so no test can expect them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A version's answer. ``error`` is empty, the function's errorType, TIMEOUT, NOT_JSON or UNNAMED."""

    response: object | None
    error: str
    seconds: float


def outcome_of(test: TestCase, answer: Answer) -> TestOutcome:
    """Returns the outcome of one run of the test."""
    why = _why(test, answer)
    return TestOutcome(test.name, not why, answer.seconds, why)


def _why(test: TestCase, answer: Answer) -> str:
    limit = test.within.total_seconds()
    if answer.error == TIMEOUT or answer.seconds > limit:
        return f"it took {answer.seconds:.2f}s, allowed: {limit:g}s"
    if test.error is not None:
        return _other_than(test.error, answer.error)
    if answer.error:
        return f"the function failed with {answer.error}"
    problem = first_problem(answer.response, test.response, quote=False)
    return f"the response does not match: {problem}" if problem else ""


def _other_than(expected: str, error: str) -> str:
    if error == expected:
        return ""
    happened = "it did not fail" if error in ("", NOT_JSON) else f"it failed with {error}"
    return f"{happened}; expected {expected}"
