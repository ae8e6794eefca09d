"""Steps of a story in which something goes wrong, or two things happen at once.

    FailsAt("UpdateAlias", Fault.LOST)          # the next UpdateAlias
    Before("GetItem", Ask("rollback"), nth=2)   # just before the second GetItem from now on

A call is named by its operation, and calls of it are counted from now on, the next one is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.cloud.faults import Fault
from tests.cloud.steps import Step
from tests.cloud.story import Story


@dataclass(frozen=True)
class Fails:
    """That call from now on goes wrong, whatever it is; 0 is the very next one. For loops over every call there is:
    one call is named with ``FailsAt``.
    """

    calls: int
    how: Fault

    def play(self, story: Story) -> bool:
        story.cloud.fail(len(story.cloud.calls) + self.calls, self.how)
        return True


@dataclass(frozen=True)
class FailsAt:
    """The ``nth`` call of that operation goes wrong, however many other calls come before it."""

    operation: str
    how: Fault
    nth: int = 1

    def play(self, story: Story) -> bool:
        named = _named(story, self.operation, self.nth)
        story.cloud.fail(lambda call: (call.operation, call.nth) == named, self.how)
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
class Before:
    """Just before the ``nth`` call of that operation somebody else does something, from beginning to end: a person, or
    a second controller.
    """

    operation: str
    step: Step
    nth: int = 1

    def play(self, story: Story) -> bool:
        story.interruptions[_named(story, self.operation, self.nth)] = self.step
        return True


def _named(story: Story, operation: str, nth: int) -> tuple[str, int]:
    """Returns which call of that operation it is since the AWS began, where it is the ``nth`` from now on."""
    return operation, story.cloud.wire.made[operation] + nth
