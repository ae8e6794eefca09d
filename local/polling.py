"""Waits for the embedded AWS to have done something."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


PATIENCE = 150
"""Seconds: a machine under load, and the leases of real minutes beside minutes of two seconds, take no more."""


class NotInTime(AssertionError):
    """What was waited for did not happen."""


def eventually(
    look: Callable[[], Found], within: float = PATIENCE, every: float = 0.1, until: Callable[[Found], object] = bool
) -> Found:
    """Returns the first thing that ``look`` returns of which ``until`` is true.

    ``look`` is called at least once; what it raises is not caught. Raises NotInTime after ``within`` seconds, with the
    last thing seen.
    """
    deadline = time.monotonic() + within
    while not until(found := look()):
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {within} s; last seen: {found!r}")
        time.sleep(every)
    return found
