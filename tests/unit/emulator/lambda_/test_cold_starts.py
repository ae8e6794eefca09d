"""Only a few environments start at a time, nobody starts what is no longer needed, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.emulator.runtime.cold_starts import ColdStarts, Place


@pytest.fixture
def starts() -> ColdStarts:
    return ColdStarts(at_once=2, patience=60)


def taken(starts: ColdStarts) -> Place:
    place = starts.place()
    assert place is not None
    return place


def test_who_finds_no_place_waits_until_one_is_free(starts: ColdStarts) -> None:
    first, _second = taken(starts), taken(starts)
    with ThreadPoolExecutor(1) as another:
        third = another.submit(starts.place)
        assert not third.done()
        first.free()
        assert third.result(timeout=10) is not None


def test_a_place_that_is_freed_twice_is_one_place(starts: ColdStarts) -> None:
    first, _second = taken(starts), taken(starts)
    first.free()
    first.free()
    taken(starts)
    with ThreadPoolExecutor(1) as another:
        fourth = another.submit(starts.place)
        assert not fourth.done()
        _second.free()
        assert fourth.result(timeout=10) is not None


def test_who_waits_gives_up_when_the_start_is_no_longer_needed(starts: ColdStarts) -> None:
    taken(starts), taken(starts)
    looks = iter([True, True, False])
    assert starts.place(needed=lambda: next(looks)) is None


def test_a_start_that_is_not_needed_takes_no_place(starts: ColdStarts) -> None:
    for _ in range(3):
        assert starts.place(needed=lambda: False) is None
    assert [taken(starts), taken(starts)]


def test_who_has_waited_long_enough_starts_all_the_same() -> None:
    """A start that waits for another one would otherwise never end."""
    starts = ColdStarts(at_once=1, patience=0)
    assert [taken(starts), taken(starts)]
