"""A shell in which the commands of a page are run, as a person would paste them."""

from __future__ import annotations

import doctest
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.pages import ROOT

SECONDS_FOR_A_BLOCK = 120


class Shell:
    """A bash in which one block after the other is run, as a person would paste them; an error ends it."""

    def __init__(self, errors: Path, folder: Path = ROOT) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        self._errors = errors
        self._process = subprocess.Popen(
            ["bash", "-eu"], cwd=folder, env=environment, start_new_session=True, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors.open("w"),
        )  # fmt: skip

    def run(self, script: str) -> str:
        """Runs a block and returns its standard output."""
        assert self._process.stdin
        assert self._process.stdout
        watch = threading.Timer(SECONDS_FOR_A_BLOCK, self.end)
        watch.start()
        self._process.stdin.write(f"{script}\necho; echo END\n")
        self._process.stdin.flush()
        printed = ""
        for line in self._process.stdout:
            if line == "END\n":
                watch.cancel()
                return printed
            printed += line
        pytest.fail(f"ended, or over {SECONDS_FOR_A_BLOCK} s, in\n{script}{printed}{self._errors.read_text()}")

    def end(self) -> None:
        """Ends the shell and all that was started in it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(10)


def prints(expected: str, printed: str) -> bool:
    """Is that what was expected, where "..." stands for anything and all white space is the same?"""
    return doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
