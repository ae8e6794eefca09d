"""The runs of a test: the warm-up that is not looked at, each run that must pass, and the time that they have."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from controller.core.lifecycle.test_results import TIMEOUT, Answer
from controller.core.manifest.settings import TestCase
from controller.core.model import TestOutcome, Transient
from controller.reconcile.performing.version_tests import run_tests

OK = Answer({"ok": True}, "", 0.5)
LATE = Answer(None, TIMEOUT, 2.5)
NO_TIME = "it was not run, since the invocations before it took all of the 3m20s that tests may take"


def case(name: str = "ping", **more: Any) -> TestCase:
    return TestCase(name, {}, {"required": ["ok"]}, timedelta(seconds=2), **more)


class Version:
    """Answers in turn with what it is given, and with ``OK`` after that."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self._answers: Iterator[Answer | Exception] = iter(answers)
        self.asked: list[str] = []

    def __call__(self, test: TestCase) -> Answer:
        self.asked.append(test.name)
        answer = next(self._answers, OK)
        if isinstance(answer, Exception):
            raise answer
        return answer


def outcomes(version: Callable[[TestCase], Answer], *tests: TestCase) -> tuple[TestOutcome, ...]:
    return run_tests(tests, version)


def took(seconds: float) -> Answer:
    return Answer({"ok": True}, "", seconds)


# -- runs -------------------------------------------------------------------------------------------------------------


def test_a_test_is_run_once_if_it_does_not_say_how_often() -> None:
    version = Version()
    assert outcomes(version, case()) == (TestOutcome("ping", True, 0.5, "", 1),)
    assert version.asked == ["ping"]


def test_a_test_without_a_failure_passes_with_its_slowest_run() -> None:
    version = Version(took(0.1), took(1.9), took(0.2))
    assert outcomes(version, case(times=3)) == (TestOutcome("ping", True, 1.9, "", 3),)
    assert len(version.asked) == 3


def test_the_first_run_that_fails_ends_the_test_and_is_named() -> None:
    version = Version(OK, took(1.5), Answer({}, "", 0.1))
    why = "run 3 of 5: the response does not match: the top: allowed: an object with ok"
    assert outcomes(version, case(times=5)) == (TestOutcome("ping", False, 1.5, why, 3),)
    assert len(version.asked) == 3


def test_the_last_run_must_pass_too() -> None:
    assert outcomes(Version(OK, OK, LATE), case(times=3))[0].why == "run 3 of 3: it took 2.50s, allowed: 2s"


def test_the_only_run_needs_no_number() -> None:
    assert outcomes(Version(LATE), case())[0].why == "it took 2.50s, allowed: 2s"


def test_an_error_is_expected_of_every_run() -> None:
    raises = Answer(None, "ValueError", 0.1)
    thrice = TestCase("no", {}, True, timedelta(seconds=2), error="ValueError", times=3)
    assert outcomes(Version(raises, raises, raises), thrice)[0].passed
    (found,) = outcomes(Version(raises), thrice)
    assert (found.why, found.runs) == ("run 2 of 3: it did not fail; expected ValueError", 2)


def test_the_tests_after_one_that_failed_are_run_all_the_same() -> None:
    version = Version(LATE)
    assert [found.passed for found in outcomes(version, case("a", times=9), case("b", times=2))] == [False, True]
    assert version.asked == ["a", "b", "b"]


def test_no_tests_have_no_outcomes() -> None:
    assert outcomes(Version()) == ()


# -- warm-up ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cold", [LATE, Answer(None, "ValueError", 0.1), Answer({}, "", 59.0)])
def test_neither_the_time_nor_the_result_of_a_warm_up_counts(cold: Answer) -> None:
    version = Version(cold, cold)
    assert outcomes(version, case(times=2, warm_up=2)) == (TestOutcome("ping", True, 0.5, "", 2),)
    assert len(version.asked) == 4


def test_each_test_warms_up_before_its_own_first_run() -> None:
    version = Version()
    outcomes(version, case("a", warm_up=2), case("b", warm_up=1, times=2))
    assert version.asked == ["a", "a", "a", "b", "b", "b"]


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_trouble_of_lambda_s_own_ends_all_of_them_wherever_it_comes(before: int) -> None:
    version = Version(*[OK] * before, Transient("throttled"))
    with pytest.raises(Transient):
        outcomes(version, case(warm_up=2, times=1), case())
    assert len(version.asked) == before + 1


# -- the time that they have ------------------------------------------------------------------------------------------


def test_tests_that_take_what_they_may_are_all_run() -> None:
    tests = [TestCase(name, {}, True, timedelta(seconds=50), times=2) for name in "ab"]
    version = Version(*[took(50.0)] * 4)
    assert [found.passed for found in run_tests(tests, version)] == [True, True]


def test_a_version_that_answers_late_leaves_no_time_for_the_tests_behind() -> None:
    """The client waits for a late answer, up to 70 s, and the controller is stopped after 300."""
    late = Answer(None, TIMEOUT, 70.0)
    version = Version(*[late] * 20)
    found = outcomes(version, *(case(str(number)) for number in range(20)))
    assert len(version.asked) == 3
    assert found[2] == TestOutcome("2", False, 70.0, "it took 70.00s, allowed: 2s", 1)
    assert set(found[3:]) == {TestOutcome(str(number), False, 0, NO_TIME, 0) for number in range(3, 20)}


def test_a_warm_up_that_takes_all_the_time_is_bounded_and_said() -> None:
    version = Version(*[took(69.0)] * 100)
    assert outcomes(version, case(warm_up=50, times=2)) == (TestOutcome("ping", False, 0, f"run 1 of 2: {NO_TIME}", 0),)
    assert len(version.asked) == 3


# -- a comparison that does not end -----------------------------------------------------------------------------------

DOUBLED: dict[str, object] = {
    "$defs": {"d30": {}, **{f"d{depth}": {"allOf": [{"$ref": f"#/$defs/d{depth + 1}"}] * 2} for depth in range(30)}},
    "$ref": "#/$defs/d0",
}
ENDLESS = {"an expression": {"pattern": "(a+)+$"}, "references": DOUBLED}
TOO_LONG = "comparing the response with its JSON Schema took too long and was stopped; make the schema simpler"


@pytest.mark.parametrize("schema", ENDLESS.values(), ids=ENDLESS)
def test_a_schema_that_takes_for_ever_fails_its_test_and_keeps_no_other_target_waiting(schema: object) -> None:
    """The invocation ended in it, and so did each tick after it: nobody's gates were looked at any more."""
    text = Answer("a" * 40 + "b", "", 0.3)
    endless = TestCase("endless", {}, schema, timedelta(seconds=2), times=9)
    good, bad, behind = run_tests((case(), endless, case()), Version(OK, text), comparing=0.2)
    assert (good.passed, bad.passed, behind.passed) == (True, False, False)
    assert (bad.why, bad.seconds, bad.runs) == (f"run 1 of 9: {TOO_LONG}", 0.3, 1)
    assert behind.why == TOO_LONG


def test_after_a_comparison_the_process_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    outcomes(Version(), case(times=3))
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_in_another_thread_an_answer_is_compared_all_the_same() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(outcomes, Version(), case()).result()[0].passed
