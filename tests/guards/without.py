"""Takes guards out of a copy of the checkout, and hears what the tests say to that.

Note: the controller is loaded anew for every guard, and nothing else is. A process that has loaded the libraries is
forked for each; what tests are compiled to is kept, what the controller is compiled to is not.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.guards.guard import Guard

ROOT = Path(__file__).parents[2]
_NOT_COPIED = (".*", "__pycache__")
_LIBRARIES = ("boto3", "botocore.session", "jsonschema", "aws_lambda_powertools", "hypothesis")
_LONGEST = 180
"""Seconds that the tests of one guard may take."""
_NO_VERDICT = ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "UnboundLocalError")
"""What a test dies of where the change is wrong, and not the guard missed."""


class Silent(Exception):
    """The tests cannot tell whether a guard is missed; the text says why."""


@dataclass
class Said:
    """What tests said: those that failed, and of what. ``trouble`` is why they said nothing."""

    failed: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    def has_failed(self, test: str) -> bool:
        """Has it failed, or one of its examples?"""
        return any(each == test or each.startswith(f"{test}[") for each in self.failed)


def told(folder: Path, guards: Sequence[Guard]) -> list[str]:
    """Returns a line for each guard that was not killed, in a copy of the checkout that is made as ``folder``.

    Raises Silent where the tests say nothing, because one fails though every guard stands.
    """
    if not guards:
        return []
    load_libraries()
    copy = copy_of_checkout(folder)
    said = said_by({test for guard in guards for test in guard.killed_by}, copy, keeps_compiled=True)
    if said.trouble or said.failed:
        raise Silent(said.trouble or f"{next(iter(said.failed))} fails though every guard stands")
    found = ((guard, wrong_without(guard, copy)) for guard in guards)
    return [f"{guard.name}: {why}" for guard, why in found if why]


def copy_of_checkout(into: Path) -> Path:
    """Returns a copy of the checkout, without what was made in it."""
    return Path(shutil.copytree(ROOT, into, ignore=shutil.ignore_patterns(*_NOT_COPIED)))


def wrong_without(guard: Guard, copy: Path) -> str | None:
    """Returns what is wrong with a guard, None where every test that is named has failed without it."""
    problem = guard.problem(copy)
    if problem:
        return f"cannot be taken out: {problem}"
    with guard.taken_out(copy):
        said = said_by(guard.killed_by, copy)
    died = [f"{test} has died of {why}" for test, why in said.failed.items() if why.startswith(_NO_VERDICT)]
    survived = [f"survived {test}" for test in guard.killed_by if not said.has_failed(test)]
    return next(iter([*([said.trouble] if said.trouble else []), *died, *survived]), None)


def load_libraries() -> None:
    """Loads what every run needs and no guard stands in."""
    for name in _LIBRARIES:
        importlib.import_module(name)


def said_by(tests: Iterable[str], copy: Path, *, keeps_compiled: bool = False) -> Said:
    """Runs tests of a copy in a process of their own, forked from this one."""
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe(duplex=False)
    process = forking.Process(target=_run, args=([*tests], copy, theirs, keeps_compiled))
    process.start()
    theirs.close()
    try:
        said = Said(*ours.recv()) if ours.poll(_LONGEST) else Said(trouble=f"no verdict in {_LONGEST} s")
    except EOFError:
        said = Said(trouble="the tests ended without a word")
    process.kill()
    process.join()
    return said


def _run(tests: list[str], copy: Path, theirs: Connection, keeps_compiled: bool) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("controller", "tests")]:
        del sys.modules[name]
    os.chdir(copy)
    sys.path[:] = [str(copy), *(entry for entry in sys.path if Path(entry).resolve() != ROOT)]
    sys.dont_write_bytecode = not keeps_compiled
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    heard = _Heard()
    code = pytest.main(["-q", "--tb=line", *tests], plugins=[heard])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        heard.said.trouble = f"pytest ended with {pytest.ExitCode(code).name}"
    theirs.send((heard.said.failed, heard.said.trouble))


class _Heard:
    """A plugin of pytest that hears what becomes of each test."""

    def __init__(self) -> None:
        self.said = Said()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.said.failed[report.nodeid] = crash.message if crash else str(report.longrepr)
