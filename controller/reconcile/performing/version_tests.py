"""Runs the manifest's tests: each with its warm-up first, then as often as requested, until a run fails.

Rules of the file:

- warm-up invocations are not checked: neither their answers nor their durations;
- a failed test ends at that run; the other tests still run, so the record has a result for each;
- a late answer uses up the time of later tests. A test without time left is not run and counts as failed: one
  invocation of the controller must be enough for all tests;
- comparing an answer takes as long as the manifest's own JSON Schema makes it, perhaps for ever: so it has a limit.

Interrupted tests leave no results. If Lambda throttles in the middle, or the controller dies, a later tick runs all of
them again, from the first warm-up on.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from controller.core.lifecycle.test_results import Answer, outcome_of
from controller.core.manifest.checks import MAX_TESTS_TIME
from controller.core.manifest.settings import TestCase
from controller.core.model import TestOutcome, span

Invoke = Callable[[TestCase], Answer]


_COMPARING = 20.0
"""Processor seconds for all comparisons of a deployment; one takes milliseconds."""


def run_tests(tests: Iterable[TestCase], invoke: Invoke, comparing: float = _COMPARING) -> tuple[TestOutcome, ...]:
    """Returns the outcome of each test. ``invoke`` makes one invocation of the version; its exceptions end all tests.

    ``comparing`` is the limit, in processor seconds, for all comparisons of answers.
    """
    timed = _Timed(invoke, comparing)
    return tuple(_outcome(test, timed) for test in tests)


class _Timed:
    """Invocations and comparisons with their time counted."""

    def __init__(self, invoke: Invoke, comparing: float) -> None:
        self._invoke = invoke
        self._left = comparing
        self._spent = timedelta()

    def run(self, test: TestCase) -> Answer | None:
        """Returns the answer, None if no time is left for another invocation."""
        if self._spent >= MAX_TESTS_TIME:
            return None
        answer = self._invoke(test)
        self._spent += timedelta(seconds=answer.seconds)
        return answer

    def compare(self, test: TestCase, answer: Answer) -> TestOutcome:
        """Returns the outcome of the run.

        A comparison can be stopped only in a process's main thread, in which Lambda runs the controller. Source: Python
        3.14 documentation, signal, 2026-11.
        """
        if threading.current_thread() is not threading.main_thread():
            return outcome_of(test, answer)
        if self._left <= 0:
            return TestOutcome(test.name, passed=False, seconds=answer.seconds, why=_NOT_COMPARED)
        before = signal.signal(signal.SIGVTALRM, _end)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._left)
            found = outcome_of(test, answer)
            self._left = signal.setitimer(signal.ITIMER_VIRTUAL, 0)[0]
        except _Endless:
            self._left = 0
            return TestOutcome(test.name, passed=False, seconds=answer.seconds, why=_NOT_COMPARED)
        else:
            return found
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)


class _Endless(Exception):
    """The current comparison has used up all the time."""


def _end(_number: int, _frame: object) -> None:
    raise _Endless


def _outcome(test: TestCase, timed: _Timed) -> TestOutcome:
    for _ in range(test.warm_up):
        timed.run(test)
    so_far = TestOutcome(test.name, passed=True, seconds=0, runs=0)
    while so_far.passed and so_far.runs < test.times:
        answer = timed.run(test)
        if answer is None:
            return replace(so_far, passed=False, why=f"{_which(test, so_far.runs + 1)}{_NO_TIME}")
        so_far = _after(so_far, timed.compare(test, answer), test)
    return so_far


def _after(so_far: TestOutcome, latest: TestOutcome, test: TestCase) -> TestOutcome:
    runs = so_far.runs + 1
    why = f"{_which(test, runs)}{latest.why}" if latest.why else ""
    return replace(latest, seconds=max(so_far.seconds, latest.seconds), why=why, runs=runs)


def _which(test: TestCase, run: int) -> str:
    return f"run {run} of {test.times}: " if test.times > 1 else ""


_NO_TIME = f"it was not run, since the invocations before it took all of the {span(MAX_TESTS_TIME)} that tests may take"
_NOT_COMPARED = "comparing the response with its JSON Schema took too long and was stopped; make the schema simpler"
