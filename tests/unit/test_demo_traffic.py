"""The demo's traffic is paced and counted right."""

from __future__ import annotations

from local.demo.traffic import Answer, Count, counts, next_slot


def answers(version: str, *times: float, failed: bool = False) -> list[Answer]:
    return [Answer(at, version, failed, number) for number, at in enumerate(times)]


def test_a_caller_asks_again_a_period_later() -> None:
    assert next_slot(slot=10.0, period=0.5, now=10.1) == 10.5


def test_a_caller_makes_up_for_a_slow_answer() -> None:
    assert next_slot(slot=10.0, period=0.5, now=11.2) == 10.5


def test_a_caller_does_not_make_up_for_a_long_pause() -> None:
    assert next_slot(slot=10.0, period=0.5, now=20.0) == 20.0


def test_requests_and_errors_are_counted_by_version() -> None:
    asked = [*answers("1", 1, 2), *answers("2", 3), *answers("2", 4, failed=True)]
    assert counts(asked) == {"1": Count(2, 0), "2": Count(2, 1)}


def test_versions_are_in_the_order_of_their_numbers() -> None:
    assert list(counts([*answers("10", 1), *answers("9", 2)])) == ["9", "10"]
