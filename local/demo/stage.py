"""Sets the stage, has the story played on it, and reports: the view on the way, one JSON object at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from rich.console import Console

from local.demo import facts, verdict
from local.demo.alarms import Alarms
from local.demo.controller import Controller, ControllerFailed
from local.demo.facts import Facts
from local.demo.live_view import LiveView
from local.demo.story import Story
from local.demo.view import PlainView, View
from local.package import ROOT, BuildFailed, build_package
from local.roles import demo_role
from local.server import EmbeddedAws, embedded_aws
from local.settings import Settings
from local.stack import FAST, Stack, StackFailed, deploy

MINUTE = 2.5
"""How many seconds a minute of the embedded AWS lasts, for its alarms and the controller's tick."""

AT_ONCE = 3
"""An upload, a tick and a person's request may reach the controller at the same time."""


Judged = tuple[Sequence[str], Callable[[bool], Mapping[str, object]]]
"""What is wrong with a story, and what makes its last line, given whether all was as it must be."""


def run() -> int:
    """Runs the whole demo and returns its exit status: 0 only if everything was as it must be."""
    view = _view()
    return reported(lambda: _judged(view))


def reported(judged: Callable[[], Judged]) -> int:
    """Has a story played and judged, says what came of it, and returns the exit status."""
    try:
        problems, result = judged()
    except (BuildFailed, StackFailed, ControllerFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    print(json.dumps(result(not problems)), flush=True)
    return 1 if problems else 0


def _judged(view: View) -> Judged:
    with stage(MINUTE) as (aws, stack, role):
        found = _played(aws, stack, role, view)
    return verdict.problems(found), lambda ok: verdict.result(found, ok=ok)


def _view() -> View:
    """A terminal's abilities are in the environment, which the embedded AWS replaces: this asks before it starts.

    ``isatty`` is asked, too, because FORCE_COLOR makes rich take a pipe for a terminal.
    """
    console = Console()
    return LiveView(console) if sys.stdout.isatty() and console.is_interactive else PlainView(sys.stdout)


@contextmanager
def stage(minute: float) -> Iterator[tuple[EmbeddedAws, Stack, str]]:
    """Yields the embedded AWS, the stack on it, its controller awake, and the role for the function."""
    progress = PlainView(sys.stderr)
    began = time.monotonic()
    progress.say("building the controller's zip")
    package = build_package()
    progress.say("starting the embedded AWS")
    with embedded_aws(Settings(minute=minute)) as aws:
        progress.say(f"deploying template.yaml to {aws.endpoint}")
        role = demo_role(aws)
        stack = deploy(aws, ROOT / "template.yaml", package, {"AllowedRoles": role, **FAST})
        progress.say("waking the controller")
        _wake(Controller(aws.client("lambda"), stack.controller))
        progress.say(f"set up in {time.monotonic() - began:.1f} s")
        yield aws, stack, role
        progress.say("stopping the embedded AWS")


def _wake(controller: Controller) -> None:
    """Has the controller started as often as the story needs it at once, so that nobody waits for Python to start."""
    askers = ThreadPoolExecutor(AT_ONCE)
    try:
        for answer in [askers.submit(controller.status) for _ in range(AT_ONCE)]:
            answer.result()
    finally:
        # After Ctrl-C nobody waits for the answers: they end with the embedded AWS.
        askers.shutdown(wait=False)


def _played(aws: EmbeddedAws, stack: Stack, role: str, view: View) -> Facts:
    alarms = Alarms(aws)
    with view:
        counted = Story(aws, stack, role, view).play()
    return facts.gather(aws, stack, alarms, counted)
