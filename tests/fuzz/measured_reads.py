"""Reads a zip as the controller does, out of the bucket of an AWS in memory, and counts what that took."""

from __future__ import annotations

import re
import time
import tracemalloc
from dataclasses import dataclass

from controller.core.model import Phase
from tests.cloud.faults import Call, Json
from tests.cloud.steps import BUCKET, Live
from tests.cloud.story import Story

KEY = "checkout/hostile.zip"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Read:
    """What became of a zip: ``because`` is why it would be refused, empty where it would be deployed.

    ``gets`` and ``bytes`` are what was asked of S3 for it.
    """

    because: str
    gets: int
    bytes: int
    failures: tuple[str, ...]
    seconds: float = 0
    peak: int = 0


def planned(content: bytes, *, traced: bool = False) -> Read:
    """Asks what dropping the zip would do: everything is read and checked, nothing is changed."""
    story = Story().play([Live("v1")])
    story.cloud.storage.put(BUCKET, KEY, content)
    before = len(story.cloud.calls)
    if traced:
        tracemalloc.start()
    began = time.process_time()
    try:
        story.hears({"request": "plan", "bucket": BUCKET, "key": KEY})
        seconds = time.process_time() - began
        peak = tracemalloc.get_traced_memory()[1] if traced else 0
    finally:
        tracemalloc.stop()
    gets = [call for call in story.cloud.calls[before:] if call.parameters.get("Key") == KEY]
    answer: Json = story.answers[-1] if story.answers else {}
    because = answer.get("because", "") if answer.get("ok") else answer.get("error", "it was not answered")
    failed = tuple(story.violations + story.failures)
    return Read(because, len(gets), sum(_length(call, len(content)) for call in gets), failed, seconds, peak)


def dropped(content: bytes) -> Story:
    """Tells what comes of dropping the zip on a function that serves, to its end."""
    story = Story().play([Live("v1")])
    story.cloud.storage.put(BUCKET, KEY, content)
    story.deliver()
    if story.phase() in (None, Phase.FAILED):
        return story
    return story.to_the_end()


def _length(call: Call, size: int) -> int:
    """Returns how many bytes S3 sends: of a range, or all."""
    first, last = _RANGE.fullmatch(call.parameters["Range"]).groups()  # type: ignore[union-attr]
    return min(int(last), size) if not first else min(int(last) + 1, size) - int(first)
