"""Tells a story once undisturbed, and then once more for every call and all that can befall it.

What comes before the call is told only once: the story is copied before each of its minutes, and the copy from before
the call goes on with the trouble in it. What comes long after it is told only once, too: a story that is like one that
was told to its end before (``future``) ends like it.

Note: only a good end is known. A story that goes wrong is told to its end each time, so that whoever tells it again
sees the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.cloud.deliveries import Order
from tests.cloud.equivalence import future_of
from tests.cloud.faults import Call
from tests.cloud.steps import Scenario
from tests.cloud.story import Story
from tests.faults.left_undone import left_undone
from tests.faults.results import Swept
from tests.faults.troubles import Trouble, troubles_at
from tests.turns import in_turn


@dataclass
class Known:
    """How stories ended that were right, by what was still to come: the place of the end, 0 is as undisturbed.

    ``future_of`` returns the same for two stories only where they go on, and are judged, alike.
    """

    future_of: Callable[[Story], bytes | None] = future_of
    ends: dict[bytes, int] = field(default_factory=dict)

    def end(self, story: Story, most: int) -> tuple[int | None, list[bytes]]:
        """Plays a story until its end is known, and at most that one, or it is over.

        Returns its known end, None where it is over, and what was still to come on the way.
        """
        passed: list[bytes] = []
        while story.go_on():
            future = None if story.violations else self.future_of(story)
            if future is None:
                continue
            end = self.ends.get(future)
            if end is not None and end <= most:
                return end, passed
            passed.append(future)
        return None, passed


class Told:
    """A scenario that was told undisturbed, with a copy of it from before each of its minutes.

    ``calls`` are the calls since all was so as it is given.
    """

    def __init__(self, scenario: Scenario, order: Order = Order.AS_THEY_CAME) -> None:
        self.scenario, self.order = scenario, order
        self._copies: list[tuple[int, Story]] = []
        self._known = Known()
        story = scenario.begun()
        story.order = order
        first = len(story.cloud.calls)
        going = True
        while going:
            self._copies.append((len(story.cloud.calls), story.copy()))
            going = story.go_on()
        self.calls = story.cloud.calls[first:]
        self.wrong = [*scenario.wrong(story), *left_undone(story)]

    def before(self, number: int) -> Story:
        """Returns the story as it was before the minute of that call."""
        return next(story for first, story in reversed(self._copies) if first <= number).copy()

    def begun_with(self, number: int, trouble: Trouble) -> Story:
        """Returns the story before it comes to that call, where trouble waits for it."""
        story = self.before(number)
        trouble.befalls(story, number)
        return story

    def told_with(self, number: int, trouble: Trouble) -> Story:
        """Returns the story as it ends when that befalls it from that call on."""
        return self.begun_with(number, trouble).to_the_end()

    def swept(self, order_of: Iterable[tuple[Call, Trouble]]) -> Swept:
        """Returns what came of each of these troubles."""
        swept = Swept()
        for call, trouble in order_of:
            story, most = self.begun_with(call.number, trouble), self._last_end(call, trouble)
            end, passed = self._known.end(story, most)
            problems: list[str] = []
            if end is None:
                end, problems = self._ended(story, most)
            if not problems:
                self._known.ends.update(dict.fromkeys(passed, end))
            wrong = [self._in_words(call, trouble, problem) for problem in problems[:1]]
            swept.count(trouble.name, story.cloud.plan.injected, wrong, as_undisturbed=end == 0)
        return swept

    def _in_words(self, call: Call, trouble: Trouble, problem: str) -> str:
        again = f"Told({self.scenario.name!r}, {self.order}).told_with({call.number}, {trouble})"
        return f"{trouble.name} at {call} of {self.scenario.name!r}: {problem}\n    again: {again}"

    def _last_end(self, call: Call, trouble: Trouble) -> int:
        """Returns the place of the last end that this trouble is a reason for."""
        told = self.scenario
        return len(told.if_late) + (len(told.or_else) if trouble.is_reason(call) else 0)

    def _ended(self, story: Story, most: int) -> tuple[int, list[str]]:
        """Returns which of the scenario's ends it is, and what is wrong."""
        ends = [end.wrong(story) for end in self.scenario.ends[: most + 1]]
        if None in ends:
            return ends.index(None), [*story.violations, *left_undone(story)]
        return 0, [*story.violations, str(ends[0])]


def sweep(scenarios: Iterable[Scenario], turns: int = 1) -> Swept:
    """Sweeps scenarios one after the other."""
    swept = Swept()
    for scenario in scenarios:
        swept.add(_sweep(scenario, turns))
    return swept


def _sweep(scenario: Scenario, turns: int) -> Swept:
    """Sweeps one scenario, each call in one of the orders of events. A call is befallen by everything whose turn it is.

    Raises AssertionError where it goes wrong undisturbed.
    """
    swept = Swept()
    for turn, order in enumerate(Order):
        told = Told(scenario, order)
        assert not told.wrong, told.wrong
        calls = [call for call in told.calls if call.number % len(Order) == turn]
        for place, call in enumerate(calls):
            swept.add(told.swept((call, trouble) for trouble in in_turn(place, troubles_at(call), turns)))
        swept.calls = max(swept.calls, len(told.calls))
    swept.scenarios = 1
    return swept
