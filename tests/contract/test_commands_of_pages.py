"""The commands of the pages exist: programs of this environment are asked, and no AWS.

The commands of the tutorial and of the runbook are run for real, by tests/local.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from awscli.clidriver import create_clidriver

from cli.commands import parser
from tests.pages import BLOCKS, PAGES, ROOT, RUN_FOR_REAL, Block

NOWHERE = "http://127.0.0.1:1"
NO_AWS = {"AWS_ENDPOINT_URL": NOWHERE, "AWS_MAX_ATTEMPTS": "1"}
SAM = {  # the commands of SAM CLI 1.170.0 that stand on the pages, with the options used there
    "build": set[str](),
    "deploy": {"--guided"},
    "remote invoke": {"--stack-name", "--event-file", "--parameter"},
}

COMMANDS = [
    (block, line)
    for block in BLOCKS
    if block.language == "sh" and block.page not in RUN_FOR_REAL
    for line in block.text.splitlines()
]


def is_a_target(words: list[str], _: Path) -> None:
    assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def is_of_sam(words: list[str], _: Path) -> None:
    name = " ".join(words[1:3]) if " ".join(words[1:3]) in SAM else words[1]
    assert {word for word in words if word.startswith("--")} <= SAM[name]


def is_of_aws(words: list[str], folder: Path) -> None:
    # In this process, because the AWS CLI takes half a second to start.
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder), contextlib.redirect_stderr(said):
        for name, value in NO_AWS.items():
            patch.setenv(name, value)
        create_clidriver().main(words[1:])
    # Whatever is wrong with a command is said before it fails to reach a server that is not there.
    assert f'Could not connect to the endpoint URL: "{NOWHERE}' in said.getvalue()


def ends_well(words: list[str], folder: Path) -> None:
    assert run(words, folder).returncode == 0


def is_of_this_environment(words: list[str], folder: Path) -> None:
    if words[1:3] == ["-m", "cli"]:
        is_of_the_client(words[2:], folder)
        return
    build = folder / "build.zip"
    shutil.make_archive(str(build.with_suffix("")), "zip", folder, "app.py")
    ends_well([sys.executable, *(str(build) if each == build.name else each for each in words[1:])], ROOT)


def is_of_the_client(words: list[str], folder: Path) -> None:
    # The parser ends the process at a command that is none of the client's.
    with contextlib.chdir(folder):
        parser().parse_args(words[1:])


def runs_the_client(words: list[str], folder: Path) -> None:
    assert words[1:4] == ["--from", ".", "slipway"]
    is_of_the_client(words[3:], folder)


def installs_the_client(words: list[str], _: Path) -> None:
    assert words == ["pipx", "install", "."]


CHECKS = {
    ".venv/bin/python": is_of_this_environment,
    "aws": is_of_aws,
    "make": is_a_target,
    "pipx": installs_the_client,
    "python3": ends_well,
    "sam": is_of_sam,
    "slipway": is_of_the_client,
    "uvx": runs_the_client,
}
"""What asks whether a command is one, by the program; a command of another program is an error."""


@pytest.mark.parametrize(("block", "command"), COMMANDS, ids=str)
def test_a_command_is_one_that_exists(block: Block, command: str, tmp_path: Path) -> None:
    (tmp_path / "events").symlink_to(ROOT / "events")
    for name in ("app.py", "slipway.json", "build.zip", "build.sha256", ".build/slipway.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    words = shlex.split(command.partition(" > ")[0], comments=True)
    assert words[0] in CHECKS, block
    CHECKS[words[0]](words, tmp_path)


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command with the programs that stand beside this interpreter, and no AWS."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **NO_AWS}
    return subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_a_module_that_is_run_exists_and_takes_its_options() -> None:
    runs = re.findall(r"`\.venv/bin/python -m (\S+)( [^`]*)?`", "".join(PAGES.values()))
    assert {module for module, _ in runs} == {"local.serve", "bench.judging", "live"}
    for module, options in runs:
        assert importlib.util.find_spec(module)
        if options:
            offered = run([sys.executable, "-m", module, "--help"], ROOT).stdout
            assert [word for word in options.split() if word.startswith("--") and word not in offered] == []
