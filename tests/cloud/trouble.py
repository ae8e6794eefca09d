"""Steps of a story in which something goes wrong, or two things happen at once.

Note: calls are counted from now on. ``Fails(0, ...)`` is about the very next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.cloud.faults import Fault
from tests.cloud.steps import Step
from tests.cloud.story import Story


@dataclass(frozen=True)
class Fails:
    """That call from now on goes wrong."""

    calls: int
    how: Fault

    def play(self, story: Story) -> bool:
        story.cloud.fail(len(story.cloud.calls) + self.calls, self.how)
        return True


@dataclass(frozen=True)
class FailsAt:
    """The next call of that operation goes wrong, however many calls come before it."""

    operation: str
    how: Fault

    def play(self, story: Story) -> bool:
        story.cloud.fail(lambda call: call.operation == self.operation, self.how)
        return True


@dataclass(frozen=True)
class Down:
    """A whole service is away for that many minutes."""

    service: str
    minutes: int
    how: Fault = Fault.SERVICE_ERROR

    def play(self, story: Story) -> bool:
        story.cloud.down(self.service, self.how, until=story.cloud.clock.now + timedelta(minutes=self.minutes))
        return True


@dataclass(frozen=True)
class Between:
    """Just before that call from now on somebody else does something, from beginning to end: a second controller."""

    calls: int
    step: Step

    def play(self, story: Story) -> bool:
        story.interruptions[len(story.cloud.calls) + self.calls] = self.step
        return True


@dataclass(frozen=True)
class Before:
    """Just before the next call of that operation somebody else does something; however many calls come before it."""

    operation: str
    step: Step

    def play(self, story: Story) -> bool:
        story.interruptions[self.operation] = self.step
        return True
