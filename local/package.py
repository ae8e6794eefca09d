"""Builds the controller's zip for this machine's Python, only when something that goes into it has changed.

The embedded AWS runs functions on its own interpreter, whatever their ``Runtime`` says; a package with the
wheels that Lambda needs would not import here. ``sam build`` makes that one, from the same program.

Note: the build asks a package index. It gets the user's environment (proxy, index), also while the embedded AWS has
replaced it.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from local.environment import users_environment

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build"


class BuildFailed(RuntimeError):
    """The build program failed; the message is what it printed."""


def build_package(into: Path = BUILT) -> Path:
    """Returns the controller's zip, built if need be. Raises BuildFailed.

    It is kept in ``into`` under a name made of its sources' hash, so a second call with the same sources is
    quick.
    """
    zip_file = into / f"controller-{_fingerprint(_sources())}.zip"
    if not zip_file.exists():
        into.mkdir(parents=True, exist_ok=True)
        _build(zip_file, into)
    return zip_file


def python_runtime() -> str:
    """Returns the ``Runtime`` of functions that are to run here: this interpreter's own, such as ``python3.11``."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def _sources() -> list[Path]:
    found = (path for name in ("controller", "viewer") for path in (ROOT / name).rglob("*"))
    code = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
    return sorted([*code, *(ROOT / "packaging").glob("*.*"), ROOT / "requirements.txt"])


def _fingerprint(sources: Iterable[Path]) -> str:
    digest = hashlib.sha256(f"{sys.version}{sysconfig.get_platform()}".encode())
    for path in sources:
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _build(zip_file: Path, into: Path) -> None:
    with TemporaryDirectory(dir=into, prefix="building-") as folder:
        unfinished = Path(folder) / zip_file.name
        command = [sys.executable, str(ROOT / "packaging" / "build.py"), "--into", f"{folder}/package"]
        _run([*command, "--platform", "this", "--zip", str(unfinished)])
        unfinished.replace(zip_file)


def _run(command: Sequence[str]) -> None:
    """Runs ``command`` in a process group of its own: when we are stopped, what it started ends with it."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=users_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    with process:
        try:
            printed, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise BuildFailed(f"{shlex.join(command)} ended with {process.returncode}:\n{printed}")
