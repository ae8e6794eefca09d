"""What befalls a story of the sweep from one of its calls on: the call fails, or whole services are away.

Note: an outage begins with a call to one of its services. One that began earlier would begin at that call, too, for
nobody would notice it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from tests.cloud.faults import Call, Fault
from tests.cloud.partial_answers import CUT
from tests.cloud.story import Story

FAULTS = (
    Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.READ_TIMEOUT, Fault.LOST, Fault.LOST_EVERY_TIME,
    Fault.CRASH_BEFORE, Fault.CRASH_AFTER,
)  # fmt: skip
SERVICES = ("lambda", "dynamodb", "s3", "cloudwatch", "events", "sns")
_MINUTES = (2, 7)
"""Shorter than Lambda goes on trying an event, and longer."""
_WAYS = (Fault.SERVICE_ERROR, Fault.CONNECT_TIMEOUT, Fault.THROTTLED)


class Trouble(Protocol):
    """What befalls a story. ``name`` is what is broken, in words."""

    @property
    def name(self) -> str: ...

    def befalls(self, story: Story, number: int) -> None:
        """Lets it happen from the call of that number on; the story has not come there yet."""

    def is_reason(self, call: Call) -> bool:
        """Is it one for a story to end otherwise than undisturbed, where it begins with that call?"""


@dataclass(frozen=True)
class CallFails:
    """One call goes wrong."""

    how: Fault

    @property
    def name(self) -> str:
        return _NAMES[self.how]

    def befalls(self, story: Story, number: int) -> None:
        story.cloud.fail(number, self.how)

    def is_reason(self, call: Call) -> bool:
        """What is denied is not possible, and a version whose test does not answer has not passed it."""
        return self.how is Fault.DENIED or (call.operation == "Invoke" and self.how in _SILENT)


@dataclass(frozen=True)
class Away:
    """Services are away for that many minutes."""

    services: tuple[str, ...]
    minutes: int
    how: Fault

    @property
    def name(self) -> str:
        return "a service is away for minutes" if len(self.services) == 1 else "two services are away for minutes"

    def befalls(self, story: Story, number: int) -> None:
        until = story.cloud.clock.next_minute() + timedelta(minutes=self.minutes)
        for service in self.services:
            story.cloud.down(service, self.how, from_call=number, until=until)

    def is_reason(self, _call: Call) -> bool:
        return True


_SILENT = (Fault.READ_TIMEOUT, Fault.LOST, Fault.LOST_EVERY_TIME)
_NAMES = {
    Fault.SERVICE_ERROR: "a call fails with a service error",
    Fault.THROTTLED: "a call is throttled",
    Fault.DENIED: "a call is denied",
    Fault.READ_TIMEOUT: "a call times out and was not carried out",
    Fault.LOST: "a call is carried out and its first answer lost",
    Fault.LOST_EVERY_TIME: "a call is carried out and every answer lost",
    Fault.IN_PART: "a batch is answered in part",
    Fault.CRASH_BEFORE: "the controller dies before a call",
    Fault.CRASH_AFTER: "the controller dies after a call",
}


def troubles_at(call: Call) -> Sequence[Trouble]:
    """Returns all that may befall a story at a call: every fault, and its service away, alone or with another."""
    troubles: list[Trouble] = [CallFails(fault) for fault in FAULTS]
    if call.operation in CUT:
        troubles.append(CallFails(Fault.IN_PART))
    if call.service in SERVICES:
        turn, is_alone = divmod(call.number, 2)
        others = [each for each in SERVICES if each != call.service]
        services = (call.service,) if is_alone else (call.service, others[turn % len(others)])
        troubles.append(Away(services, _MINUTES[turn % len(_MINUTES)], _WAYS[turn % len(_WAYS)]))
    return troubles
