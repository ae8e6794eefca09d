"""The tutorial does and prints what it says: every block is run for real, with the real AWS CLI."""

from __future__ import annotations

import doctest
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.polling import eventually
from tests.pages import BLOCKS, ROOT, TUTORIAL, Block

SECONDS_FOR_A_BLOCK = 120


class Shell:
    """A bash in which one block after the other is run, as a person would paste them; an error ends it."""

    def __init__(self, errors: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        self._errors = errors
        self._process = subprocess.Popen(
            ["bash", "-eu"], cwd=ROOT, env=environment, start_new_session=True, text=True,
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


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    started = Shell(tmp_path / "stderr")
    yield started
    started.end()


def steps() -> Iterator[tuple[Block, str]]:
    """The blocks of the tutorial with what they print, "" where nothing is said of that."""
    blocks = [block for block in BLOCKS if block.page == TUTORIAL]
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language == "sh":
            yield block, following.text if following and following.language == "text" else ""


def prints(expected: str, printed: str) -> bool:
    """Is that what was expected, where "..." stands for anything and all white space is the same?"""
    return doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def test_the_walk_through_prints_what_it_says(shell: Shell) -> None:
    for block, expected in steps():
        printed = shell.run(block.text)
        assert prints(expected or "\n", printed), f"{block} printed\n{printed}"
    endpoint = json.loads((ROOT / ".build" / "try" / "local.json").read_text())["endpoint"]
    assert eventually(lambda: not listens(endpoint), 15)


def listens(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0
