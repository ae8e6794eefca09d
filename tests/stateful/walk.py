"""A walk: whatever may happen to one function, in any order, at any time, and the rules hold after each step.

    walk(Walked(), tried(100, 30))

Note: a rule does nothing but play a step, and what it played is written down. What fails is therefore printed as a
scenario: paste it into ``tests/faults/traffic.py`` or ``arrivals.py``, and it fails there. There are few rules because
Hypothesis leaves some of them out of a walk, and one without time, or an upload, is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.cloud.steps import Scenario, Step
from tests.cloud.steps_at_any_time import Heal, UntilAtRest
from tests.cloud.story import Story
from tests.faults.left_undone import AtRest
from tests.stateful import strategies
from tests.stateful.shrinking import shortest
from tests.stateful.source_text import pasted

AGAIN = "tell it again:"
"""What stands before the scenario in the text of a failure."""


class WentWrong(Exception):
    """A walk went wrong; ``scenario`` tells it."""

    def __init__(self, scenario: Scenario, problem: str) -> None:
        super().__init__(problem)
        self.scenario = scenario


@dataclass
class Walked:
    """What walks came to."""

    walks: int = 0
    steps: int = 0
    injected: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        return f"{self.walks} walks, {self.steps} steps, {self.injected} faults injected, {self.wrong} violations"


class Walk(RuleBasedStateMachine):
    """One walk. ``given`` are steps that come before it."""

    def __init__(self, walked: Walked, given: tuple[Step, ...] = strategies.GIVEN) -> None:
        super().__init__()
        self._walked, self._given = walked, given
        self._steps: list[Step] = []
        self._is_wrong = False
        self._story = Story().play(given)

    @initialize(step=strategies.DROPS)
    def something_is_dropped(self, step: Step) -> None:
        self._play(step)

    @rule(step=strategies.HAPPENS)
    def something_happens(self, step: Step) -> None:
        self._play(step)

    @rule(step=strategies.TIME)
    def time_passes(self, step: Step) -> None:
        self._play(step)

    @rule(step=strategies.GOES_WRONG)
    def something_goes_wrong(self, step: Step) -> None:
        self._play(step)

    @rule(steps=strategies.BAD_MOMENTS)
    def something_happens_at_a_bad_moment(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            self._play(step)

    def teardown(self) -> None:
        if self._is_wrong:
            return
        for step in (Heal(), UntilAtRest()):
            self._play(step)
        self._walked.walks += 1
        self._walked.steps += len(self._steps)
        self._walked.injected += self._story.cloud.plan.injected
        wrong = self._scenario().wrong(self._story)
        if wrong:
            self._complain(wrong)

    def _play(self, step: Step) -> None:
        self._steps.append(step)
        self._story.play([step])
        if self._story.violations:
            self._complain(self._story.violations)

    def _complain(self, wrong: list[str]) -> None:
        self._is_wrong = True
        raise WentWrong(self._scenario(), wrong[0])

    def _scenario(self) -> Scenario:
        return Scenario("found by a walk", given=self._given, when=tuple(self._steps), then=AtRest())


def walk(walked: Walked, how: settings, given: tuple[Step, ...] = strategies.GIVEN) -> None:
    """Takes walks. Raises AssertionError with what is wrong in one, and the shortest scenario that tells it."""
    try:
        run_state_machine_as_test(lambda: Walk(walked, given), settings=how)
    except WentWrong as wrong:
        walked.wrong += 1
        raise AssertionError(_told(shortest(wrong.scenario))) from None


def _told(scenario: Scenario) -> str:
    wrong = scenario.wrong(scenario.begun().to_the_end())
    return "\n".join([*wrong[:3], AGAIN, pasted(scenario)])
