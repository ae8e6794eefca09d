"""What the fuzzing has found, each as a story that anybody can read."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.steps import QUICK, Drop, Live
from tests.cloud.story import Story

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
