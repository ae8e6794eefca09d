"""The files and folders that unzipping makes of a zip's entries, as a runtime finds them by path."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from controller.core.artifact.zip.symbolic_links import followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.artifact.zip.archive import Archive


class OutOfSight(Exception):
    """What is loaded cannot be known from the zip's directory: a symbolic link leads to a layer, or nobody knows where;
    or a package.json says it.
    """


class Tree:
    """Paths are those below /var/task: "src/app.py"; the folder of everything is "". Symbolic links are followed.

    Note: no set of all folders is made. A name of 64 KB may have 32,000 of them, and a hostile zip many such names.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        links = {each.name for each in archive.link_entries}
        self._entries = {_plain(name): name for name in archive.names if not name.endswith("/") and name not in links}
        self._ordered = sorted(self._entries)
        self._folders = frozenset(name.rstrip("/") for name in archive.names if name.endswith("/"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def file(self, *paths: str) -> str | None:
        """Returns the entry of the first path that is a file, None where none is. Raises OutOfSight."""
        places = map(self._place, paths)
        return next((self._entries[place] for place in places if place in self._entries), None)

    def link_target(self, path: str) -> str | None:
        """Returns where a symbolic link of this path leads in the end, None where there is none, or nobody can tell."""
        place = self._archive.links.get(f"/var/task/{path}")
        return place.removeprefix("/var/task/") if place else None

    def has_folder(self, path: str) -> bool:
        """Is there a folder of this path, by an entry of its own or by what is in it? Raises OutOfSight."""
        place = self._place(path)
        if not place or place in self._folders:
            return True
        first = bisect_left(self._ordered, f"{place}/")
        return first < len(self._ordered) and self._ordered[first].startswith(f"{place}/")

    def has(self, path: str) -> bool:
        """Is there a file or a folder of this path? Raises OutOfSight."""
        return self.file(path) is not None or self.has_folder(path)

    def files_in(self, folder: str) -> tuple[str, ...]:
        """Returns the files that lie in a folder, not in folders of it. Raises OutOfSight."""
        within = f"{self._place(folder)}/"
        return tuple(name for name in self._entries if name.startswith(within) and "/" not in name[len(within) :])

    def _place(self, path: str) -> str:
        if not self._archive.links:
            return path
        place = followed(self._archive, path)
        if place is None or place.startswith("/"):
            raise OutOfSight(path)
        return place


def _plain(name: str) -> str:
    return str(PurePosixPath(name)) if "//" in name or "./" in name else name
