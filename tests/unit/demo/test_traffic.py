"""The demo's traffic is paced and counted right."""

from __future__ import annotations

from cli.asking.answers import Count
from local.demo.traffic import Answer, counts, next_slot


def test_a_caller_asks_again_a_period_later() -> None:
    assert next_slot(slot=10.0, period=0.5, now=10.1) == 10.5


def test_a_caller_makes_up_for_a_slow_answer() -> None:
    assert next_slot(slot=10.0, period=0.5, now=11.2) == 10.5


def test_a_caller_does_not_make_up_for_a_long_pause() -> None:
    assert next_slot(slot=10.0, period=0.5, now=20.0) == 20.0


def test_requests_and_errors_are_counted_by_version_in_the_order_of_their_numbers() -> None:
    answers = [Answer("10", False), Answer("10", True), Answer("9", False)]
    assert list(counts(answers).items()) == [("9", Count(1, 0)), ("10", Count(2, 1))]
