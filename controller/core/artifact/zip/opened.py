"""An open zip, read part by part as needed, in S3 or on a disk.

Example: ``opened("build.zip", size, tail, read)`` has the zip's directory and the text of its slipway.json.
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
"""Returns a zip's bytes from an offset, as many as given; raises instead of returning fewer."""
EMPTY = "has zero bytes; upload the zip again, whole"
_MANIFEST_IN_ZIP = f"{MANIFEST} in the zip"


@dataclass(frozen=True, slots=True)
class Opened:
    """A zip with its directory read. ``manifest`` is the text of slipway.json in the root, None without one."""

    archive: Archive
    manifest: str | None
    _directory: bytes = field(repr=False)
    _place: DirectoryPlace
    _read: Read = field(repr=False)

    def texts(self, names: Mapping[str, str]) -> dict[str, str]:
        """Returns the texts of the zip's files by name. Raises BadArchive for a file missing or unreadable.

        ``names`` has each file's description for a refusal.
        """
        places = symbolic_links.places_of(self.archive, names)
        found = find_files(self._directory, self._place, {places[name]: what for name, what in names.items()})
        return {name: _text(self._read, self._place, found[places[name]], what) for name, what in names.items()}


def opened(where: str, size: int, tail: bytes, read: Read) -> Opened:
    """Returns the zip of ``size`` bytes. Raises BadArchive for a file that is no zip, or must not be deployed.

    ``where`` names the zip in a refusal. ``tail`` has its last TAIL bytes, or the whole of a shorter zip.
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
