"""A failed event is repeated after one minute, then two; a throttled one until it is too old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.emulator.rules.lambda_.retries import Attempts, Outcome, Policy, after, policy_of

MINUTE = timedelta(minutes=1)


def test_a_success_ends_it() -> None:
    assert after(Policy(), Outcome.SUCCEEDED, Attempts(runs=1)) is None


def test_by_default_a_failed_event_runs_three_times() -> None:
    answers = [after(Policy(), Outcome.FAILED, Attempts(runs=runs)) for runs in (1, 2, 3)]
    assert answers == [MINUTE, 2 * MINUTE, None]


def test_without_retries_a_failed_event_runs_once() -> None:
    assert after(Policy(retries=0), Outcome.FAILED, Attempts(runs=1)) is None


@pytest.mark.parametrize(("throttled", "seconds"), [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (5000, 300)])
def test_a_throttled_event_waits_twice_as_long_each_time_up_to_five_minutes(throttled: int, seconds: int) -> None:
    waited = after(Policy(retries=0), Outcome.THROTTLED, Attempts(throttled=throttled))
    assert waited == timedelta(seconds=seconds)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.THROTTLED])
def test_an_event_that_would_be_too_old_at_its_next_attempt_is_given_up(outcome: Outcome) -> None:
    attempts = Attempts(runs=1, throttled=1, age=timedelta(seconds=60))
    assert after(Policy(maximum_age=MINUTE), outcome, attempts) is None


def test_a_qualifier_without_a_config_has_the_defaults() -> None:
    assert policy_of(None) == Policy(2, timedelta(hours=6))


def test_a_config_is_read() -> None:
    assert policy_of({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}) == Policy(0, MINUTE)
