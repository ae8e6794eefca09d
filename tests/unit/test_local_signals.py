"""A program that a signal stops says so, with the exit status of one that was stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.package import ROOT

PROGRAM = "import sys; from local.signals import status_of; sys.exit(status_of('program'))"


@pytest.mark.parametrize(
    ("run", "status", "said"), [("return 1", 1, ""), ("import os; os.kill(os.getpid(), 15)", 130, "stopped\n")]
)
def test_the_exit_status_is_that_of_the_program_or_of_an_interruption(
    run: str, status: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(f"def run():\n    {run}\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (status, said)
