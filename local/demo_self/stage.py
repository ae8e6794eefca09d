"""Has the acts played on a stack of their own, and reports as the demo does: lines, and one JSON object at the end."""

from __future__ import annotations

import sys
import time

from local.demo.stage import Judged, reported, stage
from local.demo.view import PlainView
from local.demo_self import verdict
from local.demo_self.story import Story
from local.package import build_package

MINUTE = 2.0
"""How many seconds a minute of the embedded AWS lasts."""


def run() -> int:
    """Plays all acts and returns the exit status: 0 only if everything was as it must be."""
    return reported(_judged)


def _judged() -> Judged:
    with stage(MINUTE) as (aws, stack, role), PlainView(sys.stdout) as view:
        began = time.monotonic()
        played = Story(aws, stack, role, build_package(), view).play()
        seconds = time.monotonic() - began
    return verdict.problems(played), lambda ok: verdict.result(played, ok=ok, seconds=seconds)
