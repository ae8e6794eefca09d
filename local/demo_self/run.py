"""Has all dropped on a stack of their own, and reports as the demo does: lines, and one JSON object at the end."""

from __future__ import annotations

import time

from cli.showing.display import Lines
from local.demo.run import Played, reported, running
from local.demo_self.outcome import line, problems
from local.demo_self.play import Demo
from local.package import build_package

MINUTE = 2.0
"""How many seconds a minute of the embedded AWS lasts."""


def run() -> int:
    """Plays the demo and returns the exit status: 0 only if everything was as it must be."""
    return reported(_played)


def _played() -> Played:
    with running(MINUTE) as (aws, stack, role), Lines() as display:
        began = time.monotonic()
        played = Demo(aws, stack, role, build_package(), display).play()
        seconds = time.monotonic() - began
    return problems(played), line(played, seconds)
