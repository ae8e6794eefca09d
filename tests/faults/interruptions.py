"""Tells a story once more for every call of it, each time with somebody else acting just before that call.

Note: who acts in between is done before the call is made. So a second controller begins and ends within one call of the
first, and what the first has read is old from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from controller.core.model import Phase, Routing
from tests.cloud.equivalence import future_of
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import Drop, End, MoveAlias, Scenario, Step
from tests.cloud.story import Story
from tests.faults.left_undone import left_undone
from tests.faults.processes import on_all_processors
from tests.faults.results import Swept
from tests.faults.sweep import Known, Told
from tests.turns import in_turn

BROKEN = "a second controller, or a person, acts between two calls"
_CALLS_AT_ONCE = 15


@dataclass(frozen=True)
class Interruption:
    """What somebody does between two calls. ``ends`` are the ways in which the story may end then, besides its own.

    ``after`` are steps for the end of the story: a person answers what was left to them. ``fault`` is what becomes of
    the call itself.
    """

    step: Step
    ends: tuple[End, ...] = ()
    after: tuple[Step, ...] = ()
    fault: Fault | None = None


class Interrupted(Told):
    """A scenario that was told undisturbed, and is told again with somebody who acts in between."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self._known_with: dict[int, Known] = {}
        """What is known of the stories with an interruption, by the interruption's id."""

    def with_step(self, number: int, interruption: Interruption) -> Story:
        """Returns the story as it ends when somebody does something just before that call."""
        return self._begun_with(number, interruption).to_the_end()

    def _begun_with(self, number: int, interruption: Interruption) -> Story:
        story = self.before(number)
        story.interruptions[number] = interruption.step
        if interruption.fault:
            story.cloud.fail(number, interruption.fault)
        if not story.steps:
            story.minutes = 0
        story.steps.extend(interruption.after)
        return story

    def wrong_with(self, number: int, interruption: Interruption) -> list[str]:
        """Returns what is wrong with that story, each with what tells it again."""
        known = self._known_with.setdefault(id(interruption), Known(_future_of))
        story = self._begun_with(number, interruption)
        end, passed = known.end(story, 0)
        if end is not None:
            return []
        problems = [*story.violations, *left_undone(story), *_broken_promises(story)]
        if story.interruptions:
            problems.append(f"call {number} was never made")
        others = [end.wrong(story) for end in (self.scenario.then, *interruption.ends)]
        if None not in others and not _newest_is_live(story, interruption.step):
            problems.append(str(others[-1]))
        if not problems:
            known.ends.update(dict.fromkeys(passed, 0))
        again = f"Interrupted({self.scenario.name!r}).with_step({number}, {interruption})"
        return [f"{problem}\n    before call {story.cloud.calls[number]}; again: {again}" for problem in problems]


def interrupted(scenario: Scenario, interruptions: Sequence[Interruption]) -> Swept:
    """Tells one scenario with interruptions before every call, on all processors."""
    told = Interrupted(scenario)
    assert not told.wrong, told.wrong
    swept = on_all_processors(partial(_with_each, scenario, interruptions), told.calls, _CALLS_AT_ONCE)
    swept.scenarios, swept.calls = 1, len(told.calls)
    return swept


def _with_each(scenario: Scenario, interruptions: Sequence[Interruption], calls: Sequence[Call]) -> Swept:
    told, swept = Interrupted(scenario), Swept()
    for call in calls:
        for interruption in in_turn(call.number, interruptions):
            swept.count(BROKEN, 1, told.wrong_with(call.number, interruption))
    return swept


def _newest_is_live(story: Story, step: Step) -> bool:
    """Does the alias carry what was dropped last, though something was dropped in between or moved before?"""
    last = story.deployments()[-1]
    if not isinstance(step, (Drop, MoveAlias)) or last.phase is not Phase.SUCCEEDED or last.canary is None:
        return False
    outdone = any(last.artifact.is_older_than(each.artifact) for each in story.deployments())
    return not outdone and story.routing == Routing(last.canary)


def _future_of(story: Story) -> bytes | None:
    """Returns the same for two stories that go on alike, and in which people were promised the same."""
    future = future_of(story)
    return future and future + bytes([_is_promised(story)])


def _is_promised(story: Story) -> bool:
    """Was a person told that it goes back?"""
    return any(answer["ok"] and answer["request"] == "rollback" for answer in story.answers)


def _broken_promises(story: Story) -> Iterator[str]:
    """A person who was told yes has what they asked for."""
    canaries = {each.canary for each in story.deployments() if each.phase is Phase.ROLLED_BACK}
    if _is_promised(story) and story.routing and story.routing.version in canaries:
        yield f"a person was told that it goes back, and it did not: {story.in_words()}"
