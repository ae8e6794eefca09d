"""What a zip holds, read from its last bytes alone, and what is wrong with it.

A zip ends with a directory of its entries and, behind that, a record that says where the directory is. So a 250 MB zip is
checked from a few hundred kilobytes. Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.

Rules of the file:
- the bytes are hostile: every length is checked before it is followed, every loop and every allocation has a bound;
- a zip that two readers could understand differently is refused, not interpreted.

What a newcomer would get wrong: nothing is unzipped here but the manifest; the sizes are what the directory claims, and claims
that do not fit into the file are refused.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from controller.core.keys import MANIFEST
from controller.core.model import Cause, Reason, Refused

TAIL = 128 * 1024
"""Bytes at a zip's end that always hold its end record: 22, a comment of 65,535 at most, and the 76 of zip64."""
LONGEST_MANIFEST = 256 * 1024
MOST_UNZIPPED = 262_144_000
"""Source: AWS Lambda developer guide, Lambda quotas, deployment package size, 2026-11."""
MOST_ENTRIES = 65_535
"""What a zip can count without the zip64 extension. Our own bound, not Lambda's: it keeps the check's time and memory small."""
LONGEST_DIRECTORY = 8 * 1024 * 1024
"""Our own bound, as MOST_ENTRIES: 128 bytes for each entry."""

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFF_FFFF
_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_STORED, _DEFLATED = 0, 8
_ODD_NAME = re.compile(r"[\\\0]|\A(?:/|[A-Za-z]:|\Z)|(?:\A|/)\.\.(?:/|\Z)")
_LONGEST_SHOWN = 120


class BadArchive(Refused):
    """The zip cannot be deployed; the text says what is wrong with which entry and what to do."""

    def __init__(self, text: str, cause: Cause = Cause.BAD_ARTIFACT) -> None:
        super().__init__(Reason(cause, text))


class EndMissing(BadArchive):
    """No end record was found; ``without_end`` tells from the first bytes why."""


@dataclass(frozen=True, slots=True)
class DirectoryPlace:
    """Where in the file the directory is, in bytes, and how many entries it is said to list."""

    offset: int
    length: int
    entries: int


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """Where the manifest is: ``offset`` is that of its local header, ``packed`` and ``size`` are in bytes."""

    offset: int
    name: bytes
    packed: int
    size: int
    method: int
    crc: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that may be deployed. ``manifest`` is None where its root has none; ``unzipped`` is in bytes."""

    names: tuple[str, ...]
    unzipped: int
    manifest: ManifestEntry | None


def find_directory(tail: bytes, total: int) -> DirectoryPlace:
    """Returns where the directory is. ``tail`` is the file's last TAIL bytes, or all of its ``total``. Raises BadArchive."""
    at = _end_record(tail)
    _, disk, first_disk, _, entries, length, offset, _ = _END.unpack_from(tail, at)
    ends_at = total - len(tail) + at
    if tail[max(0, at - _LOCATOR.size) : at].startswith(b"PK\6\7"):
        entries, length, offset, ends_at = _zip64(tail, at, total, (entries, length, offset))
    if disk not in (0, _FULL_16) or first_disk not in (0, _FULL_16):
        raise BadArchive("the zip is one part of several; zip it into one file")
    if entries > MOST_ENTRIES or length > LONGEST_DIRECTORY:
        raise BadArchive(
            f"the zip lists {entries} entries in {length} bytes; at most {MOST_ENTRIES} in {LONGEST_DIRECTORY} bytes are read: "
            "put fewer files into it, or bundle them"
        )
    if offset + length != ends_at:
        raise BadArchive(
            f"the zip is damaged: its directory should end at byte {offset + length} and ends at byte {ends_at}, so bytes were "
            "lost or added; zip it again and upload it whole"
        )
    if not entries:
        raise BadArchive("the zip holds no files; zip the function's files, not an empty folder")
    return DirectoryPlace(offset, length, entries)


def without_end(head: bytes) -> BadArchive:
    """Returns why a file that begins with ``head`` has no end record."""
    if head.startswith(b"PK\3\4"):
        return BadArchive("the zip is truncated: it begins as a zip but its end is missing or not at its end; upload it again, whole")
    return BadArchive(f"not a zip: it begins with {head[:4]!r} and has no end record; upload a .zip with the function's files")


def read_directory(directory: bytes, place: DirectoryPlace) -> Archive:
    """Returns what the directory lists. Raises BadArchive for the first entry that must not be deployed."""
    names: list[str] = []
    spans: list[tuple[int, int]] = []
    unzipped, manifest = 0, None
    for name, entry, attributes in _entries(directory, place):
        _check_kind(name, attributes)
        if name == MANIFEST and manifest is not None:
            raise BadArchive(f"the zip holds {MANIFEST} twice; keep one")
        if name == MANIFEST:
            manifest = entry
        names.append(name)
        spans.append((entry.offset, entry.offset + _LOCAL.size + len(entry.name) + entry.packed))
        unzipped += entry.size
    _check_spans(spans, names, place)
    if unzipped > MOST_UNZIPPED:
        raise BadArchive(
            f"the zip unzips to {unzipped} bytes and Lambda takes at most {MOST_UNZIPPED}; leave out what the function does not "
            "need, or deploy it as a container image"
        )
    return Archive(tuple(names), unzipped, manifest)
