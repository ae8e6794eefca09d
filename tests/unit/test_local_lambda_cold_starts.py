"""Only a few environments start at a time, and nobody waits for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.gaps.lambda_cold_starts import ColdStarts


def test_no_more_than_the_allowed_number_starts_at_a_time() -> None:
    starts = ColdStarts(at_once=2, patience=60)
    both_in = threading.Barrier(2)
    seen: list[int] = []
    inside = 0
    counting = threading.Lock()

    def start(_: int) -> None:
        nonlocal inside
        with starts.turn():
            with counting:
                inside += 1
                seen.append(inside)
            both_in.wait(timeout=10)
            with counting:
                inside -= 1
            both_in.wait(timeout=10)

    with ThreadPoolExecutor(8) as together:
        list(together.map(start, range(8)))
    assert (len(seen), max(seen)) == (8, 2)


def test_a_place_is_free_again_after_a_failed_start() -> None:
    starts = ColdStarts(at_once=1, patience=0)
    with pytest.raises(ValueError, match="no"), starts.turn():
        raise ValueError("no")
    with starts.turn() as has_place:
        assert has_place


def test_who_has_waited_long_enough_starts_all_the_same() -> None:
    """A start that waits for another one would otherwise never end."""
    starts = ColdStarts(at_once=1, patience=0)
    with starts.turn() as first, starts.turn() as second:
        assert (first, second) == (True, False)
