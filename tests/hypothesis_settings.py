"""How Hypothesis tries: the same examples every time, or others and at length, and then it remembers what failed.

Note: examples are counted, never seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

_REMEMBERED = Path(__file__).parents[1] / ".build" / "hypothesis"


def tried(examples: int, *, anew: bool, **more: Any) -> settings:
    """Returns how to try that many examples. ``anew``: others in every run; ``more`` as Hypothesis's settings."""
    return settings(
        max_examples=examples,
        derandomize=not anew,
        database=DirectoryBasedExampleDatabase(_REMEMBERED) if anew else None,
        deadline=None,
        print_blob=True,
        **more,
    )
