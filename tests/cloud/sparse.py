"""A zip of 250 MB in memory that takes a megabyte: only the parts that are not zeros are kept."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass

_MOVED = 250_000_000


@dataclass(frozen=True)
class Sparse:
    """An object of which only some parts are kept, by where they begin: the bytes between them are zeros."""

    size: int
    parts: dict[int, bytes]

    def __getitem__(self, span: slice) -> bytes:
        whole = bytearray(span.stop - span.start)
        for at, part in self.parts.items():
            first, last = max(at, span.start), min(at + len(part), span.stop)
            if first < last:
                whole[first - span.start : last - span.start] = part[first - at : last - at]
        return bytes(whole)

    def __len__(self) -> int:
        return self.size

    @property
    def etag(self) -> str:
        found = hashlib.md5(str(self.size).encode(), usedforsecurity=False)
        for part in self.parts.values():
            found.update(part)
        return found.hexdigest()


def large_zip(entries: int) -> Sparse:
    """Returns a zip of 250 MB: a manifest, and modules whose bytes, all zero, are not in it as zipfile made it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("slipway.json"), "{}")
        for number in range(entries):
            archive.writestr(zipfile.ZipInfo(f"package/lib/module-{number:05}.js"), "")
    content = bytearray(written.getvalue())
    directory = int.from_bytes(content[-6:-2], "little")
    content[-6:-2] = (directory + _MOVED).to_bytes(4, "little")
    parts = {0: bytes(content[:directory]), directory + _MOVED: bytes(content[directory:])}
    return Sparse(len(content) + _MOVED, parts)
