"""The demo's traffic is paced and counted right."""

from __future__ import annotations

from local.demo.sightings import Routing, Sighting
from local.demo.traffic import Answer, Count, counts, next_slot, shared, slowest


def answers(version: str, *times: float, failed: bool = False) -> list[Answer]:
    return [Answer(at, version, failed, number) for number, at in enumerate(times)]


def steady(rate: int, seconds: int) -> list[Answer]:
    return answers("1", *(number / rate for number in range(rate * seconds + 1)))


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


def test_steady_traffic_is_nowhere_slower_than_its_rate() -> None:
    assert slowest(steady(rate=20, seconds=30), 10) == 20


def test_a_pause_is_found() -> None:
    paused = [answer for answer in steady(rate=20, seconds=30) if not 12 < answer.at < 17]
    assert slowest(paused, 10) < 11


def test_traffic_that_is_shorter_than_the_stretch_has_no_rate() -> None:
    assert slowest(steady(rate=20, seconds=5), 10) == 0


def test_no_traffic_has_no_rate() -> None:
    assert slowest([], 10) == 0


def test_a_share_is_counted_only_while_traffic_was_split() -> None:
    sightings = (
        Sighting(0, Routing("1")),
        Sighting(10, Routing("1", (("2", 0.2),))),
        Sighting(20, Routing("2")),
        Sighting(30, None),
    )
    asked = [*answers("1", 5, 11, 12, 13), *answers("2", 14, 25)]
    assert shared("2", asked, sightings) == (1, 4)


def test_a_version_that_never_shared_has_no_share() -> None:
    assert shared("3", answers("1", 1), (Sighting(0, Routing("1")), Sighting(2, None))) == (0, 0)
