"""May the runtime read, or execute, the handler's file with its mode in the zip?

Lambda keeps modes when unzipping and runs the function as a user who owns none of the files, so the bits for others
decide. Sources: Lambda developer guide, .zip file archives, file permissions (644 for files, 755 for executables and
folders); claudiajs/claudia #151 (0600), zappa/Zappa #484 (0640), 2026-11.

Files without a Unix mode, as in zips of Windows, are readable and not executable on Lambda. Sources: aws/aws-lambda-go
#13; README of aws/aws-lambda-go, for developers on Windows, 2026-11.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from controller.core.artifact.zip.entries import FROM_WINDOWS, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.core.artifact.zip.archive import Archive

_MAX_DEPTH = 64
"""Folders to check on the way to a file; a hostile name has room for 32,000."""
_MAKES_0600 = 0o600
"""The mode given by Python's ``ZipFile.writestr`` with a name, without the kind of file."""


def unusable(archive: Archive, files: Iterable[str], *, executed: bool = False, listed: bool = False) -> str | None:
    """Returns why Lambda could not load these files of the zip; None if it could, or in doubt.

    ``files`` are entries other than links. ``executed`` is True for programs such as bootstrap. ``listed`` is True if
    the runtime finds modules by listing folders, as Python does.
    """
    needed = dict.fromkeys(files, stat.S_IXOTH if executed else stat.S_IROTH)
    to_enter = stat.S_IXOTH | stat.S_IROTH if listed else stat.S_IXOTH
    needed |= {folder: to_enter for name in list(needed) for folder in _folders_of(name)}
    modes = archive.modes_of(needed)
    for name in sorted(modes):
        if modes[name] and modes[name] & needed[name] != needed[name]:
            return _sentence(name, modes[name], executed=executed)
    return None


def _folders_of(name: str) -> Iterator[str]:
    """Yields the folders of a file as named in a zip: "src/" and "src/pkg/" for "src/pkg/app.py"."""
    parts = name.split("/")[:-1]
    return (f"{'/'.join(parts[:depth])}/" for depth in range(1, min(len(parts), _MAX_DEPTH) + 1))


def _sentence(name: str, mode: int, *, executed: bool) -> str:
    verb, right = ("execute", "755") if executed else ("read", "644")
    if name.endswith("/"):
        verb, right = "enter", "755"
    path = shown(name).strip("'")
    if mode == FROM_WINDOWS:
        return (
            f"{path} has no mode in the zip, as in zips of Windows, so Lambda may not {verb} it: zip it on Linux or"
            f" macOS after chmod {right} {path}, or with build-lambda-zip"
        )
    found = f"{path} has the mode {stat.S_IMODE(mode):04o} in the zip"
    text = f"{found}, so Lambda may not {verb} it: chmod {right} {path}, and zip it again"
    if mode == _MAKES_0600:
        return f"{text} (Python's writestr makes 0600: give it a ZipInfo with external_attr = 0o{right} << 16)"
    return text
