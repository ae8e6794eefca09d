"""How long the fuzzing goes on, and with which seeds.

``make test`` tries the same examples every time: a failure there is a failure of the change at hand. ``make fuzz``
tries ``TIMES`` as many, others every time, and remembers in ``.build/hypothesis`` what failed.

Note: an example counts what it tries and never seconds. Where time is the question it is measured in a process of its
own (``worst_zips.py``).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck

from tests import hypothesis_settings

TIMES = int(os.environ.get("SLIPWAY_FUZZ_TIMES") or "1")


def fuzzed(count: int) -> Callable[[Any], Any]:
    """Returns how a test is to be tried that takes that many examples in ``make test``."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return hypothesis_settings.tried(count * TIMES, anew=TIMES > 1, suppress_health_check=checks)
