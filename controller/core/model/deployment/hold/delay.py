"""A wait before traffic: its cause, its beginning, and its end.

    AT_WORK    AWS is at work on the function or version              until the deadline
    THROTTLED  Lambda turns calls away, or an invocation of a test    until the deadline
    OUTAGE     the record store or CloudWatch does not answer         until the deadline
    FAILING    a call needed by the deployment fails                  ``FAILING_TIMEOUT``, then FAILED

Rules of the file:

- FAILING's limit counts from the first failure, through other messages of AWS, throttles and outages. Only progress of
  the deployment starts the count anew, and AT_WORK, which means that the call has succeeded;
- a throttle may last until the deadline. It says nothing about the version: a person who has switched a function off
  (reserved concurrency 0) and drops the fix turns the function on again in their own time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FAILING_TIMEOUT = timedelta(minutes=15)
"""How long a failing call is repeated. New roles, grants and network interfaces take effect within minutes; a longer
failure needs a person, who should hear of it. Unreadable alarms, and a ``$LATEST`` that cannot be restored, have the
same limit.
"""
# AWS names the request in some of its texts: "... (Service: Kms, Status Code: 400, Request ID: 5f0f...)".
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DelayKind(Enum):
    """The cause of a wait."""

    AT_WORK = "at_work"
    THROTTLED = "throttled"
    OUTAGE = "outage"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Delay:
    """One wait. ``said`` is AWS's latest message; ``advice`` is for a person, empty if only time helps."""

    kind: DelayKind
    said: str
    advice: str
    failing_since: datetime | None = None
    """The first failure of a call since the deployment's last progress; None without one."""

    def __post_init__(self) -> None:
        if self.kind is DelayKind.FAILING and self.failing_since is None:
            raise ValueError("a call fails since a time")

    def is_over(self, now: datetime) -> bool:
        """Has a call failed for too long?"""
        is_failing = self.kind is DelayKind.FAILING
        return is_failing and self.failing_since is not None and now - self.failing_since >= FAILING_TIMEOUT

    def is_as(self, other: Delay | None) -> bool:
        """Would a person be told the same about both?"""
        if other is None:
            return False
        return (self.kind, self.failing_since, self.gist) == (other.kind, other.failing_since, other.gist)

    @property
    def gist(self) -> str:
        """The message, without the ids of requests."""
        return _REQUEST_ID.sub("", f"{self.said}; {self.advice}")

    def in_words(self) -> str:
        """Says the cause, the advice, and how long the wait may last."""
        parts = [self.said, *([self.advice] if self.advice else []), self._goes_on()]
        return "; ".join(parts)

    def last_words(self) -> str:
        """Says why a call that failed for too long ends the deployment, and what to do next."""
        minutes = round(FAILING_TIMEOUT.total_seconds() / 60)
        return f"{self.said}; tried for {minutes} minutes; {self.advice or _ONLY_TIME}, then drop the artifact again"

    def _goes_on(self) -> str:
        if self.kind is not DelayKind.FAILING or self.failing_since is None:
            return "looked at again every minute until the deadline"
        ends = (self.failing_since + FAILING_TIMEOUT).isoformat(timespec="seconds")
        return f"tried again every minute until {ends}, then the deployment fails"


_ONLY_TIME = "wait until AWS is well"


def after(before: Delay | None, kind: DelayKind, said: str, advice: str, now: datetime) -> Delay:
    """Returns the wait after another failed look."""
    if kind is DelayKind.AT_WORK:
        return Delay(kind, said, advice)
    since = before.failing_since if before else None
    return Delay(kind, said, advice, since or (now if kind is DelayKind.FAILING else None))
