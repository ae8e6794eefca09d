"""How AWS's events reach the controller: in which order, how often, and again where the controller failed.

Note: EventBridge hands an event to Lambda's queue and is done. Who tries again is Lambda, twice, a minute and two
minutes later. Source: facts 3.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from tests.cloud.faults import Json

LIVE, PREVIOUS = "live", "previous"
"""The controller's own aliases."""
_RETRIES = (timedelta(minutes=1), timedelta(minutes=2))


@dataclass(frozen=True)
class Delivery:
    """An event that is to be handed to the controller, at ``due`` at the earliest; it failed ``attempt`` times.

    ``alias`` is the controller's that it goes to.
    """

    event: Json
    due: datetime
    attempt: int = 0
    alias: str = LIVE

    def again(self, now: datetime) -> Iterator[Delivery]:
        """Yields the next delivery, if Lambda tries once more."""
        if self.attempt < len(_RETRIES):
            yield replace(self, due=now + _RETRIES[self.attempt], attempt=self.attempt + 1)


class Order(Enum):
    """In which order, and how often, events that are due are handed over."""

    AS_THEY_CAME = "as they came"
    DOUBLED = "each of them twice"
    REVERSED = "the last one first"

    def of(self, due: list[Delivery]) -> list[Delivery]:
        match self:
            case Order.AS_THEY_CAME:
                return due
            case Order.DOUBLED:
                return [each for each in due for _ in range(2)]
            case Order.REVERSED:
                return due[::-1]


def aliases_told(event: Json) -> tuple[str, ...]:
    """Returns the aliases of the controller that a rule hands this event to, none where no rule has it.

    Source: template.yaml, the patterns and the targets of its rules.
    """
    match event["detail-type"]:
        case "CloudWatch Alarm State Change" if event["detail"]["state"]["value"] == "ALARM":
            return LIVE, PREVIOUS
        case "Object Created":
            return (LIVE,)
        case _:
            return ()
