"""The tutorial does and prints what it says: every block is run for real, with the real AWS CLI."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.polling import eventually
from tests.pages import BLOCKS, ROOT, TUTORIAL, with_output
from tests.shell import Shell, prints


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    started = Shell(tmp_path / "stderr")
    yield started
    started.end()


def test_the_walk_through_prints_what_it_says(shell: Shell) -> None:
    for block, expected in with_output([block for block in BLOCKS if block.page == TUTORIAL]):
        printed = shell.run(block.text)
        assert prints(expected or "\n", printed), f"{block} printed\n{printed}"
    endpoint = json.loads((ROOT / ".build" / "try" / "local.json").read_text())["endpoint"]
    assert eventually(lambda: not listens(endpoint))


def listens(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0
