"""The virtual clock: time is what a test says, and nothing ever sleeps.

What a newcomer would get wrong: whoever waits moves the time of the whole AWS. The controller's pauses between two
looks, botocore's pauses between two attempts and every time-out come out of the same clock, so an update completes
while the controller waits for it, and an invocation that waits too long is ended by Lambda.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.builders import NOW
from tests.cloud.faults import Crash


class Clock:
    """``ends_at`` is when Lambda ends the invocation that is going on; None outside of one."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.ends_at: datetime | None = None

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        """Returns seconds that never go back, as ``time.monotonic``."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Lets whoever is at work wait. Raises Crash where the invocation does not live as long."""
        self.advance(timedelta(seconds=seconds))
        if self.ends_at is not None and self.now >= self.ends_at:
            raise Crash(f"Lambda ended the invocation at {self.ends_at:%H:%M:%S}")

    def advance(self, time: timedelta) -> None:
        """Lets time pass."""
        assert time >= timedelta(0), "time does not go back"
        self.now += time
