"""The buttons of the page, as they were drawn, pressed at the controller: once, twice, and too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.controllers import TODAY, dispatcher
from tests.cloud.steps import QUICK, Drop, Live, Until, UntilStep
from tests.cloud.story import Story
from tests.cloud.under_way import under_way
from tests.cloud.viewing import looks, told
from tests.drawn_page import Read

TWO_STEPS = {**QUICK, "strategy": {"steps": [{"weight": 10, "hold": "5m"}, {"weight": 50, "hold": "5m"}], "bake": "5m"}}
ALICE = {"who": "alice", "why": "looks odd"}


@pytest.fixture
def shifting() -> Story:
    return told(Story().play([Live("v1"), Drop("v2", TWO_STEPS), Until(Phase.SHIFTING), UntilStep(1)]))


def drawn(story: Story) -> Read:
    page = looks(story, {"widgetContext": {"theme": "light"}})
    assert isinstance(page, str)
    return Read(page)


def test_fifty_that_are_open_are_seen_at_one_glance(shifting: Story) -> None:
    names = [f"function-{number:02}" for number in range(49)]
    for name in names:
        under_way(shifting.cloud, name)
    page = drawn(shifting)
    assert page.text.startswith("50 open")
    seen = [name for name in (*names, "checkout") if f"{name}:live" in page.text]
    assert f"and {50 - len(seen)} more: slipway status shows all" in page.text
    assert len(seen) >= 40


def press(story: Story, page: Read, label: str, **typed: str) -> str:
    """Returns what the popup says after a button of a page that was drawn at any time."""
    ((_, _, request),) = [each for each in page.actions if each[0] == label]
    event: dict[str, Any] = {**request, "widgetContext": {"theme": "light", "forms": {"all": typed}}}
    controller = dispatcher(TODAY, story.cloud, story.settings)
    (outcome,) = controller.dispatch(event, lambda: timedelta(seconds=300))
    assert isinstance(outcome.answer, str)
    return outcome.answer


def labels(page: Read) -> list[str]:
    return [label for label, _, _ in page.actions]


def test_the_page_shows_what_the_alias_carries_and_has_the_buttons_of_a_shift(shifting: Story) -> None:
    page = drawn(shifting)
    assert "version 1 90 %" in page.text
    assert "version 2 10 %" in page.text
    assert labels(page) == ["Next step", "All traffic now", "Pause", "Roll back"]


@pytest.mark.parametrize(
    ("label", "phase"), [("All traffic now", Phase.BAKING), ("Roll back", Phase.ROLLED_BACK), ("Pause", Phase.SHIFTING)]
)
def test_a_button_does_what_it_says_in_the_name_of_who_typed_theirs(shifting: Story, label: str, phase: Phase) -> None:
    assert "was accepted" in press(shifting, drawn(shifting), label, **ALICE)
    assert shifting.phase() is phase
    said = " ".join(entry.text for entry in shifting.deployments()[-1].timeline)
    assert "alice" in said
    assert "looks odd" in said


def test_a_button_of_a_page_that_is_older_than_the_alias_does_nothing(shifting: Story) -> None:
    page = drawn(shifting)
    shifting.play([UntilStep(2)])
    before = shifting.deployments()[-1], shifting.routing
    for label in ("Next step", "All traffic now", "Pause", "Roll back"):
        assert "was refused" in press(shifting, page, label), label
    assert (shifting.deployments()[-1], shifting.routing) == before


def test_a_button_pressed_twice_does_the_same_as_once(shifting: Story) -> None:
    page = drawn(shifting)
    assert "was accepted" in press(shifting, page, "Pause")
    once = shifting.deployments()[-1].timeline
    assert "was accepted" in press(shifting, page, "Pause")
    assert shifting.deployments()[-1].timeline == once


def test_pause_and_resume_take_turns_on_pages_of_different_times(shifting: Story) -> None:
    for label in ("Pause", "Resume", "Pause", "Resume"):
        shifting.cloud.advance(timedelta(seconds=10))
        assert "was accepted" in press(shifting, drawn(shifting), label), label
    assert not shifting.deployments()[-1].hold.paused


def test_the_bake_has_an_end_by_button_and_then_nothing_is_open(shifting: Story) -> None:
    press(shifting, drawn(shifting), "All traffic now")
    page = drawn(shifting)
    assert labels(page) == ["End the bake", "Pause", "Roll back"]
    press(shifting, page, "End the bake")
    assert shifting.to_the_end().phase() is Phase.SUCCEEDED
    assert "No deployment is open." in drawn(shifting).text


@pytest.mark.parametrize("service", ["dynamodb", "lambda"])
def test_a_page_that_cannot_be_drawn_says_why(shifting: Story, service: str) -> None:
    shifting.cloud.down(service)
    assert "The page cannot be drawn now." in drawn(shifting).text


def test_the_editor_of_the_widget_gets_help(shifting: Story) -> None:
    assert looks(shifting, {"describe": True, "widgetContext": {}}).startswith("## Slipway")
