"""Somebody else writes the alias between our read of it and our write: theirs stays, whatever ours was to be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.core.model import Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.faults import Call
from tests.cloud.steps import Behave, Drop, Live, Minutes, MoveAlias, Step, Until
from tests.cloud.story import Story

THEIRS = MoveAlias("1")


def writes(line: str) -> Callable[[Call], bool]:
    """Is it the write of the alias that leaves this in its description?"""
    return lambda call: call.operation == "UpdateAlias" and line in call.parameters["Description"]


@pytest.mark.parametrize(
    ("when", "line", "phase"),
    [
        ([Drop("v2")], " deploys 2", Phase.SHIFTING),
        ([Drop("v2"), Behave("v2", error="ValueError")], " rolled back 2 to 1", Phase.SHIFTING),
        ([Drop("v2"), Until(Phase.BAKING)], " deployed 2", Phase.BAKING),
    ],
    ids=["a step", "a rollback by alarm", "the end of the bake"],
)
def test_what_somebody_else_wrote_meanwhile_stays(when: list[Step], line: str, phase: Phase) -> None:
    story = Story().play([Live("v1"), *when])
    story.cloud.meanwhile(writes(line), lambda: THEIRS.play(story))
    story.play([Minutes(6)])
    assert story.theirs, "nothing was about to be written"
    assert (story.phase(), story.routing, story.violations) == (phase, Routing("1"), [])
    assert story.theirs[CHECKOUT].revision == story.cloud.lambda_.functions["checkout"].aliases["live"]["RevisionId"]
