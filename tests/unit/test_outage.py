"""Whether a version had begun to fail far more than before, and since when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.statistics.alias_past import ServedMinute, outage
from tests.builders import NOW


def minutes_of(*counts: tuple[int, int]) -> list[ServedMinute]:
    return [ServedMinute(NOW + place * timedelta(minutes=1), *each) for place, each in enumerate(counts)]


def lasts(*counts: tuple[int, int], least_errors: int = 3) -> int:
    """Returns of how many minutes, the newest ones, the outage is."""
    return len(outage(minutes_of(*counts), least_errors))


@pytest.mark.parametrize("requests", [3, 30, 3_000])
@pytest.mark.parametrize("minutes", [1, 4, 30])
def test_all_minutes_of_an_outage_are_found_at_any_traffic(requests: int, minutes: int) -> None:
    assert lasts(*[(requests, 0)] * 40, *[(requests, requests)] * minutes) == minutes


def test_an_outage_of_a_part_of_the_requests_is_one_too() -> None:
    assert lasts(*[(100, 2)] * 40, (100, 38), (100, 45), (100, 41)) == 3


def test_a_function_that_fails_by_nature_has_none() -> None:
    assert lasts(*[(100, 30), (100, 38), (100, 25)] * 20) == 0


def test_an_outage_that_is_over_is_none() -> None:
    assert lasts(*[(100, 0)] * 20, *[(100, 100)] * 3, *[(100, 0)] * 4) == 0


def test_where_errors_come_in_bursts_it_takes_as_many_as_several_bursts_have() -> None:
    burst = [(60, 0)] * 40 + [(60, 12)]
    assert (lasts(*burst), lasts(*burst, least_errors=30)) == (1, 0)


@pytest.mark.parametrize("known", [(), ((100, 100),), ((0, 0), (100, 100))], ids=["none", "one", "one with requests"])
def test_without_minutes_before_nothing_is_said(known: tuple[tuple[int, int], ...]) -> None:
    assert lasts(*known) == 0
