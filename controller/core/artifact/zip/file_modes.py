"""May the runtime read, or execute, the handler's file with the modes that the zip gives it?

Lambda unzips modes as they are and runs the function as a user to whom nothing of it belongs, so the bits for others
decide. Sources: Lambda developer guide, .zip file archives, file permissions (644 for files, 755 for executables and
folders); claudiajs/claudia #151 (0600), zappa/Zappa #484 (0640), 2026-11.

What carries no Unix mode, as zips of Windows do, is readable and not executable there. Sources: aws/aws-lambda-go #13;
README of aws/aws-lambda-go, for developers on Windows, 2026-11.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from controller.core.artifact.zip.entries import FROM_WINDOWS, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from controller.core.artifact.zip.archive import Archive

_DEEPEST = 64
"""Folders on the way to a file that are looked at; a hostile name has room for 32,000."""
_MAKES_0600 = 0o600
"""Python's ``ZipFile.writestr`` with a name gives this mode, without the kind of file."""


def unusable(archive: Archive, files: Iterable[str], *, executed: bool = False, listed: bool = False) -> str | None:
    """Returns why Lambda could not load files of the zip, None where it could, or nobody can tell.

    ``files`` are names of entries that are no links. ``executed`` says that they are started as programs, as bootstrap
    is; ``listed`` that the runtime finds them by listing their folders, as Python does.
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
    """Yields the names that folders have in a zip: those of "src/pkg/app.py" are "src/" and "src/pkg/"."""
    parts = name.split("/")[:-1]
    return (f"{'/'.join(parts[:depth])}/" for depth in range(1, min(len(parts), _DEEPEST) + 1))


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
