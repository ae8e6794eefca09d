"""People who may only look: the viewer says what the controller would say, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.keys import KEY
from tests.cloud.steps import BUCKET, HOOK, QUICK, Drop, Live, Until
from tests.cloud.story import SETTINGS, Story, asking
from tests.cloud.viewing import CONTROLLER, looks, told
from tests.cloud.zips import zipped

NEXT = "checkout/v3.zip"
QUESTIONS: dict[str, dict[str, Any]] = {
    "all": {"request": "status"},
    "one": asking("status"),
    "nobody": {"request": "status", "function": "nobody"},
    "history": asking("history"),
    "plan": {"request": "plan", "bucket": BUCKET, "key": NEXT},
    "plan of nothing": {"request": "plan", "bucket": BUCKET, "key": "checkout/nothing.zip"},
    "backtest": asking("backtest", stable="1", canary="2", **{"from": "2026-11-24T09:00:00Z"}),
    "explain": {"request": "explain", "event": {"source": "aws.events", "detail-type": "Scheduled Event"}},
    "nonsense": asking("status", color="red"),
}
ACTING = ("deploy", "promote", "rollback", "pause", "resume", "accept_drift", "approve", "deny", "override")


@pytest.fixture
def shifting() -> Story:
    """A shift is under way, and another zip lies in the bucket that nobody has told the controller of."""
    story = told(Story().play([Live("v1"), Drop("v2", QUICK), Until(Phase.SHIFTING)]))
    story.cloud.storage.put(BUCKET, NEXT, zipped("v3", QUICK))
    return story


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_viewer_says_what_the_controller_says(shifting: Story, question: str) -> None:
    assert shifting.hears(QUESTIONS[question]), shifting.failures
    assert looks(shifting, QUESTIONS[question]) == shifting.answers[-1]


def test_the_viewer_makes_only_calls_that_read(shifting: Story) -> None:
    before = len(shifting.cloud.calls)
    for question in QUESTIONS.values():
        looks(shifting, question)
    made = shifting.cloud.calls[before:]
    assert len(made) > 10
    assert [str(call) for call in made if not call.is_read or "DryRun" in call.parameters.values()] == []
    assert [str(call) for call in made if call.parameters.get("DryRun")] == []


@pytest.mark.parametrize("word", ACTING)
def test_a_request_that_acts_is_refused_by_the_name_of_the_controller(shifting: Story, word: str) -> None:
    before = shifting.seen().deployments
    answer = looks(shifting, asking(word))
    assert (answer["ok"], answer["request"]) == (False, word)
    assert answer["error"].endswith(f"; send {word} to {CONTROLLER}, alias live")
    assert shifting.seen().deployments == before


@pytest.mark.parametrize("event", [None, [], "status", {}, {"request": 7}, {"request": "\ud800" * 99}, {"Records": []}])
def test_what_is_no_request_is_refused_in_words(shifting: Story, event: object) -> None:
    answer = looks(shifting, event)
    assert not answer["ok"]
    assert "status, " in answer["error"]
    answer["error"].encode()


def test_a_hook_that_is_not_there_is_said_without_calling_one() -> None:
    manifest = {**QUICK, "hooks": {"before_traffic": {"function": HOOK.format("before_traffic")}}}
    story = told(Story().play([Live("v1")]))
    story.cloud.storage.put(BUCKET, NEXT, zipped("v3", manifest))
    answer = looks(story, QUESTIONS["plan"])
    assert (answer["would"], answer["cause"]) == ("refuse", "preflight")
    assert "does not exist" in answer["because"]


@pytest.mark.parametrize("size", [100, 8_500_000, 20_000_000])
def test_an_artifact_has_the_hash_that_lambda_gives_it_however_large(size: int) -> None:
    story = told(Story().play([Live("v1")]))
    story.cloud.storage.put(BUCKET, NEXT, zipped("v3", QUICK, {"noise": Random(1).randbytes(size).hex()}))
    assert story.hears(QUESTIONS["plan"]), story.failures
    assert looks(story, QUESTIONS["plan"]) == story.answers[-1]
    assert story.answers[-1]["would"] == "deploy"


def test_a_signature_is_checked_as_the_controller_checks_it() -> None:
    story = told(Story(settings=replace(SETTINGS, signing_key=KEY)).play([Live("v1")]))
    story.cloud.storage.put(BUCKET, NEXT, zipped("v3", QUICK))
    assert "is not signed" in looks(story, QUESTIONS["plan"])["because"]


def test_after_a_deployment_of_the_controller_the_viewer_says_that_it_has_other_code() -> None:
    story = told(Story())
    quick = {"strategy": {"steps": [], "bake": "0s"}}
    content = zipped("next", quick, {"controller/__init__.py": "", "controller/app.py": "def handler(event, _): ..."})
    story.cloud.storage.put(BUCKET, f"{CONTROLLER}/next.zip", content)
    story.deliver()
    story.to_the_end()
    controller = looks(story, {"request": "status"})["controller"]
    assert controller["version"] == "2"
    assert [each for each in controller["warnings"] if "slipway-viewer has the code of the last stack update" in each]


def test_other_settings_of_the_controller_are_the_viewers_at_once(shifting: Story) -> None:
    functions = shifting.cloud.client("lambda")
    found = functions.get_function_configuration(FunctionName=CONTROLLER)["Environment"]["Variables"]
    environment = {"Variables": {**found, "SLIPWAY_KEEP_VERSIONS": "9"}}
    functions.update_function_configuration(FunctionName=CONTROLLER, Environment=environment)
    shifting.minute()
    version = functions.publish_version(FunctionName=CONTROLLER)["Version"]
    functions.update_alias(FunctionName=CONTROLLER, Name="live", FunctionVersion=version)
    controller = looks(shifting, {"request": "status"})["controller"]
    assert (controller["version"], controller["parameters"]["KeepVersions"]) == (version, 9)
