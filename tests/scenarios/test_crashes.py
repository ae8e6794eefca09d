"""The process dies before or after any one call; the events and ticks that come again make everything right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.model import Phase, Routing
from controller.core.observation import AlarmState
from tests.fakes import Crash, Function
from tests.scenarios.story import Story


def _good() -> Story:
    return Story().given_live().puts("v2")


def _adopted() -> Story:
    story = Story()
    story.world.functions["checkout"] = Function(code="sha-theirs")
    return story.puts("v2")


def _first() -> Story:
    return Story().puts("v2")


def _shifting() -> Story:
    return Story().given_shifting()


def _baking() -> Story:
    return Story().given_baking()


def _closing() -> Story:
    return Story().given_baking().passes(timedelta(minutes=30))


def _superseding() -> Story:
    return Story().given_shifting().passes(timedelta(seconds=9)).puts("v3")


def _drop(story: Story, name: str = "v2") -> object:
    return story.upload(name)


def _alarm(story: Story) -> object:
    story.world.alarms["slipway/checkout/live/1"] = AlarmState.FIRING
    return story.alarm("slipway/checkout/live/1", "2")


def _tick(_story: Story) -> object:
    return {"source": "aws.events", "detail-type": "Scheduled Event"}


def _newer(story: Story) -> object:
    return _drop(story, "v3")


def _rollback(_story: Story) -> object:
    return {"request": "rollback", "function": "checkout"}


SCENARIOS: dict[str, tuple[Callable[[], Story], Callable[[Story], object], int, Phase, Routing]] = {
    "a good version": (_good, _drop, 1, Phase.SUCCEEDED, Routing("2")),
    "a first deployment": (_first, _drop, 1, Phase.SUCCEEDED, Routing("1")),
    "an adopted function": (_adopted, _drop, 1, Phase.SUCCEEDED, Routing("2")),
    "an alarm in a step": (_shifting, _alarm, 1, Phase.ROLLED_BACK, Routing("1")),
    "an alarm in the bake": (_baking, _alarm, 1, Phase.ROLLED_BACK, Routing("1")),
    "the end of the bake": (_closing, _tick, 1, Phase.SUCCEEDED, Routing("2")),
    "a newer artifact": (_superseding, _newer, 2, Phase.SUCCEEDED, Routing("3")),
    "a rollback by request": (_shifting, _rollback, 1, Phase.ROLLED_BACK, Routing("1")),
}
MOST_CALLS = 120


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_any_call_heals(name: str, moment: str) -> None:
    crashed = [_crashed(name, call, moment) for call in range(MOST_CALLS)]
    assert True in crashed
    assert not crashed[-1], "the scenario makes more calls than were crashed"


def _crashed(name: str, call: int, moment: str) -> bool:
    """Crashes at that call, lets the event and the ticks come again, checks the end; False where there was no such
    call.
    """
    given, event_of, number, phase, routing = SCENARIOS[name]
    story = given()
    event = event_of(story)
    story.world.crash = (len(story.world.calls) + call, moment)
    try:
        story.hears(event)
        crashed = False
    except Crash:
        crashed = True
    story.world.forget_faults()
    story.passes(timedelta(minutes=1)).hears(event).hears(event)
    for _ in range(60):
        story.ticks()
        _hold_the_invariants(story, call)
    where = f"{name}, {moment} call {call}"
    assert (story.phase(number), story.routing) == (phase, routing), where
    assert not story.deployment(number).outbox, where
    return crashed


def _hold_the_invariants(story: Story, call: int) -> None:
    function = story.world.functions["checkout"]
    for alias in function.aliases.values():
        assert alias.routing.version in function.versions, call
        assert alias.routing.canary is None or alias.routing.canary in function.versions, call
    open_ones = [each for each in story.world.deployments() if not each.phase.is_terminal and not each.waiting]
    assert len(open_ones) <= 1, call
    if not open_ones:
        assert story.routing is None or story.routing.canary is None, call
