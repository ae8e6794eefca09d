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

from controller.core.entries import FROM_WINDOWS, shown
from controller.core.links import followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.archive import Archive

_MAKES_0600 = 0o600
"""Python's ``ZipFile.writestr`` with a name gives this mode, without the kind of file."""


def unusable(archive: Archive, name: str, *, executed: bool = False, listed: bool = False) -> str | None:
    """Returns why Lambda could not load the file of this name in the zip, None where it could, or nobody can tell.

    ``executed`` says that the file is started as a program, as bootstrap is; ``listed`` that the runtime looks for the
    file by listing its folder, as Python does.
    """
    place = followed(archive, name)
    if place is None or place.startswith("/"):
        return None
    if place != name and place not in archive.names:
        return f"{shown(name)} is a symbolic link to {shown(place)}, which is not in the zip; add the file"
    for folder in _folders_of(place):
        mode = archive.mode_of(f"{folder}/")
        needed = stat.S_IXOTH | (stat.S_IROTH if listed else 0)
        if mode and mode & needed != needed:
            return _sentence(f"the folder {shown(folder)}", mode, "enter", "755", folder)
    mode = archive.mode_of(place)
    if mode and executed and not mode & stat.S_IXOTH:
        return _sentence(shown(place), mode, "execute", "755", place)
    if mode and not executed and not mode & stat.S_IROTH:
        return _sentence(shown(place), mode, "read", "644", place)
    return None


def _folders_of(name: str) -> Iterator[str]:
    parts = name.split("/")[:-1]
    return ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _sentence(what: str, mode: int, verb: str, right: str, path: str) -> str:
    if mode == FROM_WINDOWS:
        return (
            f"{what} has no mode in the zip, as in zips of Windows, so Lambda may not {verb} it: zip it on Linux or"
            f" macOS after chmod {right} {path}, or with build-lambda-zip"
        )
    found = f"{what} has the mode {stat.S_IMODE(mode):04o} in the zip"
    text = f"{found}, so Lambda may not {verb} it: chmod {right} {path}, and zip it again"
    if mode == _MAKES_0600:
        return f"{text} (Python's writestr makes 0600: give it a ZipInfo with external_attr = 0o{right} << 16)"
    return text
