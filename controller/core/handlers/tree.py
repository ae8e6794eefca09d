"""The files and folders that unzipping makes of a zip's entries, as a runtime finds them by path."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Tree:
    """Paths are those below /var/task: "src/app.py"; the folder of everything is "".

    Note: no set of all folders is made. A name of 64 KB may have 32,000 of them, and a hostile zip many such names.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = {_plain(entry): entry for entry in entries if not entry.endswith("/")}
        self._folders = frozenset(entry.rstrip("/") for entry in entries if entry.endswith("/"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def file(self, *paths: str) -> str | None:
        """Returns the entry of the first path that is a file, None where none is."""
        return next((self._entries[path] for path in paths if path in self._entries), None)

    def has_folder(self, path: str) -> bool:
        """Is there a folder of this path, by an entry of its own or by what is in it?"""
        return not path or path in self._folders or any(name.startswith(f"{path}/") for name in self._entries)

    def has(self, path: str) -> bool:
        """Is there a file or a folder of this path?"""
        return path in self._entries or self.has_folder(path)


def _plain(name: str) -> str:
    return str(PurePosixPath(name)) if "//" in name or "./" in name else name
