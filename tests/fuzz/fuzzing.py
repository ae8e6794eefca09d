"""How long the fuzzing goes on, and with which seeds.

``make test`` tries the same examples every time: a failure there is a failure of the change at hand. ``make fuzz``
tries ``TIMES`` as many, others every time, and remembers in ``.build/hypothesis`` what failed.

What a newcomer would get wrong: an example counts what it tries and never seconds. Where time is the question it is
measured in a process of its own (``worst.py``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

TIMES = int(os.environ.get("SLIPWAY_FUZZ_TIMES") or "1")
_REMEMBERED = Path(__file__).parents[2] / ".build" / "hypothesis"


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Returns how a test is to be tried that takes that many examples in ``make test``."""
    at_length = TIMES > 1
    return settings(
        max_examples=examples * TIMES,
        derandomize=not at_length,
        database=DirectoryBasedExampleDatabase(_REMEMBERED) if at_length else None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        print_blob=True,
    )
