"""The tests that a new version of the controller must pass before it gets traffic: today's code passes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from controller.core.manifest.parsing import parse
from controller.core.manifest.schema_errors import first_problem
from controller.core.manifest.settings import TestCase
from tests.cloud.scene import Scene

ROOT = Path(__file__).parents[2]
MANIFEST = parse(("packaging/slipway.json", (ROOT / "packaging" / "slipway.json").read_text("utf-8")))
SAMPLES = [json.loads(path.read_text("utf-8")) for path in (ROOT / "events").iterdir()]


def named(test: TestCase) -> str:
    return test.name


def asked(test: TestCase) -> dict[str, Any]:
    payload = test.payload
    assert isinstance(payload, dict)
    return payload


@pytest.mark.parametrize("test", MANIFEST.tests, ids=named)
def test_the_controller_answers_as_its_own_manifest_wants(story: Scene, test: TestCase) -> None:
    assert story.tells(asked(test)).failures == []
    assert first_problem(json.loads(json.dumps(story.answers[-1])), test.response) is None


@pytest.mark.parametrize("test", MANIFEST.tests, ids=named)
def test_asking_changes_nothing(story: Scene, test: TestCase) -> None:
    story.given_shifting()
    before = (story.deployment(1), story.routing)
    story.tells(asked(test))
    assert (story.deployment(1), story.routing) == before


def test_every_kind_of_event_that_a_rule_sends_is_asked_about() -> None:
    events = [asked(test)["event"] for test in MANIFEST.tests if "event" in asked(test)]
    assert all(event in SAMPLES for event in events)
    assert {event.get("source") for event in events} >= {"aws.s3", "aws.cloudwatch", "aws.events"}
