"""What a zip holds, as its directory lists it, and what is wrong with it.

Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.5.3.

Rules of the file:
- the bytes are hostile: every length is checked before it is followed, every loop has a bound;
- a symbolic link is refused wherever it points: to know that would take one more read for each.

What a newcomer would get wrong: nothing is unzipped here but the manifest and the files that it names. Sizes are what
the directory claims; claims that do not fit into the file, or overlap, are refused. No refusal quotes what is in a
file: it may be a secret.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from array import array
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from controller.core.directory import BadArchive, DirectoryPlace, damaged
from controller.core.keys import MANIFEST
from controller.core.model import Cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_FILE = 256 * 1024
"""In bytes: the manifest, and each file that it names."""
MOST_UNZIPPED = 262_144_000
"""In bytes. Source: AWS Lambda developer guide, Lambda quotas, deployment package size, 2026-11."""

_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFF_FFFF
_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_STORED, _DEFLATED = 0, 8
_DEFLATE_OVERHEAD = 1024
_MOST_FIELDS = 32
"""Extra fields of an entry that are looked through; an extra of 64 KB has room for 16,000."""
_ODD_NAME = re.compile(r"[\\\0]|\A(?:/|[A-Za-z]:|\Z)|(?:\A|/)\.\.(?:/|\Z)")
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, sizes in bytes: zipped it has ``packed``; ``offset`` is where its local header begins."""

    offset: int
    name: bytes
    packed: int
    size: int
    method: int
    crc: int

    @property
    def least_end(self) -> int:
        """Where the entry ends at the earliest; its local header may be longer."""
        return self.offset + _LOCAL.size + len(self.name) + self.packed


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that may be deployed. ``manifest`` is None where its root has none; ``unzipped`` is in bytes."""

    names: tuple[str, ...]
    unzipped: int
    manifest: Entry | None


def read_directory(directory: bytes, place: DirectoryPlace) -> Archive:
    """Returns what the directory lists. Raises BadArchive for the first entry that must not be deployed."""
    names: list[str] = []
    starts, ends = array("Q"), array("Q")
    unzipped, manifest = 0, None
    for name, entry in _entries(directory, place):
        if name == MANIFEST:
            if manifest is not None:
                raise BadArchive(f"the zip holds {MANIFEST} twice; keep one")
            manifest = entry
        names.append(name)
        starts.append(entry.offset)
        ends.append(entry.least_end)
        unzipped += entry.size
    _check_overlap(names, starts, ends)
    if unzipped > MOST_UNZIPPED:
        raise BadArchive(
            f"the zip unzips to {unzipped} bytes and Lambda takes at most {MOST_UNZIPPED}; leave out what the"
            " function does not need, or deploy it as a container image"
        )
    return Archive(tuple(names), unzipped, manifest)


def find_files(directory: bytes, place: DirectoryPlace, names: Mapping[str, str]) -> dict[str, Entry]:
    """Returns the entries of files by their names. Raises BadArchive for one that is not there, or is there twice.

    ``names`` says what a refusal calls each.
    """
    called = {_without_dot(name): what for name, what in names.items()}
    found: dict[str, Entry] = {}
    for name, entry in _entries(directory, place) if called else ():
        if name in found:
            raise BadArchive(f"the zip holds {called[name]} twice; keep one")
        if name in called:
            found[name] = entry
    for name, what in called.items():
        if name not in found:
            raise BadArchive(f"{what} is not in the zip; add the file, or correct the name", Cause.BAD_MANIFEST)
    return {name: found[_without_dot(name)] for name in names}


def span_of(entry: Entry, place: DirectoryPlace, what: str) -> tuple[int, int]:
    """Returns offset and length in bytes of what ``extract`` needs. Raises BadArchive for too much.

    ``what`` is what a refusal calls the file.
    """
    if entry.size > LONGEST_FILE or entry.packed > LONGEST_FILE + _DEFLATE_OVERHEAD:
        text = f"{what} has {max(entry.size, entry.packed)} bytes; at most {LONGEST_FILE} are read"
        raise BadArchive(text, Cause.BAD_MANIFEST)
    # Only the local header knows how long its own extra field is.
    return entry.offset, min(entry.least_end + _FULL_16, place.offset) - entry.offset


def extract(span: bytes, entry: Entry, what: str) -> str:
    """Returns the file's text from the bytes that ``span_of`` named. Raises BadArchive."""
    start = _LOCAL.size + len(entry.name)
    # Lengths are the header's last two fields: where the file begins depends on both.
    *_, name_length, extra_length = _LOCAL.unpack_from(span)
    if not span.startswith(b"PK\3\4") or name_length != len(entry.name) or span[_LOCAL.size : start] != entry.name:
        raise damaged(f"{what} is not at byte {entry.offset}, where its directory has it")
    start += extra_length
    content = _unpacked(span[start : start + entry.packed], entry.method, what)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise damaged(f"{what} does not match its checksum")
    return as_text(content, what)


def as_text(content: bytes, what: str) -> str:
    """Returns what the bytes of ``what`` say. Raises BadArchive where they are no UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        text = f"{what} is not UTF-8 text (from byte {problem.start} on); save it as UTF-8"
        raise BadArchive(text, Cause.BAD_MANIFEST) from None  # what it says of itself quotes the byte


def _entries(directory: bytes, place: DirectoryPlace) -> Iterator[tuple[str, Entry]]:
    at = 0
    for number in range(1, place.entries + 1):
        if not directory.startswith(b"PK\1\2", at) or at + _ENTRY.size > len(directory):
            raise damaged(f"its directory lacks entry {number} of {place.entries}")
        _, _, _, flags, method, _, _, *more, attributes, offset = _ENTRY.unpack_from(directory, at)
        crc, packed, size, name_length, extra_length, comment_length, _, _ = more
        extra_at = at + _ENTRY.size + name_length
        raw = directory[at + _ENTRY.size : extra_at]
        name = _checked_name(raw, flags, attributes)
        if _FULL_32 in (size, packed, offset):
            extra = directory[extra_at : extra_at + extra_length]
            size, packed, offset = _widened(name, extra, (size, packed, offset))
        entry = Entry(offset, raw, packed, size, method, crc)
        if entry.least_end > place.offset:
            raise damaged(f"{shown(name)} reaches into its directory")
        yield name, entry
        at = extra_at + extra_length + comment_length
    if at != len(directory):
        raise damaged(f"its directory lists other than the {place.entries} entries it is said to list")


def _checked_name(raw: bytes, flags: int, attributes: int) -> str:
    name = _name(raw)
    kind = stat.S_IFMT(attributes >> 16)
    if _ODD_NAME.search(name):
        problem = "would not be unzipped into the function's folder; use relative names with / and without .."
    elif flags & _ENCRYPTED:
        problem = "is encrypted and Lambda has no password; zip it without one"
    elif kind == stat.S_IFLNK:
        problem = "is a symbolic link; zip the file that it points to (leave out -y or --symlinks)"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        problem = "is neither a file nor a folder; leave it out"
    else:
        return name
    raise BadArchive(f"the zip's entry {shown(name)} {problem}")


def _name(raw: bytes) -> str:
    """Decodes a name. Many tools write UTF-8 without the flag for it; what is not UTF-8 is code page 437."""
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("cp437")
    return _without_dot(name) or name


def _without_dot(name: str) -> str:
    return name.removeprefix("./")


def _widened(name: str, extra: bytes, narrow: tuple[int, int, int]) -> tuple[int, int, int]:
    """Takes what is full of size, packed and offset from the zip64 field, which has only those."""
    wanted, at = narrow.count(_FULL_32), 0
    for _ in range(_MOST_FIELDS):
        if at + 4 > len(extra):
            break
        field, length = struct.unpack_from("<2H", extra, at)
        if field == 1 and 8 * wanted <= length <= len(extra) - at - 4:
            wide = iter(struct.unpack_from(f"<{wanted}Q", extra, at + 4))
            size, packed, offset = (next(wide) if value == _FULL_32 else value for value in narrow)
            return size, packed, offset
        at += 4 + length
    raise damaged(f"{shown(name)} lacks its zip64 sizes")


def _check_overlap(names: list[str], starts: array[int], ends: array[int]) -> None:
    for one, other in pairwise(sorted(range(len(names)), key=starts.__getitem__)):
        if starts[other] < ends[one]:
            raise damaged(f"{shown(names[one])} and {shown(names[other])} overlap")


def _unpacked(packed: bytes, method: int, what: str) -> bytes:
    if method == _STORED:
        return packed
    if method != _DEFLATED:
        text = f"{what} is compressed by method {method}; store or deflate it"
        raise BadArchive(text, Cause.BAD_MANIFEST)
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, LONGEST_FILE + 1)
    except zlib.error as problem:
        raise damaged(f"{what} cannot be inflated ({problem})") from problem


def shown(name: str) -> str:
    """Returns a name as a refusal quotes it: on one line, and no longer than a line."""
    return ascii(name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}...")
