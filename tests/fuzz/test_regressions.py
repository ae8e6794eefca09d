"""What the fuzzing has found, each as a story that anybody can read."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.steps import QUICK, Drop, Live
from tests.cloud.story import Story
from tests.fuzz.handler import AtTheDoor, kept
from tests.fuzz.nonsense import nested

FUNCTION: Mapping[str, object] = {"Runtime": "python3.13", "Handler": "app.handler"}
LONG = "a" * 150_000


def told(*sections: Mapping[str, object]) -> Story:
    """Returns a story in which zips with those sections in their manifests are dropped on a function that serves."""
    story = Story()
    story.play([Live("v1"), *(Drop(f"v{number}", each) for number, each in enumerate(sections, 2))])
    return story


@pytest.mark.parametrize(
    "section",
    [
        {"function": {**FUNCTION, "DeadLetterConfig": {"TargetArn": LONG}}},
        {"function": {**FUNCTION, "Role": f"arn:aws:iam::999999999999:role/{LONG}"}},
        {"function": {**FUNCTION, "Environment": {"Variables": {LONG: 1}}}},
        {"function": {**FUNCTION, "Handler": "app.handler", "EphemeralStorage": {LONG: LONG}}},
    ],
    ids=["dead letters", "role", "variable", "setting"],
)
def test_a_manifest_with_a_long_value_fails_its_deployment_and_nothing_waits_behind_it(
    section: Mapping[str, object],
) -> None:
    """What was said of it did not fit into the record. So the record could not be saved, and never ended."""
    story = told(section, QUICK).to_the_end()
    assert [each.phase for each in story.deployments()] == [Phase.FAILED, Phase.SUCCEEDED]
    assert (story.failures, story.violations, story.routing) == ([], [], Routing("2"))


@pytest.mark.parametrize("word", ["hunter2", {"hunter2": 1}, ["hunter2"] * 1_000, nested(950), None, 7, "x" * 100_000])
def test_what_is_no_request_is_not_logged(word: object) -> None:
    """It may be of any length, and one nested deeply ended the invocation: the log could not be written."""
    story = AtTheDoor()
    with kept() as log:
        story.hears({"request": word})
    (answer,) = story.answers
    assert (story.violations, story.failures, answer["ok"]) == ([], [], False)
    assert answer["request"] == (word[:80] if isinstance(word, str) else None)
    (line,) = log.lines
    assert (line["event"], line["ok"], line.get("request")) == ("request", False, None)


@pytest.mark.parametrize("word", ["plan", "deploy"])
def test_half_a_character_in_a_request_is_refused_before_it_is_sent(word: str) -> None:
    """botocore broke on it, and so it was tried again and again."""
    story = AtTheDoor()
    story.hears({"request": word, "bucket": "drop", "key": "checkout/v2.zip", "version": "\ud800"})
    assert (story.violations, story.failures) == ([], [])
    assert story.answers[0]["error"].startswith('version: found "\\ud800", allowed: text that matches')


@pytest.mark.parametrize(
    "request_",
    [
        {"request": "\ud800"},
        {"request": "status", "\ud800": 1},
        {"request": "override", "function": "checkout", "alarm": "\ud800", "who": "alice", "why": "because"},
    ],
)
def test_an_answer_can_be_sent_whatever_was_asked(request_: dict[str, object]) -> None:
    """Lambda writes it as UTF-8, which has no half characters."""
    story = AtTheDoor()
    story.hears(request_)
    assert not story.answers[0]["ok"]
    assert json.dumps(story.answers, ensure_ascii=False).encode("utf-8")
