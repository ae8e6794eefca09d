"""The process dies before any one call of a deployment with hooks; what comes again makes everything right.

Every other deployment is told so, and worse, by the sweep of ``tests/faults``. Here the hooks look at each other.
"""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from controller.core.model import Routing
from tests.fakes import Crash
from tests.scenarios.story import Story, hooks


def _hooked() -> Story:
    """Five hooks, each of which is busy once."""
    story = Story().given_live().puts("v2", strategy=ONE_STEP, **hooks(*FIVE))
    for point in FIVE:
        story.given_hook(point, {"status": "IN_PROGRESS", "state": {"run": 1}}, {"status": "SUCCEEDED"})
    return story


TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}
ONE_STEP = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}
FIVE = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")


def _to_the_end(story: Story) -> Story:
    """The drop's event comes, and ticks until all is done; where the process dies, that event comes again."""
    events = itertools.chain([story.upload("v2")], itertools.repeat(TICK, 40))
    for event in events:
        try:
            story.hears(event)
        except Crash:
            story.world.forget_faults()
            story.hears(event)
        if story.phase().is_terminal and not story.deployment().bookkeeping.outbox:
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
    assert all(not run.calling and run.state is None for run in story.deployment().evidence.hooks)


def _hold_the_invariants(story: Story, call: int) -> None:
    function = story.world.functions["checkout"]
    for alias in function.aliases.values():
        assert alias.routing.version in function.versions, call
        assert alias.routing.canary is None or alias.routing.canary in function.versions, call
    open_ones = [each for each in story.world.deployments() if not each.phase.is_terminal and not each.hold.queued]
    assert len(open_ones) <= 1, call
    if not open_ones:
        assert story.routing is None or story.routing.canary is None, call
