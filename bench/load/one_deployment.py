"""One default deployment of a function that exists, without tests: its calls to Lambda that the account shares."""

from __future__ import annotations

from bench.row import Row
from controller.core.model import Phase
from tests.cloud.many_functions import counted as shared
from tests.cloud.steps import Drop, Live, Until
from tests.cloud.story import Story

TO_TRAFFIC, TO_THE_END = 13, 25
_NO_TESTS: dict[str, object] = {"tests": []}


def counted() -> Row:
    """Returns the row of the calls, from the drop to the first traffic and to the end."""
    story = Story().play([Live("v1")])
    first = len(story.cloud.calls)
    story.play([Drop("v2", _NO_TESTS), Until(Phase.SHIFTING)])
    to_traffic = len(shared(story.cloud.calls[first:]))
    story.to_the_end()
    return judged(to_traffic, len(shared(story.cloud.calls[first:])), succeeded=story.phase() is Phase.SUCCEEDED)


def judged(to_traffic: int, to_the_end: int, *, succeeded: bool) -> Row:
    """Compares the calls with the bar."""
    return Row(
        "one default deployment",
        f"{TO_TRAFFIC} calls to first traffic, {TO_THE_END} to the end",
        f"{to_traffic} and {to_the_end} calls" + ("" if succeeded else "; IT DID NOT SUCCEED"),
        succeeded and to_traffic <= TO_TRAFFIC and to_the_end <= TO_THE_END,
        {"to_traffic": to_traffic, "to_the_end": to_the_end},
    )
