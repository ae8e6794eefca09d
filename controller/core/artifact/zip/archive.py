"""A zip's contents by its directory, and the checks of the zip as a whole.

Nothing is unzipped here. Sizes are the directory's claims; claims beyond the file's end, or overlapping ones, are
refused. A refusal never quotes a file's content, which may be a secret.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from controller.core.artifact.zip.directory import BadArchive, DirectoryPlace, damaged
from controller.core.artifact.zip.entries import Entry, entries, shown, without_dot
from controller.core.artifact.zip.limits import MAX_LINKS, MAX_UNZIPPED
from controller.core.manifest.settings import MANIFEST
from controller.core.model import Cause

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

_MAX_TOLD = 5
"""Missing files named in one refusal, so that a record can hold the sentence."""
_MAX_NAME_BYTES = 24 * 1024 * 1024
"""Bytes of memory for all names: one rare letter makes every letter of a name four times as long."""


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A symbolic link with an unread target. The next entry's bytes in the zip begin at ``end``."""

    name: str
    entry: Entry
    end: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that may be deployed.

    - ``unzipped``: in bytes.
    - ``manifest``: None without a slipway.json in the root.
    - ``modes``: parallel to ``names``, as ``Entry.mode``; use ``modes_of``.
    - ``links``: final targets of symbolic links, {"/var/task/node_modules/tool": "/var/task/store/tool"}, None if
      unknown; use ``symbolic_links.followed``.
    - ``link_entries``: the links to read for ``links``.
    """

    names: tuple[str, ...]
    unzipped: int
    manifest: Entry | None
    modes: array[int] = field(default_factory=lambda: array("H"), compare=False, repr=False)
    links: Mapping[str, str | None] = field(default_factory=dict)
    link_entries: tuple[LinkEntry, ...] = field(default=(), compare=False, repr=False)

    def modes_of(self, names: Container[str]) -> dict[str, int]:
        """Returns entries' modes by name, {"app.py": 0o100644}, links not followed; the last of several entries of a
        name counts, as it does when unzipping.
        """
        return {name: mode for name, mode in zip(self.names, self.modes, strict=False) if name in names}


def read_directory(directory: bytes, place: DirectoryPlace) -> Archive:
    """Returns the directory's contents. Raises BadArchive for the first entry that must not be deployed."""
    names: list[str] = []
    starts, ends, modes = array("Q"), array("Q"), array("H")
    links: list[tuple[str, Entry]] = []
    unzipped, length, manifest = 0, 0, None
    for name, entry in entries(directory, place):
        if name == MANIFEST:
            if manifest is not None:
                raise BadArchive(f"the zip holds {MANIFEST} twice; keep one")
            if entry.is_link:
                text = f"{MANIFEST} in the zip is a symbolic link, which is not followed; zip the file itself"
                raise BadArchive(text, Cause.BAD_MANIFEST)
            manifest = entry
        if entry.is_link:
            links.append((name, entry))
        names.append(name)
        starts.append(entry.offset)
        ends.append(entry.least_end)
        modes.append(entry.mode)
        unzipped += entry.size
        length += name.__sizeof__()
        _check_memory(length, len(links))
    order = sorted(range(len(names)), key=starts.__getitem__)
    _check_overlap(names, starts, ends, order)
    if unzipped > MAX_UNZIPPED:
        raise BadArchive(
            f"the zip unzips to {unzipped} bytes and Lambda takes at most {MAX_UNZIPPED}; leave out what the"
            " function does not need, or deploy it as a container image"
        )
    behind = (*(starts[each] for each in order), place.offset) if links else ()
    link_entries = tuple(LinkEntry(name, entry, behind[bisect(behind, entry.offset)]) for name, entry in links)
    return Archive(tuple(names), unzipped, manifest, modes, {}, link_entries)


def find_files(directory: bytes, place: DirectoryPlace, names: Mapping[str, str]) -> dict[str, Entry]:
    """Returns the entries of files by name. Raises BadArchive for missing files, and for a file listed twice.

    ``names`` has each file's description for a refusal.
    """
    called = {without_dot(name): what for name, what in names.items()}
    found: dict[str, Entry] = {}
    for name, entry in entries(directory, place) if called else ():
        if name in found:
            raise BadArchive(f"the zip holds {called[name]} twice; keep one")
        if name in called:
            found[name] = entry
    lacking = [what for name, what in called.items() if name not in found]
    if lacking:
        told = "; also ".join(f"{what} is not in the zip" for what in lacking[:_MAX_TOLD])
        more = f"; and {len(lacking) - _MAX_TOLD} more" if len(lacking) > _MAX_TOLD else ""
        raise BadArchive(f"{told}{more}; add the file, or correct the name", Cause.BAD_MANIFEST)
    return {name: found[without_dot(name)] for name in names}


def _check_memory(length: int, links: int) -> None:
    if length > _MAX_NAME_BYTES:
        raise BadArchive("the names in the zip are too long to be read together; bundle them, or leave some out")
    if links > MAX_LINKS:
        raise BadArchive(
            f"the zip holds more than {MAX_LINKS} symbolic links, which is more than are followed; zip what they point"
            " to, or bundle it"
        )


def _check_overlap(names: list[str], starts: array[int], ends: array[int], order: list[int]) -> None:
    for one, other in pairwise(order):
        if starts[other] >= ends[one]:
            continue
        if starts[other] == starts[one] and names[other] == names[one]:
            raise BadArchive(
                f"the zip lists {shown(names[one])} twice at the same place, a duplicate that not every tool unzips;"
                " add the file to the zip once"
            )
        raise damaged(f"{shown(names[one])} and {shown(names[other])} overlap")
