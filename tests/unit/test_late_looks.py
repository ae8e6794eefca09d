"""A shift that is looked at too late, or whose looks were not written down, has the evidence of looks in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.shift import Shift
from tests.builders import NOW, PAST, after, shift

CALM, BAD = Minute(100, 0, 900, 0), Minute(100, 2, 900, 3)
LIKE = (CALM, CALM, BAD, CALM, CALM, CALM, BAD, BAD, CALM, CALM)


def counted(minutes: tuple[Minute, ...]) -> list[CountedMinute]:
    return [CountedMinute(after(minutes=place), each) for place, each in enumerate(minutes)]


def looked(found: Shift, minutes: tuple[Minute, ...]) -> Shift:
    """Looks when all of these minutes have been over for a minute."""
    return found.after_look(counted(minutes), after(minutes=len(minutes) + 1))


@pytest.mark.parametrize("last", range(1, len(LIKE)))
def test_a_late_look_makes_a_unit_of_each_minute(last: int) -> None:
    assert looked(shift(*LIKE[:last]), LIKE) == shift(*LIKE)


def test_the_first_look_is_one_unit_however_late() -> None:
    assert looked(Shift(PAST).in_step(NOW, 1000), LIKE).evidence.units == 1


def test_a_step_that_began_meanwhile_is_new_in_its_own_minute() -> None:
    in_time = shift(CALM, CALM)
    in_time = replace(in_time, steps=(*in_time.steps, replace(in_time.steps[0], began=after(minutes=3), weight=5000)))
    late = looked(in_time, LIKE)
    for number in range(3, len(LIKE) + 1):
        in_time = looked(in_time, LIKE[:number])
    assert late == in_time


def test_minutes_without_errors_add_nothing_for_five_minutes() -> None:
    begun = shift(CALM)
    later = [shift(*[CALM] * number) for number in range(2, 9)]
    assert [each.adds_nothing_to(begun) for each in later] == [True] * 4 + [False] * 3


@pytest.mark.parametrize("bad", [Minute(100, 1, 900, 0), Minute(100, 0, 900, 1)])
def test_an_error_of_either_version_adds_something(bad: Minute) -> None:
    assert not shift(CALM, bad).adds_nothing_to(shift(CALM))


def test_what_is_no_count_adds_something() -> None:
    begun, later = shift(CALM), shift(CALM, CALM)
    assert not replace(later, whole=1.0).adds_nothing_to(begun)
    assert not later.in_step(after(minutes=2), 5000).adds_nothing_to(begun)
    assert not later.adds_nothing_to(Shift(PAST).in_step(NOW, 1000))


def test_looks_that_were_not_written_down_change_no_evidence() -> None:
    """Every look is taken from what was written down last, as a tick does."""
    written = shift(CALM)
    for number in range(2, len(LIKE) + 1):
        found = looked(written, LIKE[:number])
        written = written if found.adds_nothing_to(written) else found
    in_time = shift(*LIKE)
    assert looked(written, LIKE) == in_time
    assert written.until is not None
    assert in_time.until is not None
    assert in_time.until - written.until <= timedelta(minutes=5)
