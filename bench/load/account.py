"""What calls cost in the account: each takes its time, and all functions share 15 control-plane calls a second."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.cloud.clock import Clock
from tests.cloud.faults import Call, Refusal
from tests.cloud.many_functions import is_counted

CALLS_A_SECOND = 15.0
"""Source: Lambda developer guide, quotas, "all other control plane API requests", 2026-11. How much of it may come at
once is not documented; a second's worth is assumed.
"""
_SECONDS: Mapping[tuple[str, str], float] = {
    ("lambda", "GetAlias"): 0.04,
    ("lambda", "UpdateAlias"): 0.08,
    ("lambda", "UpdateFunctionCode"): 1.0,
    ("lambda", "PublishVersion"): 0.5,
    ("cloudwatch", "GetMetricData"): 0.12,
}
_SECONDS_OF_OTHERS = {"lambda": 0.06, "dynamodb": 0.008, "cloudwatch": 0.06, "s3": 0.03, "events": 0.02, "sns": 0.03}
"""Assumed, as are those above."""


_OVER_THE_BUDGET = 1.05
"""A handful of calls that were reserved before the minute may be made in it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a call: when it was answered, in seconds of the simulation, and whether AWS turned it away.

    ``about`` are the functions whose metrics it asks for.
    """

    at: float
    service: str
    operation: str
    function: str
    refused: bool
    about: frozenset[str] = frozenset()


class Account:
    """Answers each attempt of a call after its time, and turns away what is more than the account may have."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._began = clock, clock.monotonic()
        self._left, self._filled = CALLS_A_SECOND, self._began
        self.attempts: list[Attempt] = []

    def meets(self, call: Call) -> None:
        """Lets the time of an attempt pass. Raises Refusal where the account has no call left."""
        self._clock.sleep(_SECONDS.get((call.service, call.operation), _SECONDS_OF_OTHERS.get(call.service, 0.02)))
        refused = is_counted(call) and not self._has_one()
        function = str(call.parameters.get("FunctionName", ""))
        at = self._clock.monotonic() - self._began
        self.attempts.append(Attempt(at, call.service, call.operation, function, refused, _about(call)))
        if refused:
            raise Refusal(429, "TooManyRequestsException", "Rate exceeded", {"Reason": "CallerRateLimitExceeded"})

    def _has_one(self) -> bool:
        now = self._clock.monotonic()
        self._left = min(CALLS_A_SECOND, self._left + (now - self._filled) * CALLS_A_SECOND)
        self._filled = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def taken(self, operation: str) -> list[Attempt]:
        """Returns the attempts of an operation that were not turned away."""
        return [each for each in self.attempts if each.operation == operation and not each.refused]

    def counted(self) -> list[Attempt]:
        """Returns the attempts that share the 15 a second and were not turned away."""
        return [each for each in self.attempts if is_counted(each) and not each.refused]


def _about(call: Call) -> frozenset[str]:
    queries = call.parameters.get("MetricDataQueries", ())
    dimensions = (each for query in queries for each in query["MetricStat"]["Metric"]["Dimensions"])
    return frozenset(each["Value"] for each in dimensions if each["Name"] == "FunctionName")


def a_second_in_busiest_minute(attempts: Iterable[Attempt]) -> float:
    """Returns how many attempts there were a second, in the minute in which the most were."""
    moments = sorted(each.at for each in attempts)
    return max((bisect_left(moments, at + 60.0) - first for first, at in enumerate(moments)), default=0) / 60


def keeps_to(budget: int, busiest_minute: float) -> bool:
    """Did all controllers together make at most ``budget`` calls a second, in the minute in which they made most?"""
    return busiest_minute <= _OVER_THE_BUDGET * budget


def by_operation(attempts: Iterable[Attempt]) -> Counter[str]:
    """Returns how many attempts there were of each operation."""
    return Counter(each.operation for each in attempts)
