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
    """How often and how long Lambda keeps trying."""

    retries: int = 2
    maximum_age: timedelta = timedelta(hours=6)


class Outcome(Enum):
    """How one attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class Attempts:
    """What happened to an event so far. ``throttled`` counts since the last run; ``age`` is in AWS's time."""

    runs: int = 0
    throttled: int = 0
    age: timedelta = timedelta()


def policy_of(config: Mapping[str, Any] | None) -> Policy:
    """Reads an event invoke config: ``{"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60}``, or None where the
    qualifier has none.
    """
    if not config:
        return Policy()
    return Policy(
        retries=int(config.get("MaximumRetryAttempts", 2)),
        maximum_age=timedelta(seconds=int(config.get("MaximumEventAgeInSeconds", 21600))),
    )


def after(policy: Policy, outcome: Outcome, attempts: Attempts) -> timedelta | None:
    """Returns how long to wait before the next attempt, None where there is none."""
    if outcome is Outcome.SUCCEEDED or (outcome is Outcome.FAILED and attempts.runs > policy.retries):
        return None
    wait = attempts.runs * MINUTE if outcome is Outcome.FAILED else _back_off(attempts.throttled)
    return wait if attempts.age + wait <= policy.maximum_age else None


def _back_off(throttled: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(throttled - 1, 10)), 5 * MINUTE)
