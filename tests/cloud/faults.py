"""What can go wrong with a call to AWS, and the plan that says with which.

How a fault maps to botocore's attempts (a call of the controller is up to six of them):
- a fault *before* fails every attempt, so that the adapter sees it: nothing was done;
- ``LOST`` and ``RESET``: the first attempt is carried out and its answer does not arrive; the next attempt comes to AWS
  again and is answered. Where the client tries once only, the adapter sees the time-out;
- ``LOST_EVERY_TIME``: every attempt is carried out and no answer arrives;
- ``IN_PART``: the answer says itself that a part is missing (``partial_answers``);
- a crash ends the process at the first attempt, before it is carried out or after.

Note: Crash and NotModelled are no Exceptions. A dead process catches nothing, and a gap of the fake must not be taken
for something AWS said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

Json = dict[str, Any]


class Crash(BaseException):
    """The process is gone: nothing after this line of the controller happens."""


class NotModelled(BaseException):
    """The controller asks what this AWS does not know how to answer; the fake has to learn it first."""


class Refusal(Exception):
    """An answer of AWS that is an error: the HTTP status, its code, its text. ``more`` are other members of it."""

    def __init__(self, status: int, code: str, message: str, more: Json | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more or {}


class Fault(Enum):
    """One way for a call to go wrong."""

    SERVICE_ERROR = "service error"
    THROTTLED = "throttled"
    DENIED = "denied"
    CONNECT_TIMEOUT = "connect timeout"
    READ_TIMEOUT = "read timeout"
    LOST = "answer lost"
    LOST_EVERY_TIME = "every answer lost"
    RESET = "connection reset"
    IN_PART = "answered in part"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"

    @property
    def is_before(self) -> bool:
        """Does it keep the call from being carried out at all?"""
        return self in _BEFORE


_BEFORE = frozenset({
    Fault.SERVICE_ERROR, Fault.THROTTLED, Fault.DENIED, Fault.CONNECT_TIMEOUT, Fault.READ_TIMEOUT, Fault.CRASH_BEFORE
})  # fmt: skip


@dataclass(slots=True)
class Call:
    """One call of a client: the parameters as given, how often it was sent, what went wrong with it."""

    number: int
    service: str
    operation: str
    parameters: Json
    at: datetime
    nth: int = 1
    """The first call of its operation is 1, the second is 2, counted since the AWS began."""
    attempts: int = 0
    fault: Fault | None = None
    error: str = ""
    """AWS's code, or the name of what happened to the connection, where there was no answer."""

    def __str__(self) -> str:
        what = self.error or (self.fault.value if self.fault else "")
        return f"{self.number} {self.service} {self.operation}" + (f" ({what})" if what else "")

    @property
    def is_read(self) -> bool:
        """Does the call change nothing?"""
        reads = ("Get", "BatchGet", "List", "Query", "Describe", "Head", "Download")
        return self.operation.startswith(reads) or self.parameters.get("DryRun") is True


Matches = Callable[[Call], bool]


@dataclass(slots=True)
class _Planned:
    """``last`` and ``until`` are the last call, and the time, that it can hit; None where nobody knows."""

    matches: Matches
    how: Fault
    left: int | None
    last: int | None = None
    until: datetime | None = None

    def is_over(self, calls: int, now: datetime) -> bool:
        late = self.last is not None and calls > self.last
        return self.left == 0 or late or (self.until is not None and now >= self.until)


@dataclass
class Plan:
    """Which calls fail and how, and what others do meanwhile. ``injected`` counts the calls that were made to fail.

    ``before_each`` is told of every call before it is sent.
    """

    injected: int = 0
    before_each: Callable[[Call], object] | None = None
    _planned: list[_Planned] = field(default_factory=list)
    _meanwhile: list[tuple[Matches, Callable[[], object]]] = field(default_factory=list)

    def fail(self, which: int | Matches, how: Fault, times: int | None = 1) -> None:
        """Makes the call of that number fail, or the next ``times`` calls that match; ``times`` None is all of them."""
        self._planned.append(_Planned(_matching(which), how, times, None if callable(which) else which))

    def down(
        self,
        service: str,
        how: Fault = Fault.SERVICE_ERROR,
        *,
        from_call: int = 0,
        from_time: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Makes every call to a service fail, from that call and that time on, for ever or ``until`` then."""

        def away(call: Call) -> bool:
            late_enough = call.number >= from_call and (from_time is None or call.at >= from_time)
            return call.service == service and late_enough and (until is None or call.at < until)

        self._planned.append(_Planned(away, how, None, until=until))

    def meanwhile(self, which: int | Matches, do: Callable[[], object]) -> None:
        """Somebody else does something, from beginning to end, just before that call is sent."""
        self._meanwhile.append((_matching(which), do))

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self._planned.clear()

    def forget_others(self) -> None:
        """Nobody does any more what they were to do before a call that has not come."""
        self._meanwhile.clear()

    @property
    def ends(self) -> bool:
        """Is it known when all that is planned is over?"""
        return all(each.left == 0 or each.last is not None or each.until is not None for each in self._planned)

    def is_over(self, calls: int, now: datetime) -> bool:
        """Is nothing more to come, where so many calls were made by now?"""
        return not self._meanwhile and all(planned.is_over(calls, now) for planned in self._planned)

    def begin(self, call: Call) -> None:
        """Lets others act before the call, and decides what goes wrong with it."""
        if self.before_each is not None:
            self.before_each(call)
        for each in [found for found in self._meanwhile if found[0](call)]:
            self._meanwhile.remove(each)
            each[1]()
        for planned in self._planned:
            if planned.left != 0 and planned.matches(call):
                planned.left = None if planned.left is None else planned.left - 1
                call.fault = planned.how
                self.injected += 1
                return


def _matching(which: int | Matches) -> Matches:
    return which if callable(which) else lambda call: call.number == which


_DENIED = "User: arn:aws:sts::123456789012:assumed-role/slipway/controller is not authorized to perform: {}:{}"
_LAMBDA = "lambda"
# What each service says when it fails itself, throttles, or denies. Sources: the error shapes of botocore's service
# models, 1.43.106; Amazon S3 API reference, error responses; CloudWatch API reference, common errors; SNS API
# reference, common errors and AuthorizationError; facts 4.3 for Lambda's and CloudWatch's throttles. 2026-11.
_SAID: dict[str, dict[Fault, tuple[str, str, int]]] = {
    _LAMBDA: {
        Fault.SERVICE_ERROR: ("ServiceException", "An error occurred and the request cannot be processed.", 500),
        Fault.THROTTLED: ("TooManyRequestsException", "Rate exceeded", 429),
        Fault.DENIED: ("AccessDeniedException", _DENIED, 403),
    },
    "s3": {
        Fault.SERVICE_ERROR: ("InternalError", "We encountered an internal error. Please try again.", 500),
        Fault.THROTTLED: ("SlowDown", "Please reduce your request rate.", 503),
        Fault.DENIED: ("AccessDenied", "Access Denied", 403),
    },
    "dynamodb": {
        Fault.SERVICE_ERROR: ("InternalServerError", "Internal server error", 500),
        Fault.THROTTLED: ("ThrottlingException", "Throughput exceeds the current capacity of your table.", 400),
        Fault.DENIED: ("AccessDeniedException", _DENIED, 400),
    },
    "cloudwatch": {
        Fault.SERVICE_ERROR: ("InternalFailure", "The request processing has failed.", 500),
        Fault.THROTTLED: ("Throttling", "Rate exceeded", 400),
        Fault.DENIED: ("AccessDenied", _DENIED, 403),
    },
    "kms": {
        Fault.SERVICE_ERROR: ("KMSInternalException", "The request could not be completed.", 500),
        Fault.THROTTLED: ("ThrottlingException", "You have exceeded the rate at which you may call KMS.", 400),
        Fault.DENIED: ("AccessDeniedException", _DENIED, 400),
    },
    "events": {
        Fault.SERVICE_ERROR: ("InternalException", "This exception occurs due to unexpected causes.", 500),
        Fault.THROTTLED: ("ThrottlingException", "Rate exceeded", 400),
        Fault.DENIED: ("AccessDeniedException", _DENIED, 400),
    },
    "sqs": {
        Fault.SERVICE_ERROR: ("InternalError", "We encountered an internal error. Please try again.", 500),
        Fault.THROTTLED: ("ThrottlingException", "Rate exceeded", 400),
        Fault.DENIED: ("AccessDeniedException", _DENIED, 403),
    },
    "sns": {
        Fault.SERVICE_ERROR: ("InternalError", "Internal service error", 500),
        Fault.THROTTLED: ("Throttling", "Rate exceeded", 400),
        Fault.DENIED: ("AuthorizationError", _DENIED, 403),
    },
}  # fmt: skip


def said(call: Call, fault: Fault) -> Refusal | None:
    """Returns what the service answers in place of an answer, None where it is the connection that fails."""
    found = _SAID[call.service].get(fault)
    if found is None:
        return None
    code, message, status = found
    more = {"Reason": "CallerRateLimitExceeded", "retryAfterSeconds": "1"} if code == "TooManyRequestsException" else {}
    return Refusal(status, code, message.format(call.service, call.operation), more)
