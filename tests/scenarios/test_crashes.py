"""The process dies before or after any one call; the events and ticks that come again make everything right."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.model import Phase, Routing
from controller.core.observation import AlarmState
from tests.fakes import Crash, Function
from tests.scenarios.story import Story, hooks


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


def _hooked() -> Story:
    """Five hooks, each of which is busy once."""
    story = Story().given_live().puts("v2", strategy=ONE_STEP, **hooks(*FIVE))
    for point in FIVE:
        story.given_hook(point, {"status": "IN_PROGRESS", "state": {"run": 1}}, {"status": "SUCCEEDED"})
    return story


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
ONE_STEP = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}
FIVE = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_any_call_heals(name: str, moment: str) -> None:
    crashed = [_crashed(name, call, moment) for call in range(MOST_CALLS)]
    assert True in crashed
    assert not crashed[-1], "the scenario makes more calls than were crashed"


def _to_the_end(story: Story) -> Story:
    """The drop's event comes, and ticks until all is done; where the process dies, that event comes again."""
    events = itertools.chain([story.upload("v2")], itertools.repeat(_tick(story), 40))
    for event in events:
        try:
            story.hears(event)
        except Crash:
            story.world.forget_faults()
            story.hears(event)
        if story.phase().is_terminal and not story.deployment().outbox:
            break
        story.passes(timedelta(minutes=1))
    return story


@pytest.mark.parametrize("end", ["SUCCEEDED", "ROLLED_BACK"])
def test_a_crash_at_any_call_of_a_whole_deployment_with_five_hooks_heals(end: str) -> None:
    """From the drop to the end, also in the ticks that call the hooks. A crash before a call is one after the last."""
    for call in range(1_000):
        story = _hooked()
        if end == "ROLLED_BACK":
            story.given_hook("before_promotion", {"status": "FAILED", "reason": "3 of 40"})
        story.world.crash = (call, "before")
        _to_the_end(story)
        _hold_the_invariants(story, call)
        assert story.phase().value == end, call
        assert story.routing == Routing("2" if end == "SUCCEEDED" else "1"), call
        _hold_the_hooks_together(story)
        if call >= len(story.world.calls):
            return
    pytest.fail("the scenario makes more calls than were crashed")


def _hold_the_hooks_together(story: Story) -> None:
    """Every call came at least once, with numbers that rise by one; a number that came twice came at once."""
    asked = [(told["hook"], told["step"], told["call"]) for told in story.world.told]
    for one, next_one in itertools.pairwise(asked):
        same = one[:2] == next_one[:2]
        assert next_one[2] in ((one[2], one[2] + 1) if same else (1,)), asked
    assert all(not run.calling and run.state is None for run in story.deployment().hooks)


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
