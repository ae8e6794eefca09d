"""Starts the embedded AWS with the stack on it, has the demo played there, and reports: one JSON object at the end."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from cli.showing.display import Lines, display
from local.demo.controller import Controller, ControllerFailed
from local.demo.outcome import closing, problems
from local.demo.play import Demo
from local.package import ROOT, BuildFailed, build_package
from local.roles import demo_role
from local.server import EmbeddedAws, embedded_aws
from local.settings import Settings
from local.stack import FAST, Stack, StackFailed, deploy

MINUTE = 2.5
"""How many seconds a minute of the embedded AWS lasts, for its alarms and the controller's tick."""

AT_ONCE = 3
"""An upload, a tick and a person's request may reach the controller at the same time."""


Played = tuple[Sequence[str], Mapping[str, object]]
"""What is wrong with a demo, and what its last line says but for ``ok``."""


def run() -> int:
    """Runs the whole demo and returns its exit status: 0 only if everything was as it must be."""
    shown = display()
    return reported(lambda: played(shown))


def reported(play: Callable[[], Played]) -> int:
    """Has a demo played, prints what is wrong and the last line, and returns the exit status.

    Whatever ends the demo, its last line says ``"ok": false`` where not everything was as it must be.
    """
    try:
        wrong, line = play()
    except (BuildFailed, StackFailed, ControllerFailed) as failure:
        wrong, line = [str(failure)], {}
    except Exception as failure:  # noqa: BLE001 - the last line is promised whatever happens
        traceback.print_exc()
        wrong, line = [f"the demo itself failed: {failure}"], {}
    for problem in wrong:
        print(f"wrong: {problem}", file=sys.stderr)
    print(json.dumps({"ok": not wrong, **line}), flush=True)
    return 1 if wrong else 0


def played(shown: Lines) -> Played:
    """Plays the demo on an embedded AWS of its own, and shows it."""
    with running(MINUTE) as (aws, stack, role), shown:
        outcome = Demo(aws, stack, role, shown).play()
        shown.end(outcome.deployments, closing(outcome))
    return problems(outcome), outcome.line()


@contextmanager
def running(minute: float) -> Iterator[tuple[EmbeddedAws, Stack, str]]:
    """Yields the embedded AWS, the stack on it, its controller awake, and the role for the function."""
    progress = Lines(sys.stderr)
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
    """Has the controller started as often as the demo needs it at once, so that nobody waits for Python to start."""
    askers = ThreadPoolExecutor(AT_ONCE)
    try:
        for answer in [askers.submit(controller.status) for _ in range(AT_ONCE)]:
            answer.result()
    finally:
        # After Ctrl-C nobody waits for the answers: they end with the embedded AWS.
        askers.shutdown(wait=False)
