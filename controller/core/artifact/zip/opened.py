"""A zip of which parts are read as they are needed, wherever its bytes lie: in S3, or on a disk.

opened("build.zip", size, tail, read)  ->  what its directory lists, and the text of its slipway.json
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from controller.core.artifact.zip import symbolic_links
from controller.core.artifact.zip.archive import Archive, find_files, read_directory
from controller.core.artifact.zip.contents import extract, span_of
from controller.core.artifact.zip.directory import BadArchive, DirectoryPlace, EndMissing, find_directory, without_end
from controller.core.artifact.zip.entries import Entry
from controller.core.manifest.settings import MANIFEST

Read = Callable[[int, int], bytes]
"""Returns the part of a zip with this offset and length in bytes, all of it; raises where that cannot be had."""
EMPTY = "has zero bytes; upload the zip again, whole"
_MANIFEST_IN_ZIP = f"{MANIFEST} in the zip"


@dataclass(frozen=True, slots=True)
class Opened:
    """A zip whose directory was read. ``manifest`` is the text of its slipway.json, None where its root has none."""

    archive: Archive
    manifest: str | None
    _directory: bytes = field(repr=False)
    _place: DirectoryPlace
    _read: Read = field(repr=False)

    def texts(self, names: Mapping[str, str]) -> dict[str, str]:
        """Returns the texts of files of the zip, by their names; ``names`` says what a refusal calls each.

        Raises BadArchive for one that is not there or cannot be read.
        """
        places = symbolic_links.places_of(self.archive, names)
        found = find_files(self._directory, self._place, {places[name]: what for name, what in names.items()})
        return {name: _text(self._read, self._place, found[places[name]], what) for name, what in names.items()}


def opened(where: str, size: int, tail: bytes, read: Read) -> Opened:
    """Returns the zip of ``size`` bytes that a refusal calls ``where``. Raises BadArchive where it is none, or holds
    what must not be deployed.

    ``tail`` is its last TAIL bytes, or all of it where it is shorter.
    """
    if not size:
        raise BadArchive(f"{where} {EMPTY}")
    try:
        place = find_directory(tail, size)
    except EndMissing as problem:
        raise without_end(read(0, min(4, size))) from problem
    directory = read(place.offset, place.length)
    archive = _with_links(read_directory(directory, place), read)
    manifest = _text(read, place, archive.manifest, _MANIFEST_IN_ZIP) if archive.manifest else None
    return Opened(archive, manifest, directory, place, read)


def _with_links(archive: Archive, read: Read) -> Archive:
    targets: dict[str, str] = {}
    for part in symbolic_links.reads(archive):
        targets |= symbolic_links.targets_in(read(part.offset, part.length), part)
    return symbolic_links.with_targets(archive, targets) if archive.link_entries else archive


def _text(read: Read, place: DirectoryPlace, entry: Entry, what: str) -> str:
    return extract(read(*span_of(entry, place, what)), entry, what)
