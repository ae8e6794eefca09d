"""Decides what follows each attempt of an asynchronous invocation.

Rules of the file, all times as AWS counts them:
- a failed attempt is repeated after one minute, then after two, at most ``retries`` times;
- a throttled attempt counts as none; it is repeated after a second, then twice as long each time, at most
  five minutes; so is one that Lambda itself refuses, since it cannot start the version;
- an event older than its maximum age is given up.

Source: developer guide, "How Lambda handles errors and retries with asynchronous invocation", 2023-10.

Note: ``retries`` counts repetitions, so a function with the default of two runs three times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long Lambda keeps trying, and where the outcome goes; "" is nowhere."""

    retries: int = 2
    maximum_age: timedelta = timedelta(hours=6)
    on_success: str = ""
    on_failure: str = ""


class Outcome(Enum):
    """How one attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    THROTTLED = "throttled"


class Condition(Enum):
    """Why no attempt follows. The values are those of a destination record."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"


@dataclass(frozen=True, slots=True)
class Attempts:
    """What happened to an event so far. ``throttled`` counts since the last run; ``age`` is in AWS's time."""

    runs: int = 0
    throttled: int = 0
    age: timedelta = timedelta()


def policy_of(config: Mapping[str, Any] | None) -> Policy:
    """Reads an event invoke config.

    ``{"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnFailure":
    {"Destination": "arn"}}}`` or None, where the qualifier has none.
    """
    if not config:
        return Policy()
    destinations = config.get("DestinationConfig") or {}
    return Policy(
        retries=int(config.get("MaximumRetryAttempts", 2)),
        maximum_age=timedelta(seconds=int(config.get("MaximumEventAgeInSeconds", 21600))),
        on_success=(destinations.get("OnSuccess") or {}).get("Destination") or "",
        on_failure=(destinations.get("OnFailure") or {}).get("Destination") or "",
    )


def after(policy: Policy, outcome: Outcome, attempts: Attempts) -> timedelta | Condition:
    """Returns how long to wait before the next attempt, or why there is none."""
    if outcome is Outcome.SUCCEEDED:
        return Condition.SUCCESS
    if outcome is Outcome.FAILED and attempts.runs > policy.retries:
        return Condition.RETRIES_EXHAUSTED
    wait = attempts.runs * MINUTE if outcome is Outcome.FAILED else _back_off(attempts.throttled)
    return wait if attempts.age + wait <= policy.maximum_age else Condition.EVENT_AGE_EXCEEDED


def _back_off(throttled: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(throttled - 1, 10)), 5 * MINUTE)
