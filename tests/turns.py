"""How much of all that can go wrong is tried: everything in ``make faults``, and a quarter of it in ``make test``.

Where minutes count, everything takes turns: the first fault comes at one call, the second at the next, and so on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

TURNS = 1 if os.environ.get("SLIPWAY_FAULTS") == "all" else 4


def in_turn(place: int, items: Sequence[Item], turns: int = TURNS) -> Sequence[Item]:
    """Returns those of the items whose turn comes at a place; each comes at one of ``turns`` places in a row."""
    return items[place % turns :: turns]
