"""Finds a zip's directory, using the file's last bytes.

A zip ends with a directory of its entries, followed by a record with the directory's place. So a 250 MB zip is checked
by reading a few hundred kilobytes. Source: PKWARE APPNOTE 6.3.10, sections 4.3.14 to 4.3.16.

Rules of the file:

- the bytes are hostile: every number is checked before it is followed;
- a file that two readers could take for two different zips is refused, not interpreted.

Note: a comment may follow the record, and may look like another record. Padding may follow both: bsdtar fills a stream
up to 10,240 bytes with zeros, a shell adds a newline, and every reader accepts this.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.core.artifact.zip.limits import MAX_DIRECTORY_SIZE, MAX_ENTRIES
from controller.core.model import Cause, Reason, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 128 * 1024
"""Bytes at a zip's end that always include its end record: 22, a comment of up to 65,535, and 76 of zip64."""

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_BEFORE_MORE = 12
"""Bytes of the zip64 record not counted by its own length field."""
_FULL = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
"""Two part numbers, two entry counts, length and offset; these values mean that the zip64 record has the real ones."""
_OF_PARTS = 3
"""The first numbers of ``_FULL``: part numbers of a split zip."""
_COUNTED = 1 << 16
"""The narrow record's count of entries is modulo this number."""
_PADDING = b"\0\t\n\r\x1a "
_MAX_BEHIND = 0xFFFF
"""Bytes after the end record, comment included, up to which every reader finds the record."""


class BadArchive(Refused):
    """The zip cannot be deployed; the text names the problem, the entry, and the remedy."""

    def __init__(self, text: str, cause: Cause = Cause.BAD_ARTIFACT) -> None:
        super().__init__(Reason(cause, text))


class EndMissing(BadArchive):
    """The end record is missing; ``without_end`` finds the reason in the file's first bytes."""


@dataclass(frozen=True, slots=True)
class DirectoryPlace:
    """The directory's place, in bytes from the start, and its claimed number of entries.

    ``is_narrow`` is True for a 16-bit count. Tools without zip64 (jszip, fflate) leave 4,464 there for 70,000 entries,
    and readers go on counting. Sources: OpenJDK, ZipFile.java initCEN; Go, archive/zip reader.go; Info-ZIP unzip 6.0,
    extract.c, 2026-11.
    """

    offset: int
    length: int
    entries: int
    is_narrow: bool = False

    def is_said_to_list(self, number: int) -> bool:
        """Does the claimed count allow this number of entries?"""
        return number == self.entries or (self.is_narrow and number % _COUNTED == self.entries)


def find_directory(tail: bytes, total: int) -> DirectoryPlace:
    """Returns the directory's place in a file of ``total`` bytes. Raises BadArchive.

    ``tail`` has the last TAIL bytes, or the whole of a shorter file.
    """
    at, end = _end_record(tail)
    _, *said, _ = _END.unpack_from(tail, at)
    locator = at - _LOCATOR.size
    if locator >= 0 and tail.startswith(b"PK\6\7", locator):
        place, ends_at = _zip64(tail, locator, total, said)
    else:
        _check_whole(said[:2], *said[2:4])
        place, ends_at = DirectoryPlace(said[5], said[4], said[3], is_narrow=True), total - len(tail) + at
    if end < len(tail):
        _check_padding(tail[end:], len(tail) - at - _END.size, place, ends_at, total)
    return _checked(place, ends_at, tail, ends_at - place.length - (total - len(tail)))


def without_end(head: bytes) -> BadArchive:
    """Returns why a file that begins with ``head`` has no end record."""
    if head.startswith(b"PK\3\4"):
        return BadArchive("the zip is truncated: it begins as one, but does not end as one; upload it again, whole")
    return BadArchive(f"not a zip: it begins with {head[:4]!r}; upload a .zip with the function's files")


def damaged(what: str) -> BadArchive:
    """Returns the refusal of a zip whose parts contradict each other."""
    return BadArchive(f"the zip is damaged: {what}; zip the files again and upload the zip whole")


def _end_record(tail: bytes) -> tuple[int, int]:
    """Returns where the end record begins, and where it ends with its comment: at the file's end, or before padding."""
    last, at = None, len(tail) - _END.size + 4
    while (at := tail.rfind(b"PK\5\6", 0, max(at, 0))) >= 0:
        end = at + _END.size + _END.unpack_from(tail, at)[-1]
        if end == len(tail):
            return at, end
        if last is None and end < len(tail):
            last = at, end
        at += 3
    if last is None:
        raise EndMissing("not a whole zip: it has no end record; upload it again, whole")
    return last


def _check_padding(behind: bytes, longest: int, place: DirectoryPlace, ends_at: int, total: int) -> None:
    """Checks the bytes after the end record; ``longest`` includes the comment. Raises EndMissing if the record belongs
    to another zip inside this one.
    """
    if place.offset + place.length != ends_at:
        raise EndMissing("not a whole zip: it has no end record; upload it again, whole")
    if behind.strip(_PADDING) or longest > _MAX_BEHIND:
        raise BadArchive(
            f"{len(behind)} bytes follow the zip's end, and not every tool unzips it then; cut them off"
            f" (truncate -s {total - len(behind)} build.zip), or zip the files again"
        )


def _zip64(tail: bytes, locator: int, total: int, said: Sequence[int]) -> tuple[DirectoryPlace, int]:
    """Returns the place by zip64's record, and where this record is. The narrow record must agree with it."""
    _, record_part, ends_at, parts = _LOCATOR.unpack_from(tail, locator)
    record = ends_at - (total - len(tail))
    if not 0 <= record <= locator - _END64.size or not tail.startswith(b"PK\6\6", record):
        raise damaged("its zip64 end record is not where it is said to be")
    _, more, _, _, part, first_part, here, entries, length, offset = _END64.unpack_from(tail, record)
    if record + _BEFORE_MORE + more != locator:
        raise damaged("its zip64 end record is not where it is said to be")
    _check_whole((record_part, max(parts - 1, 0), part, first_part), here, entries)
    found = (part, first_part, here, entries, length, offset)
    differ = [number for number in range(len(_FULL)) if said[number] not in (found[number], _FULL[number])]
    if differ and differ[0] < _OF_PARTS:
        raise _part_of_several()
    if differ:
        raise damaged("its two end records disagree")
    return DirectoryPlace(offset, length, entries), ends_at


def _check_whole(parts: Sequence[int], here: int, entries: int) -> None:
    # In a whole zip every part number is 0, and all entries are in this part.
    if any(parts) or here != entries:
        raise _part_of_several()


def _part_of_several() -> BadArchive:
    return BadArchive("the zip is one part of several; zip the files into one (zip without -s, 7z without -v)")


def too_many(entries: int, length: int) -> BadArchive:
    """Returns the refusal of a directory beyond Slipway's limits."""
    return BadArchive(
        f"the zip lists {entries} entries in {length} bytes; at most {MAX_ENTRIES} in {MAX_DIRECTORY_SIZE} bytes are"
        " read: put fewer files into it, or bundle them"
    )


def _checked(place: DirectoryPlace, ends_at: int, tail: bytes, begins: int) -> DirectoryPlace:
    """Returns the place if it is plausible. ``begins`` is the directory's beginning relative to the tail, counted back
    from its end; negative if before the tail.
    """
    said = place.offset + place.length
    if said < ends_at and begins >= 0 and tail.startswith(b"PK\1\2", begins):
        before = ends_at - said
        raise BadArchive(
            f"{before} bytes stand before the zip that its offsets do not count, and not every tool unzips it then; cut"
            f" them off (tail -c +{before + 1} build.zip > whole.zip), or zip the files again"
        )
    if said != ends_at:
        raise damaged(f"its directory should end at byte {said}, but byte {ends_at} is where it ends")
    if place.entries > MAX_ENTRIES or place.length > MAX_DIRECTORY_SIZE:
        raise too_many(place.entries, place.length)
    if not place.length:
        raise BadArchive("the zip holds no files; zip the function's files, not an empty folder")
    return place
