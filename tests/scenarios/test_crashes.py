"""The process dies before any one call of a deployment with hooks; what comes again makes everything right.

Every other deployment is told so, and worse, by the sweep of ``tests/faults``. Here the hooks look at each other.
"""

from __future__ import annotations

import itertools

import pytest

from controller.core.model import Routing
from tests.cloud.faults import Fault
from tests.cloud.scene import Scene, hooks
from tests.turns import in_turn

ONE_STEP = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}
FIVE = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")
BUSY, YES = {"status": "IN_PROGRESS", "state": {"run": 1}}, {"status": "SUCCEEDED"}


def hooked(end: str) -> Scene:
    """Five hooks, each of which is busy once."""
    story = Scene().given_live().puts("v2", strategy=ONE_STEP, **hooks(*FIVE))
    for point in FIVE:
        story.given_hook(point, BUSY, YES)
    if end == "ROLLED_BACK":
        story.given_hook("before_promotion", {"status": "FAILED", "reason": "3 of 40"})
    return story


def to_the_end(story: Scene) -> list[Scene]:
    """Plays until all is done; returns the story as it was before each event, and as it is then."""
    moments = []
    while not story.deployments() or not story.deployment().phase.is_terminal or story.deployment().bookkeeping.outbox:
        moments.append(story.copy())
        assert len(moments) < 40, story.in_words()
        hears_next(story)
    return [*moments, story]


def hears_next(story: Scene) -> Scene:
    """The drop's event comes, once it came a tick."""
    return story.ticks() if story.deployments() else story.tells(story.upload("v2"))


@pytest.mark.parametrize("end", ["SUCCEEDED", "ROLLED_BACK"])
def test_a_crash_at_any_call_of_a_whole_deployment_with_five_hooks_heals(end: str) -> None:
    """A crash before a read is one after the last write, so those before writes and invocations are all there are."""
    moments = to_the_end(hooked(end))
    for before, after in itertools.pairwise(moments):
        changes = [call for call in after.cloud.calls[len(before.cloud.calls) :] if not call.is_read]
        for call in in_turn(len(before.cloud.calls), changes):
            story = before.copy()
            story.cloud.fail(call.number, Fault.CRASH_BEFORE)
            to_the_end(hears_next(story))
            assert (story.phase(), story.violations) == (moments[-1].phase(), []), call
            assert story.routing == Routing("2" if end == "SUCCEEDED" else "1"), call
            hold_the_hooks_together(story)


def hold_the_hooks_together(story: Scene) -> None:
    """Every call came at least once, with numbers that rise by one; a number that came twice came at once."""
    asked = [(told["hook"], told["step"], told["call"]) for told in story.hooks_told()]
    for one, next_one in itertools.pairwise(asked):
        same = one[:2] == next_one[:2]
        assert next_one[2] in ((one[2], one[2] + 1) if same else (1,)), asked
    assert all(not run.calling and run.state is None for run in story.deployment().evidence.hooks)
