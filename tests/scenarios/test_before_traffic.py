"""A version gets no traffic before all its tests have passed: every run of them, on the first deployment too, and
whatever happens in between.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Routing, Target
from tests.cloud.fault_steps import Fails, FailsAt
from tests.cloud.faults import Fault, Json
from tests.cloud.scene import MANIFEST, Scene, split
from tests.cloud.steps import BUCKET
from tests.turns import in_turn

SECRET = "hunter2"
TESTS = [
    {"name": "adds up", "payload": {"lines": 2}, "response": {"required": ["ok"]}, "times": 3, "warm_up": 2},
    {"name": "refuses", "payload_file": "tests/no.json", "error": "ValueError", "times": 2},
]
FILES = {"tests/no.json": json.dumps({"lines": SECRET})}
PAYLOADS = [{"lines": 2}] * 5 + [{"lines": SECRET}] * 2
"""What a version is asked, one after the other: two warm-ups and three runs, and two runs of the other test."""
ANSWERS: list[Json] = [{}] * 5 + [{"error": "ValueError"}] * 2
"""How a good version behaves in each of them."""
RIGHTLY: Json = {"error": "ValueError", "only": SECRET}
"""The same, in whichever order it is asked."""
MAKES_TRAFFIC = ("CreateAlias", "UpdateAlias")


def given(first: bool, nth: int = 0, **otherwise: Any) -> tuple[Scene, str]:
    """A zip with tests is dropped on a function that serves, or on none; nobody has heard of it yet. Its version
    answers rightly, except in its ``nth`` invocation of all.
    """
    story = Scene() if first else Scene().given_live()
    story.puts("v2", tests=TESTS, files=FILES, strategy={"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"})
    if nth:
        story.cloud.lambda_.behave_in_turn("v2", *ANSWERS[: nth - 1], otherwise, *ANSWERS[nth:])
    else:
        story.behaves("v2", **RIGHTLY)
    return story, "1" if first else "2"


def asked(story: Scene) -> list[object]:
    """Returns what the version was asked in the invocations that reached it."""
    mine = (call for call in story.cloud.calls if call.operation == "Invoke" and "Payload" in call.parameters)
    return [json.loads(call.parameters["Payload"]) for call in mine if call.fault is None or not call.fault.is_before]


def has_got_traffic(story: Scene) -> bool:
    """Was checkout:live written?"""
    return any(call.operation in MAKES_TRAFFIC and call.parameters["Name"] == "live" for call in story.cloud.calls)


@pytest.fixture(params=[True, False], ids=["first", "over another"])
def first(request: pytest.FixtureRequest) -> bool:
    answer: bool = request.param
    return answer


# -- all goes well ----------------------------------------------------------------------------------------------------


def test_every_run_is_made_and_every_outcome_recorded_before_the_alias_is_written(first: bool) -> None:
    story, number = given(first)
    written_after: list[list[tuple[bool, int]]] = []

    def look() -> None:
        written_after.append([(test.passed, test.runs) for test in story.deployment().evidence.tests])

    story.meanwhile(MAKES_TRAFFIC[0] if first else MAKES_TRAFFIC[1], look).tells(story.upload("v2"))
    assert asked(story) == PAYLOADS
    assert (written_after, story.routing) == ([[(True, 3), (True, 2)]], Routing(number) if first else split())
    told = [story.answer("status"), story.answer("history"), story.notices(), story.timeline()]
    assert "2 tests passed" in repr(told)
    assert SECRET not in repr(told)


def test_status_says_how_often_each_test_was_run_and_how_long_it_took_at_most() -> None:
    story, _ = given(False, 4, duration=timedelta(seconds=1.25))
    story.tells(story.upload("v2"))
    assert story.shown()["tests"] == [
        {"name": "adds up", "passed": True, "runs": 3, "slowest_seconds": 1.25, "why": ""},
        {"name": "refuses", "passed": True, "runs": 2, "slowest_seconds": 0.02, "why": ""},
    ]


@pytest.mark.parametrize("how", [{"error": "KeyError"}, {"response": {}, "duration": timedelta(seconds=2.9)}], ids=str)
@pytest.mark.parametrize("nth", [1, 2])
def test_what_a_warm_up_comes_to_is_nobodys_business(first: bool, nth: int, how: Json) -> None:
    story, _ = given(first, nth, **how)
    story.tells(story.upload("v2"))
    assert Milestone.TESTED in story.deployment().done
    assert story.cause() in (None, Cause.PROMOTED)


# -- a run fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nth", "how", "name", "why"),
    [
        (3, {"response": {"sum": 1}}, "adds up", "run 1 of 3: the response does not match: "),
        (5, {"duration": timedelta(seconds=11)}, "adds up", "run 3 of 3: it took 11.00s, allowed: 10s"),
        (4, {"error": "ValueError"}, "adds up", "run 2 of 3: the function failed with ValueError"),
    ],
)
def test_one_run_that_fails_ends_it_without_any_traffic(first: bool, nth: int, how: Json, name: str, why: str) -> None:
    story, number = given(first, nth, **how)
    story.puts("v2", tests=TESTS, files=FILES, function={**MANIFEST["function"], "Timeout": 60})
    story.tells(story.upload("v2")).ticks(10)
    assert story.cause() is Cause.TEST_FAILED
    assert story.because().startswith(f"test {name!r} failed on version {number}: {why}")
    assert (story.phase(), story.routing) == (Phase.FAILED, None if first else Routing("1"))
    assert not has_got_traffic(story)
    assert SECRET not in repr(story.notices())


@pytest.mark.parametrize("run", [1, 2])
def test_one_run_that_does_not_fail_where_it_must_ends_it_too(first: bool, run: int) -> None:
    story, _ = given(first, 5 + run)
    story.tells(story.upload("v2")).ticks(10)
    assert story.because().endswith(f"run {run} of 2: it did not fail; expected ValueError")
    assert [(test.passed, test.runs) for test in story.deployment().evidence.tests] == [(True, 3), (False, run)]
    assert not has_got_traffic(story)


# -- in between -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_throttle_in_the_middle_means_all_of_it_again_by_a_tick(first: bool, nth: int) -> None:
    story, _ = given(first)
    story.play([FailsAt("Invoke", Fault.THROTTLED, nth)]).tells(story.upload("v2"))
    assert (story.phase(), story.deployment().evidence.tests) == (Phase.TESTING, ())
    assert "Rate exceeded" in story.timeline()[-1]
    story.ticks(2)
    assert asked(story) == PAYLOADS[: nth - 1] + PAYLOADS
    assert Milestone.TESTED in story.deployment().done


def test_what_is_tried_again_does_not_read_the_zip_again(first: bool) -> None:
    """The bucket may be away by then, and the zip deleted."""
    story, _ = given(first)
    story.play([FailsAt("Invoke", Fault.SERVICE_ERROR, 7)]).tells(story.upload("v2"))
    story.down("s3").cloud.storage.delete(BUCKET, "checkout/v2.zip")
    story.ticks(2)
    assert asked(story)[6:] == PAYLOADS


def test_a_tick_does_not_begin_with_tests_that_another_controller_is_still_at() -> None:
    """Tests that may take three minutes are not run by a second and a third controller meanwhile."""
    story = Scene().given_live().behaves("v2", duration=timedelta(seconds=29))
    tests = [{"name": "slow", "times": 6, "within": "30s"}]
    story.drops("v2", tests=tests, function={**MANIFEST["function"], "Timeout": 60})
    assert (len(asked(story)), story.phase()) == (6, Phase.SHIFTING)


def test_nobody_can_promote_past_the_tests(first: bool) -> None:
    story, _ = given(first)
    answers: list[Json] = []
    for nth in range(1, 8):
        story.meanwhile("Invoke", lambda: answers.append(story.answer("promote")), nth)
    story.tells(story.upload("v2"))
    assert [answer["ok"] for answer in answers] == [False] * 7
    assert "is TESTING" in answers[0]["error"]


@pytest.mark.parametrize("is_good", [True, False])
def test_a_crash_at_any_call_lets_no_version_serve_that_has_not_passed(first: bool, is_good: bool) -> None:
    """A crash before a call is one after the last."""
    begun, number = given(first)
    if not is_good:
        begun.behaves("v2")
    end = (Phase.SUCCEEDED, Routing(number)) if is_good else (Phase.FAILED, None if first else Routing("1"))
    upload, before = begun.upload("v2"), len(begun.cloud.calls)
    for call in in_turn(2 * first + is_good, range(len(begun.copy().tells(upload).cloud.calls) - before)):
        story = begun.copy().play([Fails(call, Fault.CRASH_AFTER)]).tells(upload)
        story.passes(timedelta(minutes=2)).tells(upload).tells(upload).ticks(5)
        assert (story.phase(), story.routing, story.violations) == (*end, []), call
        assert asked(story)[-7:] == PAYLOADS if is_good else not has_got_traffic(story), call


# -- files of the zip -------------------------------------------------------------------------------------------------


def test_a_payload_file_that_is_not_in_the_zip_is_refused_by_name_where_the_manifest_sends_it(first: bool) -> None:
    story, _ = given(first)
    story.puts("v2", tests=TESTS, alias="green")
    story.tells(story.upload("v2"))
    found = story.deployment(target=Target("checkout", "green"))
    assert (str(found), found.phase) == ("checkout:green#1", Phase.FAILED)
    assert found.reason and found.reason.cause is Cause.BAD_MANIFEST
    assert (
        found.reason.text
        == "payload_file 'tests/no.json' of test 'refuses' is not in the zip; add the file, or correct the name"
    )
    assert "PublishVersion" not in story.operations()
    assert [each["phase"] for each in story.cloud.bus.details] == ["FAILED"]


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({}, "payload_file 'tests/no.json' of test 'refuses' is not in the zip"),
        ({"tests/no.json": f"{{{SECRET}"}, "payload_file 'tests/no.json' of test 'refuses' is not JSON: line 1"),
        (
            {"tests/no.json": json.dumps(SECRET * 40_000)},
            "payload_file 'tests/no.json' of test 'refuses' has 280002 bytes",
        ),
    ],
    ids=["absent", "not JSON", "too long"],
)
def test_plan_says_that_it_would_be_refused(files: dict[str, str], because: str) -> None:
    story = Scene().given_live().puts("v2", tests=TESTS, files=files)
    payload = {"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"}
    answer = story.sends(payload)
    assert (answer["would"], answer["cause"]) == ("refuse", "bad_manifest")
    assert answer["because"].startswith(because)
    assert SECRET not in json.dumps(answer)
    story.drops("v2", tests=TESTS, files=files)
    assert story.deployment().reason and story.deployment().reason.text == answer["because"]


def test_a_zip_whose_files_cannot_be_read_now_is_taken_in_later() -> None:
    story, _ = given(False)
    event = story.upload("v2")
    story.down("GetObject").tells(event)
    assert not story.deployments()
    story.up().tells(event)
    assert story.phase() is Phase.SHIFTING


def test_a_manifest_without_payload_files_reads_no_more_of_the_zip_than_before() -> None:
    files = {**FILES, "node_modules/large.js": "x" * 1_000_000}
    reads = [
        Scene().given_live().drops("v2", tests=tests, files=files).operations().count("GetObject")
        for tests in ([{"name": "ping"}], TESTS)
    ]
    assert reads[0] < reads[1]


def test_a_payload_that_was_a_file_is_in_no_record_once_the_deployment_has_ended() -> None:
    story, _ = given(False)
    story.tells(story.upload("v2"))
    assert SECRET in repr(story.cloud.table.rows)
    story.ticks(10)
    assert story.phase() is Phase.SUCCEEDED
    assert SECRET not in repr(story.cloud.table.rows)
