"""Reads one file of a zip: the bytes to fetch for it, and its content.

Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.4.5.

The bytes are hostile: nothing is inflated beyond the directory's claimed size, which is bounded. A refusal never quotes
a file's content, which may be a secret.
"""

from __future__ import annotations

import struct
import zlib

from controller.core.artifact.zip.directory import BadArchive, DirectoryPlace, damaged
from controller.core.artifact.zip.entries import Entry
from controller.core.artifact.zip.limits import MAX_FILE_SIZE
from controller.core.manifest import json_mistakes
from controller.core.model import Cause

MAX_EXTRA_SIZE = 0xFFFF
"""In bytes: the extra field of a local header, whose true length only the header itself knows."""

_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
READ_METHODS = (_STORED, _DEFLATED)
_DEFLATE_OVERHEAD = 1024


def span_of(entry: Entry, place: DirectoryPlace, what: str) -> tuple[int, int]:
    """Returns offset and length of the bytes needed by ``extract``. Raises BadArchive for a file too large.

    ``what`` describes the file in a refusal.
    """
    if entry.size > MAX_FILE_SIZE or entry.packed > MAX_FILE_SIZE + _DEFLATE_OVERHEAD:
        text = f"{what} has {max(entry.size, entry.packed)} bytes; at most {MAX_FILE_SIZE} are read"
        raise BadArchive(text, Cause.BAD_MANIFEST)
    return entry.offset, min(entry.least_end + MAX_EXTRA_SIZE, place.offset) - entry.offset


def extract(span: bytes, entry: Entry, what: str) -> str:
    """Returns the file's text from the bytes of ``span_of``. Raises BadArchive."""
    return as_text(content_of(span, entry, what), what)


def content_of(span: bytes, entry: Entry, what: str) -> bytes:
    """Returns the file at the beginning of ``span``. Raises BadArchive. The caller has bounded the entry's size."""
    start = _LOCAL.size + len(entry.name)
    if len(span) < start or not span.startswith(b"PK\3\4"):
        raise _elsewhere(entry, what)
    # Lengths are the header's last two fields: where the file begins depends on both.
    *_, name_length, extra_length = _LOCAL.unpack_from(span)
    if name_length != len(entry.name) or span[_LOCAL.size : start] != entry.name:
        raise _elsewhere(entry, what)
    start += extra_length
    content = _unpacked(span[start : start + entry.packed], entry, what)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise damaged(f"{what} does not match its checksum")
    return content


def as_text(content: bytes, what: str) -> str:
    """Returns bytes as text. Raises BadArchive unless they are UTF-8; ``what`` describes the file in the refusal."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        text = f"{what} {json_mistakes.of_bytes(content, problem.start)}"
        raise BadArchive(text, Cause.BAD_MANIFEST) from None  # the original message quotes the byte


def _unpacked(packed: bytes, entry: Entry, what: str) -> bytes:
    if entry.method == _STORED:
        return packed
    if entry.method != _DEFLATED:
        text = f"{what} is compressed by method {entry.method}; store or deflate it"
        raise BadArchive(text, Cause.BAD_MANIFEST)
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, entry.size + 1)
    except zlib.error as problem:
        raise damaged(f"{what} cannot be inflated ({problem})") from problem


def _elsewhere(entry: Entry, what: str) -> BadArchive:
    return damaged(f"{what} is not at byte {entry.offset}, where its directory has it")
