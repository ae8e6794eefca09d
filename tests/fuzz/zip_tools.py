"""Tools that zip a folder: those of this machine, and those that ``make fuzz`` has put into ``.build/zip-tools``.

What is not there is left out. Debian has zip, bsdtar (libarchive-tools), 7zz (7zip), jar and git as packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_INSTALLED = Path(__file__).parents[2] / ".build" / "zip-tools"
_OF_NPM = (
    "archiver", "archiver-store", "yazl", "yazl-zip64", "jszip", "jszip-unix", "zip.js", "zip.js-zip64", "fflate",
    "fflate-unix", "adm-zip", "client-zip",
)  # fmt: skip
_STREAM_ZIP = """
import pathlib, sys, datetime, stream_zip
folder, zip_, method = pathlib.Path(sys.argv[1]), sys.argv[2], getattr(stream_zip, sys.argv[3])
files = [each for each in sorted(folder.rglob("*")) if each.is_file() and not each.is_symlink()]
members = (
    (str(each.relative_to(folder)), datetime.datetime(2026, 11, 1), each.stat().st_mode, method, (each.read_bytes(),))
    for each in files
)
pathlib.Path(zip_).write_bytes(b"".join(stream_zip.stream_zip(members)))
"""
_ZIPSTREAM = """
import pathlib, sys, zipstream
folder, made = pathlib.Path(sys.argv[1]), zipstream.ZipStream(compress_type=zipstream.ZIP_DEFLATED)
for each in sorted(folder.rglob("*")):
    if each.is_file() and not each.is_symlink():
        made.add_path(str(each), arcname=str(each.relative_to(folder)))
pathlib.Path(sys.argv[2]).write_bytes(bytes().join(made))
"""


@dataclass(frozen=True)
class Tool:
    """``zip`` writes a folder's files into a zip, where the tool ``is_there``."""

    name: str
    zip: Callable[[Path, Path], None]
    is_there: bool

    def __str__(self) -> str:
        return self.name


def _run(command: list[str], folder: Path, **more: str) -> None:
    environment: Mapping[str, str] = {**os.environ, "LC_ALL": "C.UTF-8", **more}
    ended = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, (command, ended.stdout, ended.stderr)


def _command(name: str, command: str, *, program: str | None = None) -> Tool:
    """A program that is run in the folder; ``ZIP`` in the command is where the zip goes."""

    def zip_(folder: Path, zipped: Path) -> None:
        _run(["sh", "-c", command.replace("ZIP", str(zipped))], folder)

    return Tool(name, zip_, shutil.which(program or command.partition(" ")[0]) is not None)


def _library(name: str) -> Tool:
    def zip_(folder: Path, zipped: Path) -> None:
        _run(["node", str(Path(__file__).with_name("zip_with.mjs")), name, str(folder), str(zipped)], _INSTALLED)

    return Tool(f"npm: {name}", zip_, shutil.which("node") is not None and (_INSTALLED / "node_modules").is_dir())


def _module(name: str, program: str, *arguments: str) -> Tool:
    python = _INSTALLED / "python"

    def zip_(folder: Path, zipped: Path) -> None:
        _run([sys.executable, "-c", program, str(folder), str(zipped), *arguments], folder, PYTHONPATH=str(python))

    return Tool(f"PyPI: {name}", zip_, python.is_dir())


def _made_archive(folder: Path, zipped: Path) -> None:
    shutil.make_archive(str(zipped.with_suffix("")), "zip", folder)


def _written(folder: Path, zipped: Path) -> None:
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in folder.rglob("*"):
            archive.write(each, each.relative_to(folder))


_GIT = (
    "git init -q && git config core.autocrlf false && git add -A -f"
    " && git -c user.name=a -c user.email=a@b commit -q -m a && git archive --format=zip -o ZIP HEAD && rm -rf .git"
)

TOOLS = (
    Tool("Python: shutil.make_archive", _made_archive, is_there=True),
    Tool("Python: ZipFile.write", _written, is_there=True),
    _command("Info-ZIP: zip -r", "zip -qr ZIP ."),
    _command("Info-ZIP: zip -ry", "zip -qry ZIP ."),
    _command("Info-ZIP: zip -r -", "zip -qr - . > ZIP"),
    _command("Info-ZIP: zip -r0 -fz", "zip -qr0 -fz ZIP ."),
    _command("Info-ZIP: zip -rX -D", "zip -qrXD ZIP ."),
    _command("JDK: jar cfM", "jar cfM ZIP ."),
    _command("JDK: jar cf0", "jar cf0 ZIP ."),
    _command("git archive", _GIT),
    _command("libarchive: bsdtar", "bsdtar -a -cf ZIP ."),
    _command("libarchive: bsdtar to a stream", "bsdtar --format zip -cf - . > ZIP"),
    _command("7-Zip", "7zz a -tzip ZIP ."),
    _command("7-Zip with links", "7zz a -tzip -snl ZIP ."),
    *map(_library, _OF_NPM),
    _module("stream-zip ZIP_32", _STREAM_ZIP, "ZIP_32"),
    _module("stream-zip ZIP_64", _STREAM_ZIP, "ZIP_64"),
    _module("zipstream-ng", _ZIPSTREAM),
)
