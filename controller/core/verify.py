"""Whether a version's answer to a test is right.

What a newcomer would get wrong: ``why`` goes into the record, the log and a notice, so it never quotes the response.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.model import TestOutcome
from controller.core.policy import TestCase
from controller.core.problems import first_problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a version said. ``error`` is empty, the errorType of the function, "timeout", or "not JSON"."""

    response: object | None
    error: str
    seconds: float


def verify(test: TestCase, answer: Answer) -> TestOutcome:
    """Returns how the test went."""
    why = _why(test, answer)
    return TestOutcome(test.name, not why, answer.seconds, why)


def _why(test: TestCase, answer: Answer) -> str:
    limit = test.within.total_seconds()
    if answer.error == "timeout" or answer.seconds > limit:
        return f"it took {answer.seconds:.2f}s, allowed: {limit:g}s"
    if answer.error:
        return f"the function failed with {answer.error}"
    problem = first_problem(answer.response, test.response, quote=False)
    return f"the response does not match: {problem}" if problem else ""
