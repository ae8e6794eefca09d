"""Zips that lie, written byte by byte: ``Zip`` writes any field of any record; the tables are known ways to do harm.

Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.

What a newcomer would get wrong: ``zipfile`` cannot write most of these, and where it can it takes minutes for 100,000
entries.
"""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

FULL_16, FULL_32 = 0xFFFF, 0xFFFF_FFFF
LINK, REGULAR = 0o120777 << 16, 0o100644 << 16
APP = b"def handler(event, context):\n    return {'ok': True}\n"
MANIFEST = {
    "tests": [],
    "function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": "arn:aws:iam::123456789012:role/checkout"},
}


@dataclass(frozen=True)
class File:
    """One entry. ``local`` and ``central`` are fields of its two headers that lie; ``extra`` stands in both."""

    name: bytes
    content: bytes = b""
    deflate: bool = False
    extra: bytes = b""
    comment: bytes = b""
    local: Mapping[str, int] = field(default_factory=dict)
    central: Mapping[str, int] = field(default_factory=dict)
    descriptor: bool = False

    def packed(self) -> bytes:
        if not self.deflate:
            return self.content
        deflating = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return deflating.compress(self.content) + deflating.flush()


@dataclass(frozen=True)
class Zip:
    """A zip file. ``end``, ``wide`` and ``locator`` are fields of its last records that lie; the last two are written
    where ``is_wide``.
    """

    files: tuple[File, ...] = ()
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""
    comment: bytes = b""
    is_wide: bool = False
    end: Mapping[str, int] = field(default_factory=dict)
    wide: Mapping[str, int] = field(default_factory=dict)
    locator: Mapping[str, int] = field(default_factory=dict)

    def written(self) -> bytes:
        written, directory = bytearray(self.before), bytearray()
        for file in self.files:
            offset = len(written)
            packed = file.packed()
            fields = {
                "flags": 8 if file.descriptor else 0,
                "method": 8 if file.deflate else 0,
                "crc": zlib.crc32(file.content),
                "packed": len(packed),
                "size": len(file.content),
                "name": len(file.name),
                "extra": len(file.extra),
            }
            hidden = {"crc": 0, "packed": 0, "size": 0} if file.descriptor else {}
            written += _local({**fields, **hidden, **file.local}) + file.name + file.extra + packed
            if file.descriptor:
                written += struct.pack("<4s3L", b"PK\7\x08", fields["crc"], len(packed), len(file.content))
            more = {"comment": len(file.comment), "attributes": REGULAR, "offset": offset}
            directory += _central({**fields, **more, **file.central}) + file.name + file.extra + file.comment
        written += self.between
        return bytes(written + directory + self._ends(len(written), len(directory)) + self.after)

    def _ends(self, offset: int, length: int) -> bytes:
        count = len(self.files)
        found = {"part": 0, "first": 0, "here": count, "entries": count, "length": length, "offset": offset}
        narrow = {**found, "comment": len(self.comment)}
        if not self.is_wide:
            return _end({**narrow, **self.end}) + self.comment
        full = {"here": FULL_16, "entries": FULL_16, "length": FULL_32, "offset": FULL_32}
        wide = _wide({**found, "more": 44, **self.wide})
        locator = _locator({"part": 0, "at": offset + length, "parts": 1, **self.locator})
        return wide + locator + _end({**narrow, **full, **self.end}) + self.comment


def _local(of: Mapping[str, int]) -> bytes:
    sizes = (of["crc"], of["packed"], of["size"], of["name"], of["extra"])
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, of["flags"], of["method"], 0, 0, *sizes)


def _central(of: Mapping[str, int]) -> bytes:
    sizes = (of["crc"], of["packed"], of["size"], of["name"], of["extra"], of["comment"])
    head = (b"PK\1\2", 0x314, 20, of["flags"], of["method"], 0, 0)
    return struct.pack("<4s6H3L5H2L", *head, *sizes, 0, 0, of["attributes"], of["offset"])


def _end(of: Mapping[str, int]) -> bytes:
    counts = (of["part"], of["first"], min(of["here"], FULL_16), min(of["entries"], FULL_16))
    return struct.pack("<4s4H2LH", b"PK\5\6", *counts, of["length"], of["offset"], of["comment"])


def _wide(of: Mapping[str, int]) -> bytes:
    counts = (of["part"], of["first"], of["here"], of["entries"], of["length"], of["offset"])
    return struct.pack("<4sQ2H2L4Q", b"PK\6\6", of["more"], 45, 45, *counts)


def _locator(of: Mapping[str, int]) -> bytes:
    return struct.pack("<4sLQL", b"PK\6\7", of["part"], of["at"], of["parts"])


def good(**sections: object) -> Zip:
    """Returns a zip that may be deployed."""
    manifest = json.dumps({**MANIFEST, **sections}).encode()
    return Zip((File(b"app.py", APP), File(b"slipway.json", manifest, deflate=True)))


def holding(*files: File) -> Zip:
    """Returns a zip that may be deployed, but for those files."""
    return replace(good(), files=(*good().files, *files))


def said(**fields: int) -> Zip:
    """Returns a good zip whose end record lies."""
    return replace(good(), end=fields)


def with_manifest(content: bytes, **about: object) -> Zip:
    return Zip((File(b"app.py", APP), replace(File(b"slipway.json", content, deflate=True), **about)))  # type: ignore[arg-type]


def crowd(count: int, name: Callable[[int], bytes] = lambda number: b"%06d.py" % number, **about: object) -> Zip:
    """Returns a zip of that many files; ``about`` are more members of each."""
    return Zip(tuple(replace(File(name(number)), **about) for number in range(count)))  # type: ignore[arg-type]


def _fields(count: int, last: bytes = b"") -> bytes:
    return struct.pack("<2H", 0x7075, 0) * count + last


ZEROS = bytes(16 * 1024 * 1024)
WIDE_SIZES = struct.pack("<2H3Q", 1, 24, 0, 0, 0)
_MANY = 65_535

CASES: Mapping[str, Callable[[], Zip | bytes]] = {
    # -- bombs
    "a manifest of 16 MB": lambda: with_manifest(ZEROS),
    "a manifest of 16 MB that says 100 bytes": lambda: with_manifest(ZEROS, central={"size": 100}, local={"size": 100}),
    "a payload of 16 MB that says 100 bytes": lambda: _testing(
        1, File(b"0.json", ZEROS, deflate=True, central={"size": 100})
    ),
    "a total beyond Lambda's limit": lambda: holding(File(b"big", central={"size": 262_144_001})),
    "a total beyond 64 bits": lambda: crowd(9, extra=struct.pack("<2HQ", 1, 8, 2**63), central={"size": FULL_32}),
    "a zip in a zip in a zip": lambda: holding(File(b"in.zip", holding(File(b"in.zip", good().written())).written())),
    # -- entries
    "overlapping entries": lambda: holding(File(b"a", bytes(99)), File(b"b", bytes(99), central={"offset": 10})),
    "a symbolic link": lambda: holding(File(b"link", b"/etc/passwd", central={"attributes": LINK})),
    "an absolute path": lambda: holding(File(b"/etc/passwd")),
    "a way out": lambda: holding(File(b"a/../../b")),
    "a drive letter": lambda: holding(File(b"C:evil")),
    "a backslash": lambda: holding(File(b"..\\evil")),
    "the manifest twice": lambda: holding(File(b"slipway.json", b"{}")),
    "the manifest twice, once with a dot": lambda: holding(File(b"./slipway.json", b"{}")),
    "an encrypted entry": lambda: holding(File(b"secret", central={"flags": 1})),
    "an encrypted manifest": lambda: with_manifest(b"{}", central={"flags": 1}, local={"flags": 1}),
    "an unknown compression": lambda: with_manifest(b"{}", central={"method": 99}, local={"method": 99}),
    "a manifest that is not where it should be": lambda: with_manifest(b"{}", central={"offset": 3}),
    "a manifest behind its directory": lambda: with_manifest(b"{}", central={"offset": 2**31}),
    "a manifest of another length": lambda: with_manifest(b"{}", central={"packed": 1}),
    "a manifest with another checksum": lambda: with_manifest(b"{}", central={"crc": 1}),
    # -- the directory
    "too many entries said": lambda: said(entries=9, here=9),
    "too few entries said": lambda: said(entries=1, here=1),
    "65,535 entries said": lambda: said(entries=FULL_16, here=FULL_16),
    "no entries said": lambda: said(entries=0, here=0),
    "a directory elsewhere": lambda: said(offset=0),
    "a directory of 4 GB": lambda: said(length=FULL_32 - 1),
    "a part of several": lambda: said(part=1),
    "a comment that is not there": lambda: said(comment=9),
    "a comment of end records": lambda: replace(good(), comment=b"PK\5\6" * 16_383),
    "no zip64 where it is said to be": lambda: said(entries=FULL_16, here=FULL_16, length=FULL_32, offset=FULL_32),
    "a zip64 record elsewhere": lambda: replace(good(), is_wide=True, locator={"at": 2**63}),
    "a zip64 record that disagrees": lambda: replace(good(), is_wide=True, end={"entries": 7, "here": 7}),
    "2^64 entries": lambda: replace(good(), is_wide=True, wide={"entries": 2**64 - 1, "here": 2**64 - 1}),
    "a directory beyond 64 bits": lambda: replace(
        good(), is_wide=True, wide={"offset": 2**64 - 1, "length": 2**64 - 1}
    ),
    "zip64 sizes that are not there": lambda: holding(File(b"a", central={"size": FULL_32})),
    # -- the file
    "nothing": lambda: b"",
    "one byte": lambda: b"P",
    "an end record and nothing else": Zip,
    "bytes before": lambda: replace(good(), before=b"#!/bin/sh\n"),
    "bytes before its directory": lambda: replace(good(), between=b"gap", end={"offset": 3}),
    "bytes behind": lambda: replace(good(), after=b"\n"),
    "half of a zip": lambda: good().written()[: len(good().written()) // 2],
    "a gzip": lambda: b"\x1f\x8b\x08" + bytes(1000),
    "random bytes": lambda: random.Random(1).randbytes(300_000),
}
"""Zips that are refused, or may be deployed only because what they lie about is nobody's concern."""

CROWDED: Mapping[str, Callable[[], Zip | bytes]] = {
    "100,000 entries": lambda: replace(crowd(100_000), is_wide=True),
    "65,535 entries of the same bytes": lambda: crowd(_MANY, central={"offset": 0}),
    "names of 64 KB": lambda: crowd(127, lambda number: b"%03d/" % number + b"x" * 65_000),
    "more than 8 MB of names": lambda: crowd(140, lambda number: b"%03d/" % number + b"x" * 65_000),
    "8 MB of comments": lambda: crowd(127, comment=b"PK\1\2" * 16_000),
}
"""As many entries, and as long, as there may be, or more."""

WORST: Mapping[str, Callable[[], Zip | bytes]] = {
    "65,535 files": lambda: crowd(_MANY, lambda number: b"node_modules/package/lib/module-%06d.js" % number),
    "65,535 files deep down": lambda: crowd(_MANY, lambda number: b"%06d/" % number + b"d/" * 12 + b"app.py"),
    "65,535 names in another alphabet": lambda: crowd(_MANY, lambda number: b"%06d" % number + b"\x84" * 70),
    "65,535 files, and a payload among them": lambda: _testing(
        1, File(b"0.json", b"{}"), *crowd(_MANY - 3, lambda number: b"%06d/" % number + b"x" * 70).files
    ),
    "8 MB of extra fields": lambda: crowd(
        127, extra=_fields(16_000, WIDE_SIZES), central={"size": FULL_32, "packed": FULL_32, "offset": FULL_32}
    ),
    "20 payloads of 256 KB": lambda: _payloads(20, b"[" + b"[]," * 87_000 + b"[]]"),
    "a payload of 256 KB": lambda: _payloads(1, b"[" + b"[]," * 87_000 + b"[]]"),
    "a manifest of 256 KB": lambda: with_manifest(b'{"tests":[' + b"{}," * 87_000 + b"{}]}"),
    "a manifest of as many values as there may be": lambda: with_manifest(
        json.dumps({"tests": [{"name": "a", "response": {"type": [[], *range(1_480)]}}]}).encode()
    ),
    "a response of as many values as there may be": lambda: with_manifest(
        json.dumps({"tests": [{"name": "a", "response": {"allOf": [{}] * 1_480}}]}).encode()
    ),
    "a manifest of one key twice": lambda: with_manifest(
        ("{" + ",".join(f'"{number}":0' for number in [*range(20_000), *range(9)]) + "}").encode()
    ),
    "a manifest of 16 MB that says 100 bytes": CASES["a manifest of 16 MB that says 100 bytes"],
    "100,000 entries": CROWDED["100,000 entries"],
    "65,535 entries of the same bytes": CROWDED["65,535 entries of the same bytes"],
    "a comment of end records": CASES["a comment of end records"],
    "8 MB of comments": CROWDED["8 MB of comments"],
    "names of 64 KB": CROWDED["names of 64 KB"],
}
"""Those that take the most time or memory that is known."""
WORST_OF_ALL = (
    "65,535 names in another alphabet",
    "20 payloads of 256 KB",
    "a manifest of 256 KB",
    "a manifest of as many values as there may be",
    "8 MB of extra fields",
)
"""What ``make test`` has the time to measure: each is the worst in a way of its own, or was before it was bounded."""


def _testing(count: int, *files: File) -> Zip:
    """Returns a zip with tests whose payloads are files of it."""
    made = good(tests=[{"name": f"t{number}", "payload_file": f"{number}.json"} for number in range(count)])
    return replace(made, files=(*files, *made.files))


def _payloads(count: int, content: bytes) -> Zip:
    return _testing(count, *(File(b"%d.json" % number, content, deflate=True) for number in range(count)))


@cache
def written(name: str) -> bytes:
    """Returns the bytes of a case."""
    made = {**CASES, **CROWDED, **WORST}[name]()
    return made if isinstance(made, bytes) else made.written()
