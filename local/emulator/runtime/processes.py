"""Starts the processes that functions run in, as Lambda would set them up, and leaves none behind.

Every process is recorded as it is born, so that stopping does not depend on what others still remember.

Rules of the file:
- only the standard library and boto3 can be imported besides a function's own code and layers, as in Lambda's
  Python runtimes. Without this a package that lacks a dependency would work here, out of this machine's
  site-packages, and fail in AWS. Source: Lambda developer guide, "Runtime dependencies in Python", 2026-11.
- a process has a group of its own: Ctrl-C in a terminal reaches the program, which then stops it in order.
- its temporary files live in the embedded AWS's own folder and go with it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# What boto3 needs at run time; Lambda's Python runtimes ship exactly these beside the standard library.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")

GRACE_SECONDS = 1.0
UNPACKING_SECONDS = 5.0


class ProcessesStopped(RuntimeError):
    """A function was asked to run while the embedded AWS was stopping."""


class FunctionProcesses:
    """All processes of one embedded AWS. ``folder`` must exist and be removed by its owner after ``stop``.

    ``runs_under_way`` is set by who knows how many functions are being run.
    """

    def __init__(self, folder: Path) -> None:
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self._runtime = _runtime_packages(folder / "runtime")
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[str]] = []
        self._stopped = False
        self.runs_under_way: Callable[[], int] = lambda: 0

    def new_folder(self, suffix: str | None = None, prefix: str | None = None) -> str:
        """Does what ``tempfile.mkdtemp`` does. Raises ProcessesStopped after ``stop``."""
        self._refuse_if_stopped()
        return tempfile.mkdtemp(suffix, prefix, self._temporary)

    def start(self, arguments: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Does what ``subprocess.Popen`` does, in Lambda's manner. Raises ProcessesStopped after ``stop``."""
        command = list(arguments)
        if command[0] == sys.executable:
            command[1:1] = ["-S"]
        options["env"] = self._environment(options["env"])
        with self._lock:
            self._refuse_if_stopped()
            process = subprocess.Popen(command, process_group=0, **options)
            self._started = [one for one in self._started if one.poll() is None] + [process]
        return process

    def stop(self) -> None:
        """Ends every process, by force after a second, and refuses new ones. May be repeated.

        Returns when nothing is left that could write into the folder: a run that was unpacking its code finds
        out that it is refused only when it comes to start its process.
        """
        with self._lock:
            self._stopped = True
            running = [one for one in self._started if one.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            _end(process, deadline - time.monotonic())
        deadline = time.monotonic() + UNPACKING_SECONDS
        while self.runs_under_way() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise ProcessesStopped("the embedded AWS is stopping; start it again to run functions")

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        places = [given["PYTHONPATH"]] if given.get("PYTHONPATH") else []
        python_path = os.pathsep.join([*places, str(self._runtime)])
        return {"TMPDIR": str(self._temporary), **given, "PYTHONPATH": python_path}


def _end(process: subprocess.Popen[str], within: float) -> None:
    try:
        process.wait(timeout=max(0.0, within))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _runtime_packages(folder: Path) -> Path:
    folder.mkdir()
    for name in RUNTIME_PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{name} is not installed; install requirements-dev.txt")
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder
