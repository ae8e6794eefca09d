"""The log says once that a deployment has ended, and how: the metric of outcomes is made of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.event_bus import TOPIC
from tests.cloud.faults import Json
from tests.cloud.scene import Scene

QUICK = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}


@dataclass
class Warm(Scene):
    """A scene with one controller that stays warm, as on AWS. ``ends`` are those that the log has told, in order."""

    ends: list[Json] = field(default_factory=list)
    _controller: Any = None

    def dispatch(self, event: Json, time_left: Any) -> Any:
        self._controller = self._controller or super()._whose_turn_it_is()
        outcomes = self._controller.dispatch(event, time_left)
        self.ends.extend(end for each in outcomes for end in each.line.get("ended", ()))
        return outcomes

    def _whose_turn_it_is(self) -> Any:
        return self


@pytest.fixture
def story() -> Iterator[Warm]:
    """A scene that breaks no invariant, and whose controller fails only where something was made to go wrong."""
    scene = Warm()
    yield scene
    assert list(scene.wrong()) == []


def test_a_success_is_told_once(story: Warm) -> None:
    story.given_baking(strategy=QUICK).ticks(10)
    assert story.ends == [{"deployment": "checkout:live#1", "outcome": "SUCCEEDED", "cause": "promoted"}]


def test_a_rollback_by_alarm_is_told_once_with_its_cause(story: Warm) -> None:
    story.given_shifting().alarms().ticks(5)
    assert story.ends == [{"deployment": "checkout:live#1", "outcome": "ROLLED_BACK", "cause": "alarm"}]


def test_what_never_began_is_told_too(story: Warm) -> None:
    story.given_live().drops("v2", bad=b"no zip").ticks(2)
    assert [(each["outcome"], each["cause"]) for each in story.ends] == [("FAILED", "bad_artifact")]


def test_an_end_whose_event_failed_is_told_with_the_next_one(story: Warm) -> None:
    story.given_shifting().down("UpdateFunctionCode").requests("rollback")
    story.ticks(3).up().ticks(3)
    assert story.phase() is Phase.ROLLED_BACK
    assert [each["outcome"] for each in story.ends] == ["ROLLED_BACK"]


def test_an_end_that_nobody_can_be_told_of_by_mail_is_told_once_all_the_same(story: Warm) -> None:
    story.cloud.sns.topics.remove(TOPIC)
    story.given_baking(strategy=QUICK).ticks(10)
    assert len(story.ends) == 1
