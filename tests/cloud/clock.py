"""The virtual clock: time is what a test says, and nothing ever sleeps.

Note: whoever waits moves the time of the whole AWS. The controller's pauses between two looks, botocore's pauses
between two attempts and every time-out come out of the same clock. So an update completes while the controller waits
for it, callers go on calling meanwhile, the next tick starts a second controller beside the one that waits, and an
invocation that waits for too long is ended by Lambda.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.builders import NOW
from tests.cloud.faults import Crash

MINUTE = timedelta(minutes=1)
_MIDDLE = timedelta(seconds=30)


def half() -> float:
    """Returns what chance says: always the same, or a story would be another one each time."""
    return 0.5


class Clock:
    """``ends_at`` is when Lambda ends the invocation that is going on, None outside of one.

    ``in_each_minute`` is done in the middle of every minute that passes; ``while_waiting`` at the beginning of every
    minute in which the controller waits for something.
    """

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.ends_at: datetime | None = None
        self.in_each_minute: Callable[[], object] | None = None
        self.while_waiting: Callable[[], object] | None = None

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        """Returns seconds that never go back, as ``time.monotonic``."""
        return self.now.timestamp()

    def next_minute(self) -> datetime:
        """Returns when the next minute begins."""
        return self.now.replace(second=0, microsecond=0) + MINUTE

    def sleep(self, seconds: float) -> None:
        """Lets whoever is at work wait. Raises Crash where the invocation does not live as long."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            boundary = self.next_minute()
            self.advance(min(until, boundary) - self.now)
            if self.now == boundary and self.while_waiting is not None:
                self.while_waiting()
        if self.ends_at is not None and self.now >= self.ends_at:
            raise Crash(f"Lambda ended the invocation at {self.ends_at:%H:%M:%S}")

    def advance(self, time: timedelta) -> None:
        """Lets time pass."""
        assert time >= timedelta(0), "time does not go back"
        until = self.now + time
        while (middle := self._next_middle()) <= until:
            self.now = middle
            if self.in_each_minute is not None:
                self.in_each_minute()
        self.now = until

    def _next_middle(self) -> datetime:
        middle = self.now.replace(second=0, microsecond=0) + _MIDDLE
        return middle if middle > self.now else middle + MINUTE
