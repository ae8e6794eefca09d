"""The entries of a zip's directory, each checked by itself.

Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3.12, 4.4.2, 4.4.15 and 4.5.3.

Rules of the file:

- the bytes are hostile: every length is checked before it is followed, every loop has a bound;
- an entry is refused if Lambda would unzip it wrongly, or outside the function's folder; doubtful entries pass.
"""

from __future__ import annotations

import re
import stat
import struct
from typing import TYPE_CHECKING, NamedTuple

from controller.core.artifact.zip.directory import BadArchive, DirectoryPlace, damaged, too_many
from controller.core.artifact.zip.limits import MAX_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL_HEADER = 30
_FULL_32 = 0xFFFF_FFFF
_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_MAX_FIELDS = 32
"""Extra fields searched per entry; an extra of 64 KB has room for 16,000."""
_KIND = 0o170000
_KINDS = frozenset({0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK})
_UNIX, _MACOS = 3, 19
"""Hosts with trustworthy modes. Other hosts may fill the same bits; whether Lambda obeys these is unknown."""
_WINDOWS = (0, 10, 11, 14)
"""FAT, NTFS by the format and by Info-ZIP, VFAT: hosts without modes."""
FROM_WINDOWS = 0o170644
"""The mode given to a file zipped without one: Lambda may read such a file, and may not execute it."""
_MAX_SHOWN = 120

_LEAVES_THE_FOLDER = re.compile(r"\0|\A(?:/|[A-Za-z]:|\Z)|(?:\A|/)\.\.(?:/|\Z)")
_BACKSLASH = (
    "has a backslash in its name, which Lambda takes for a letter of the name and not for a folder; zip with / between"
    " folders (7-Zip, tar -a or PowerShell 7; not Compress-Archive of Windows PowerShell 5, nor aws cloudformation"
    " package on Windows)"
)


class Entry(NamedTuple):
    """One file, folder or link; ``offset`` is where its local header begins. Sizes are in bytes.

    ``packed`` is the compressed size, ``name`` the raw bytes in the zip. ``mode`` is a Unix mode with the kind of file,
    such as 0o100644; FROM_WINDOWS for a zip without modes, 0 if unknown.
    """

    offset: int
    name: bytes
    packed: int
    size: int
    method: int
    crc: int
    mode: int = 0

    @property
    def least_end(self) -> int:
        """The earliest end of the entry; its local header may be longer than the minimum."""
        return self.offset + _LOCAL_HEADER + len(self.name) + self.packed

    @property
    def is_link(self) -> bool:
        """Is the entry a symbolic link, whose content is its target?"""
        return stat.S_ISLNK(self.mode)


def entries(directory: bytes, place: DirectoryPlace) -> Iterator[tuple[str, Entry]]:
    """Yields the decoded name and the entry of each, in order.

    Raises BadArchive for the first entry that must not be deployed, and for a directory with another count than
    claimed.
    """
    at, number = 0, 0
    while at < len(directory) or number < place.entries:
        number += 1
        if number > MAX_ENTRIES:
            raise too_many(number, len(directory))
        if not directory.startswith(b"PK\1\2", at) or at + _ENTRY.size > len(directory):
            raise damaged(f"its directory lacks entry {number} of {place.entries}")
        _, made_by, _, flags, method, _, _, *more, attributes, offset = _ENTRY.unpack_from(directory, at)
        crc, packed, size, name_length, extra_length, comment_length, _, _ = more
        extra_at = at + _ENTRY.size + name_length
        raw = directory[at + _ENTRY.size : extra_at]
        name = _checked_name(raw, flags)
        if _FULL_32 in (size, packed, offset):
            extra = directory[extra_at : extra_at + extra_length]
            size, packed, offset = _widened(name, extra, (size, packed, offset))
        if (crc == 0) != (size == 0) and not name.endswith("/"):
            raise _refused(
                name,
                f"has {size} bytes and the checksum {crc:08x} in the zip's directory, which cannot be so, and Lambda"
                " would not unzip it; write the zip with another tool"
                " (the npm package deterministic-zip writes 0 for every checksum)",
            )
        if offset + _LOCAL_HEADER + name_length + packed > place.offset:
            raise damaged(f"{shown(name)} reaches into its directory")
        yield name, Entry(offset, raw, packed, size, method, crc, _mode(name, made_by >> 8, attributes >> 16))
        at = extra_at + extra_length + comment_length
    if not place.is_said_to_list(number):
        raise damaged(f"its directory lists other than the {place.entries} entries it is said to list")


def without_dot(name: str) -> str:
    """Returns a name without its leading "./", however often repeated."""
    while name.startswith("./"):
        name = name[2:]
    return name


def shown(name: str) -> str:
    """Returns a name for a refusal: quoted on one line, and cut to the length of a line."""
    return ascii(name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}...")


def _checked_name(raw: bytes, flags: int) -> str:
    name, is_known = _decoded(raw)
    if flags & _ENCRYPTED:
        raise _refused(name, "is encrypted and Lambda has no password; zip it without one")
    if b"\\" in raw and is_known:
        raise _refused(name, _BACKSLASH)
    if (b".." in raw or b"\0" in raw or raw[:1] in b"/" or raw[1:2] == b":") and _LEAVES_THE_FOLDER.search(name):
        raise _refused(
            name, "would not be unzipped into the function's folder; use relative names with / and without .."
        )
    return without_dot(name) or name if raw[:1] == b"." else name


def _decoded(raw: bytes) -> tuple[str, bool]:
    """Returns a name, and whether its encoding is known."""
    try:
        # Many tools write UTF-8 without the flag for it.
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        # In other code pages, such as Shift JIS, a letter may end with a backslash's byte.
        return raw.decode("cp437"), False


def _mode(name: str, host: int, mode: int) -> int:
    kind = mode & _KIND
    if kind not in _KINDS:
        raise _refused(name, "is neither a file nor a folder; leave it out")
    if host in (_UNIX, _MACOS) or kind == stat.S_IFLNK:
        return mode
    return FROM_WINDOWS if host in _WINDOWS and not mode and not name.endswith("/") else 0


def _widened(name: str, extra: bytes, narrow: tuple[int, int, int]) -> tuple[int, int, int]:
    """Returns size, packed size and offset; values at the maximum are taken from the zip64 field, which lists no
    others.
    """
    wanted, at = narrow.count(_FULL_32), 0
    for _ in range(_MAX_FIELDS):
        if at + 4 > len(extra):
            break
        field, length = struct.unpack_from("<2H", extra, at)
        if field == 1 and 8 * wanted <= length <= len(extra) - at - 4:
            wide = iter(struct.unpack_from(f"<{wanted}Q", extra, at + 4))
            size, packed, offset = (next(wide) if value == _FULL_32 else value for value in narrow)
            return size, packed, offset
        at += 4 + length
    raise damaged(f"{shown(name)} lacks its zip64 sizes")


def _refused(name: str, problem: str) -> BadArchive:
    # ascii() doubles a backslash, and the uploader would look for a name with two.
    return BadArchive(f"the zip's entry {shown(name).replace(2 * chr(92), chr(92))} {problem}")
