"""Tells a story once undisturbed, and then once more for every call and every way in which that call can go wrong.

What a newcomer would get wrong: what comes before the call is told only once. The story is copied before each of its
minutes, and the copy from before the call goes on with the fault in it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.cloud.deliveries import Order
from tests.cloud.faults import Fault
from tests.cloud.steps import Scenario
from tests.cloud.story import Story

FAULTS = (
    Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.READ_TIMEOUT, Fault.LOST, Fault.LOST_EVERY_TIME,
    Fault.CRASH_BEFORE, Fault.CRASH_AFTER,
)  # fmt: skip
_CALLS_OF_A_PART = 15


@dataclass(frozen=True)
class Wrong:
    """What went wrong in one of the stories, and how to tell it again."""

    scenario: str
    number: int
    call: str
    fault: Fault
    order: Order
    problems: tuple[str, ...]

    def __str__(self) -> str:
        again = f"Told({self.scenario!r}, {self.order}).with_fault({self.number}, {self.fault})"
        return f"{self.fault.value} at call {self.call} of {self.scenario}: {self.problems[0]}\n    again: {again}"


@dataclass
class Swept:
    """What sweeps came to."""

    scenarios: int = 0
    calls: int = 0
    injected: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.scenarios} scenarios, {self.calls} calls, {self.injected} faults injected,"
            f" {len(self.wrong)} violations"
        )

    def add(self, other: Swept) -> None:
        self.scenarios += other.scenarios
        self.calls += other.calls
        self.injected += other.injected
        self.wrong += other.wrong


class Told:
    """A scenario that was told undisturbed, with a copy of it from before each of its minutes.

    ``calls`` are the numbers of the calls since all was so as it is given.
    """

    def __init__(self, scenario: Scenario, order: Order = Order.AS_THEY_CAME) -> None:
        self.scenario, self.order = scenario, order
        self._copies: list[tuple[int, Story]] = []
        story = scenario.begun()
        story.order = order
        first = len(story.cloud.calls)
        going = True
        while going:
            self._copies.append((len(story.cloud.calls), story.copy()))
            going = story.go_on()
        self.calls = range(first, len(story.cloud.calls))
        self.wrong = scenario.wrong(story, disturbed=False)

    def before(self, number: int) -> Story:
        """Returns the story as it was before the minute of that call."""
        return next(story for first, story in reversed(self._copies) if first <= number).copy()

    def with_fault(self, number: int, fault: Fault) -> Story:
        """Returns the story as it ends when that call goes wrong."""
        story = self.before(number)
        story.cloud.fail(number, fault)
        return story.to_the_end()

    def swept(self, numbers: Iterable[int], faults: Sequence[Fault] = FAULTS) -> Swept:
        """Returns what came of those calls going wrong in every way."""
        found = Swept()
        for number in numbers:
            for fault in faults:
                story = self.with_fault(number, fault)
                found.injected += story.cloud.plan.injected
                problems = tuple(self.scenario.wrong(story, disturbed=True))
                if problems:
                    call = str(story.cloud.calls[number])
                    found.wrong.append(Wrong(self.scenario.name, number, call, fault, self.order, problems))
        return found


def sweep(scenario: Scenario, order: Order = Order.AS_THEY_CAME, faults: Sequence[Fault] = FAULTS) -> Swept:
    """Sweeps one scenario, on all processors. Raises AssertionError where it goes wrong undisturbed."""
    told = Told(scenario, order)
    assert not told.wrong, told.wrong
    found = Swept(1, len(told.calls))
    # Another start than by "fork": a copy of this process would have its threads' locks and not its threads.
    begin = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4), mp_context=begin) as pool:
        for part in pool.map(_part, [(scenario, order, faults, each) for each in _parts(told.calls)]):
            found.add(part)
    return found


def _parts(calls: range) -> Iterator[range]:
    return (calls[start : start + _CALLS_OF_A_PART] for start in range(0, len(calls), _CALLS_OF_A_PART))


def _part(asked: tuple[Scenario, Order, Sequence[Fault], range]) -> Swept:
    scenario, order, faults, numbers = asked
    return Told(scenario, order).swept(numbers, faults)
