"""Zips that lie, written byte by byte: ``Zip`` writes any field of any record; the tables are known ways to do harm.

Source for the layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.

Note: ``zipfile`` cannot write most of these, and where it can it takes minutes for 100,000 entries.
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
    head = (b"PK\1\2", of.get("made_by", 0x314), 20, of["flags"], of["method"], 0, 0)
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
_MANY = 100_000

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
    "a link out of the folder": lambda: holding(_link("link", "/etc/passwd")),
    "a link out of the folder by way of another": lambda: holding(_link("a/b", "../.."), _link("c", "a/b/../x")),
    "a link with a file behind it": lambda: holding(_link("out", "/opt"), File(b"out/evil.py")),
    "a link in a circle": lambda: holding(_link("a", "b"), _link("b", "a")),
    "a link to a bomb": lambda: holding(_link("a", "", content=ZEROS, deflate=True, central={"size": 99})),
    "a link to 5,000 bytes": lambda: holding(_link("a", "x" * 5_000)),
    "a link that is not where it should be": lambda: holding(_link("a", "lib", central={"offset": 1})),
    "the manifest as a link out of the folder": lambda: Zip((File(b"app.py", APP), _link("slipway.json", "../x"))),
    "the manifest as a link to itself": lambda: Zip((File(b"app.py", APP), _link("slipway.json", "slipway.json"))),
    "a handler that only its owner may read": lambda: Zip(
        (replace(good().files[0], central={"attributes": 0o100600 << 16}), good().files[1])
    ),
    "checksums of 0": lambda: holding(File(b"a", b"a", central={"crc": 0})),
    "one file listed twice": lambda: holding(File(b"a", b"a"), File(b"a", b"a", central={"offset": _at_the_end()})),
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
    "parts of zip64 said without it": lambda: said(part=FULL_16, first=FULL_16),
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
    "padding behind": lambda: replace(good(), after=bytes(10_240)),
    "bytes behind": lambda: replace(good(), after=b"signed by"),
    "half of a zip": lambda: good().written()[: len(good().written()) // 2],
    "a gzip": lambda: b"\x1f\x8b\x08" + bytes(1000),
    "random bytes": lambda: random.Random(1).randbytes(300_000),
}
"""Zips that are refused, or may be deployed only because what they lie about is nobody's concern."""

CROWDED: Mapping[str, Callable[[], Zip | bytes]] = {
    "200,000 entries": lambda: replace(crowd(200_000), is_wide=True),
    "100,000 entries of the same bytes": lambda: replace(crowd(_MANY, central={"offset": 0}), is_wide=True),
    "names of 64 KB": lambda: crowd(195, lambda number: b"%03d/" % number + b"x" * 65_000),
    "more than 12 MB of names": lambda: crowd(200, lambda number: b"%03d/" % number + b"x" * 65_000),
    "12 MB of comments": lambda: crowd(195, comment=b"PK\1\2" * 16_000),
    "links all over": lambda: crowd(20_000, content=b"../x", central={"attributes": LINK}),
}
"""As many entries, and as long, as there may be, or more."""

WORST: Mapping[str, Callable[[], Zip | bytes]] = {
    "100,000 files": lambda: _crowd_of_many(lambda number: b"node_modules/package/lib/module-%06d.js" % number),
    "100,000 files deep down": lambda: _crowd_of_many(lambda number: b"%06d/" % number + b"d/" * 30 + b"app.py"),
    "100,000 names in another alphabet": lambda: _crowd_of_many(lambda number: b"%06d" % number + b"\x84" * 70),
    "100,000 names with a letter of four bytes": lambda: _crowd_of_many(
        lambda number: b"%06d" % number + b"x" * 60 + "\U0001f600".encode()
    ),
    "100,000 files, and a payload among them": lambda: replace(
        _testing(1, File(b"0.json", b"{}"), *crowd(_MANY - 3, lambda number: b"%06d/" % number + b"x" * 70).files),
        is_wide=True,
    ),
    "10,000 links": lambda: crowd(
        10_000, lambda number: b"bin/%06d" % number, content=b"../x", central={"attributes": LINK}
    ),
    "100,000 links": lambda: replace(
        crowd(_MANY, lambda number: b"bin/%06d" % number, content=b"../x", central={"attributes": LINK}), is_wide=True
    ),
    "links of 4 KB through deep folders": lambda: Zip(
        (
            *good().files,
            *(_link(f"{'d' * 3_000}/{number:03}", "x/../" * 800 + "y") for number in range(130)),
        )
    ),
    "links far from each other": lambda: Zip(
        tuple(part for number in range(99) for part in (_link(f"l{number}", "x"), File(b"%d" % number, bytes(70_000))))
    ),
    "12 MB of extra fields": lambda: crowd(
        195, extra=_fields(16_000, WIDE_SIZES), central={"size": FULL_32, "packed": FULL_32, "offset": FULL_32}
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
    "200,000 entries": CROWDED["200,000 entries"],
    "100,000 entries of the same bytes": CROWDED["100,000 entries of the same bytes"],
    "a comment of end records": CASES["a comment of end records"],
    "12 MB of comments": CROWDED["12 MB of comments"],
    "names of 64 KB": CROWDED["names of 64 KB"],
}
"""Those that take the most time or memory that is known."""
WORST_OF_ALL = (
    "100,000 names in another alphabet",
    "100,000 links",
    "links of 4 KB through deep folders",
    "20 payloads of 256 KB",
    "a manifest of 256 KB",
    "a manifest of as many values as there may be",
    "12 MB of extra fields",
)
"""What ``make test`` has the time to measure: each is the worst in a way of its own, or was before it was bounded."""


def _link(name: str, target: str, **about: object) -> File:
    made = File(name.encode(), target.encode())
    return replace(made, **{**about, "central": {"attributes": LINK, **about.get("central", {})}})  # type: ignore[arg-type, dict-item]


def _at_the_end() -> int:
    """Returns where the first file begins that is added to a good zip."""
    return len(Zip(good().files).written()) - sum(46 + len(file.name) for file in good().files) - 22


def _crowd_of_many(name: Callable[[int], bytes]) -> Zip:
    return replace(crowd(_MANY, name), is_wide=True)


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
