"""A version gets no traffic before all its tests have passed: every run of them, on the first deployment too, and
whatever happens in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from controller.core.lifecycle.test_results import Answer
from controller.core.model import Cause, Milestone, Phase, Routing, Throttled, Transient
from tests.fakes import Crash
from tests.scenarios.story import Story

SECRET = "hunter2"
OK = Answer({"ok": True}, "", 0.01)
REFUSED = Answer(None, "ValueError", 0.01)
TESTS = [
    {"name": "adds up", "payload": {"lines": 2}, "response": {"required": ["ok"]}, "times": 3, "warm_up": 2},
    {"name": "refuses", "payload_file": "tests/no.json", "error": "ValueError", "times": 2},
]
FILES = {"tests/no.json": json.dumps({"lines": SECRET})}
PAYLOADS = [{"lines": 2}] * 5 + [{"lines": SECRET}] * 2
"""What a version is asked, one after the other: two warm-ups and three runs, and two runs of the other test."""
MOST_CALLS = 90


class Version:
    """A version that answers rightly, but for its ``nth`` invocation of all."""

    def __init__(self, nth: int = 0, otherwise: Answer | Exception = OK) -> None:
        self._nth, self._otherwise = nth, otherwise
        self.asked: list[object] = []

    def __call__(self, payload: object) -> Answer:
        self.asked.append(payload)
        if len(self.asked) == self._nth:
            if isinstance(self._otherwise, Exception):
                raise self._otherwise
            return self._otherwise
        return REFUSED if payload == PAYLOADS[-1] else OK


class BeforeEach(dict[str, Any]):
    """What happens before each call of one name, and not only before the first."""

    def __init__(self, call: str, do: Callable[[], None]) -> None:
        super().__init__()
        self._call, self._do = call, do

    def pop(self, name: str, otherwise: Any = None) -> Any:
        return self._do if name == self._call else otherwise


def given(first: bool, version: Callable[[object], Answer]) -> tuple[Story, str]:
    """A zip with tests is dropped on a function that serves, or on none; nobody has heard of it yet.

    Whenever the alias is written, the record must say by then that all runs of all tests passed.
    """
    story = Story() if first else Story().given_live()
    number = "1" if first else "2"
    story.puts("v2", tests=TESTS, files=FILES, strategy={"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"})
    story.world.answers[number] = version

    def look() -> None:
        found = story.deployment()
        assert Milestone.TESTED in found.done
        assert [(test.passed, test.runs) for test in found.tests] == [(True, 3), (True, 2)]

    story.world.meanwhile = BeforeEach("aliases.route", look)
    return story, number


@pytest.fixture(params=[True, False], ids=["first", "over another"])
def first(request: pytest.FixtureRequest) -> bool:
    answer: bool = request.param
    return answer


# -- all goes well ----------------------------------------------------------------------------------------------------


def test_every_run_is_made_and_every_outcome_recorded_before_the_alias_is_written(first: bool) -> None:
    version = Version()
    story, number = given(first, version)
    story.hears(story.upload("v2"))
    assert version.asked == PAYLOADS
    assert story.routing == (Routing(number) if first else Routing("1", "2", 1000))
    calls = story.world.calls
    assert calls.index("aliases.route") > max(place for place, call in enumerate(calls) if call == "versions.invoke")
    told = [story.answer("status"), story.answer("history"), story.world.notices, story.deployment().timeline]
    assert "2 tests passed" in repr(told)
    assert SECRET not in repr(told)


def test_status_says_how_often_each_test_was_run_and_how_long_it_took_at_most() -> None:
    story, _ = given(False, Version(4, Answer({"ok": True}, "", 1.25)))
    story.hears(story.upload("v2"))
    assert story.answer("status")["deployment"]["tests"] == [
        {"name": "adds up", "passed": True, "runs": 3, "slowest_seconds": 1.25, "why": ""},
        {"name": "refuses", "passed": True, "runs": 2, "slowest_seconds": 0.01, "why": ""},
    ]


@pytest.mark.parametrize("answer", [Answer(None, "KeyError", 0.1), Answer({}, "", 30.0)])
@pytest.mark.parametrize("nth", [1, 2])
def test_what_a_warm_up_comes_to_is_nobodys_business(first: bool, nth: int, answer: Answer) -> None:
    story, _ = given(first, Version(nth, answer))
    story.hears(story.upload("v2"))
    assert Milestone.TESTED in story.deployment().done
    assert not story.deployment().reason or story.deployment().reason.cause is Cause.PROMOTED


# -- a run fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nth", "answer", "name", "why"),
    [
        (3, Answer({"sum": 1}, "", 0.1), "adds up", "run 1 of 3: the response does not match: "),
        (5, Answer({"ok": True}, "", 11), "adds up", "run 3 of 3: it took 11.00s, allowed: 10s"),
        (4, REFUSED, "adds up", "run 2 of 3: the function failed with ValueError"),
    ],
)
def test_one_run_that_fails_ends_it_without_any_traffic(
    first: bool, nth: int, answer: Answer, name: str, why: str
) -> None:
    story, number = given(first, Version(nth, answer))
    story.hears(story.upload("v2")).ticks(10)
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.TEST_FAILED
    assert reason.text.startswith(f"test {name!r} failed on version {number}: {why}")
    assert (story.phase(), story.routing) == (Phase.FAILED, None if first else Routing("1"))
    assert "aliases.route" not in story.world.calls
    assert SECRET not in repr(story.world.notices)


@pytest.mark.parametrize("run", [1, 2])
def test_one_run_that_does_not_fail_where_it_must_ends_it_too(first: bool, run: int) -> None:
    story, _ = given(first, Version(5 + run, OK))
    story.hears(story.upload("v2")).ticks(10)
    assert story.deployment().reason
    assert story.deployment().reason.text.endswith(f"run {run} of 2: it did not fail; expected ValueError")
    assert [(test.passed, test.runs) for test in story.deployment().tests] == [(True, 3), (False, run)]
    assert "aliases.route" not in story.world.calls


# -- in between -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_throttle_in_the_middle_means_all_of_it_again_by_a_tick(first: bool, nth: int) -> None:
    version = Version(nth, Throttled("Invoke failed: slow down"))
    story, _ = given(first, version)
    story.hears(story.upload("v2"))
    assert (story.phase(), story.deployment().tests) == (Phase.TESTING, ())
    assert "slow down" in story.deployment().timeline[-1].text
    story.ticks(2)
    assert version.asked == PAYLOADS[:nth] + PAYLOADS
    assert Milestone.TESTED in story.deployment().done


def test_what_is_tried_again_does_not_read_the_zip_again(first: bool) -> None:
    """The bucket may be away by then, and the zip deleted."""
    version = Version(7, Transient("slow down"))
    story, _ = given(first, version)
    story.hears(story.upload("v2"))
    story.world.down = {"artifacts"}
    story.world.zips["checkout/v2.zip"].files.clear()
    story.ticks(2)
    assert version.asked[7:] == PAYLOADS


def test_a_tick_does_not_begin_with_tests_that_another_controller_is_still_at() -> None:
    """Tests that may take three minutes are not run by a second and a third controller meanwhile."""
    story = Story().given_live()
    slow = [{"name": "slow", "times": 6, "within": "30s"}]
    story.meanwhile("versions.invoke", lambda: story.ticks(2), nth=2).drops("v2", tests=slow)
    assert story.world.calls.count("versions.invoke") == 6


def test_nobody_can_promote_past_the_tests(first: bool) -> None:
    story, _ = given(first, Version())
    answers: list[Any] = []

    def ask() -> None:
        answers.append(story.answer("promote"))

    story.world.meanwhile = BeforeEach("versions.invoke", ask)
    story.hears(story.upload("v2"))
    assert [answer["ok"] for answer in answers] == [False] * 7
    assert "is TESTING" in answers[0]["error"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_call_never_lets_an_untested_version_serve(first: bool, moment: str) -> None:
    crashed = []
    for call in range(MOST_CALLS):
        version = Version()
        story, number = given(first, version)
        crashed.append(_crashes(story, call, moment))
        assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing(number)), call
        assert version.asked[-7:] == PAYLOADS, call
    assert True in crashed
    assert not crashed[-1], "there are more calls than were crashed"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_call_lets_no_bad_version_serve(first: bool, moment: str) -> None:
    crashed = []
    for call in range(MOST_CALLS):
        story, _ = given(first, lambda _payload: OK)
        crashed.append(_crashes(story, call, moment))
        assert (story.phase(), story.routing) == (Phase.FAILED, None if first else Routing("1")), call
        assert "aliases.route" not in story.world.calls, call
    assert True in crashed
    assert not crashed[-1], "there are more calls than were crashed"


def _crashes(story: Story, call: int, moment: str) -> bool:
    """Crashes at that call, and lets the event and the ticks come again; False where there was no such call.

    Whenever the alias is written, ``given`` looks.
    """
    event = story.upload("v2")
    story.world.crash = (len(story.world.calls) + call, moment)
    try:
        story.hears(event)
        crashed = False
    except Crash:
        crashed = True
    story.world.forget_faults()
    story.passes(timedelta(minutes=2)).hears(event).hears(event).ticks(10)
    return crashed


# -- files of the zip -------------------------------------------------------------------------------------------------


def test_a_payload_file_that_is_not_in_the_zip_is_refused_by_name_where_the_manifest_sends_it(first: bool) -> None:
    story, _ = given(first, Version())
    story.puts("v2", tests=TESTS, alias="green")
    story.hears(story.upload("v2"))
    (found,) = story.world.deployments()
    assert (str(found), found.phase) == ("checkout:green#1", Phase.FAILED)
    assert found.reason and found.reason.cause is Cause.BAD_MANIFEST
    assert found.reason.text == "payload_file 'tests/no.json' of test 'refuses' is not in the zip"
    assert not story.world.calls.count("publishing.publish")
    assert [notice.phase for _, notice in story.world.notices] == [Phase.FAILED]


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({}, "payload_file 'tests/no.json' of test 'refuses' is not in the zip"),
        ({"tests/no.json": f"{{{SECRET}"}, "payload_file 'tests/no.json' of test 'refuses' is not JSON: line 1"),
        ({"tests/no.json": json.dumps(SECRET * 40_000)}, "slipway.json: found 280"),
    ],
    ids=["absent", "not JSON", "too long"],
)
def test_plan_says_that_it_would_be_refused(files: dict[str, str], because: str) -> None:
    story = Story().given_live().puts("v2", tests=TESTS, files=files)
    payload = {"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"}
    answer: Any = story.world.dispatcher().dispatch(payload, lambda: timedelta(minutes=5))[0].answer
    assert (answer["would"], answer["cause"]) == ("refuse", "bad_manifest")
    assert answer["because"].startswith(because)
    assert SECRET not in json.dumps(answer)
    story.drops("v2", tests=TESTS, files=files)
    assert story.deployment().reason and story.deployment().reason.text == answer["because"]


def test_a_zip_whose_files_cannot_be_read_now_is_taken_in_later() -> None:
    story, _ = given(False, Version())
    event = story.upload("v2")
    story.world.down = {"artifacts.texts"}
    with pytest.raises(Transient):
        story.hears(event)
    assert not list(story.world.deployments())
    story.world.forget_faults()
    story.hears(event)
    assert story.phase() is Phase.SHIFTING


def test_a_manifest_without_payload_files_reads_no_more_of_the_zip_than_before() -> None:
    story = Story().given_live().drops("v2", tests=[{"name": "ping"}])
    assert [call for call in story.world.calls if call.startswith("artifacts.")] == ["artifacts.inspect"]


def test_a_payload_that_was_a_file_is_in_no_record_once_the_deployment_has_ended() -> None:
    story, _ = given(False, Version())
    story.hears(story.upload("v2"))
    assert SECRET in repr(story.world.items)
    story.ticks(10)
    assert story.phase() is Phase.SUCCEEDED
    assert SECRET not in repr(story.world.items)
