"""The unzipped files and folders of a zip, as a runtime finds them by path."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from controller.core.artifact.zip.symbolic_links import followed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.artifact.zip.archive import Archive


class OutOfSight(Exception):
    """The zip's directory cannot tell which file is loaded: because of a package.json, or of a symbolic link that leads
    to a layer or has not been read.
    """


class Tree:
    """Files and folders by their paths below /var/task, such as "src/app.py"; "" is the root. Symbolic links are
    followed.

    Note: there is no set of all folders. A name of 64 KB may have 32,000, and a hostile zip many such names.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        links = {each.name for each in archive.link_entries}
        self._entries = {
            _normalized(name): name for name in archive.names if not name.endswith("/") and name not in links
        }
        self._ordered = sorted(self._entries)
        self._folders = frozenset(name.rstrip("/") for name in archive.names if name.endswith("/"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def file(self, *paths: str) -> str | None:
        """Returns the entry of the first path that is a file, None without one. Raises OutOfSight."""
        places = map(self._place, paths)
        return next((self._entries[place] for place in places if place in self._entries), None)

    def link_target(self, path: str) -> str | None:
        """Returns the final target of a symbolic link, None if the path is no link or the target is unknown."""
        place = self._archive.links.get(f"/var/task/{path}")
        return place.removeprefix("/var/task/") if place else None

    def has_folder(self, path: str) -> bool:
        """Does a folder of this path exist, by its own entry or by a file inside? Raises OutOfSight."""
        place = self._place(path)
        if not place or place in self._folders:
            return True
        first = bisect_left(self._ordered, f"{place}/")
        return first < len(self._ordered) and self._ordered[first].startswith(f"{place}/")

    def has(self, path: str) -> bool:
        """Is there a file or a folder of this path? Raises OutOfSight."""
        return self.file(path) is not None or self.has_folder(path)

    def files_in(self, folder: str) -> tuple[str, ...]:
        """Returns the files directly in a folder. Raises OutOfSight."""
        within = f"{self._place(folder)}/"
        return tuple(name for name in self._entries if name.startswith(within) and "/" not in name[len(within) :])

    def _place(self, path: str) -> str:
        if not self._archive.links:
            return path
        place = followed(self._archive, path)
        if place is None or place.startswith("/"):
            raise OutOfSight(path)
        return place


def _normalized(name: str) -> str:
    return str(PurePosixPath(name)) if "//" in name or "./" in name else name
