"""The check of a zip of 250 MB and 8,000 files: the parts that are read of it, and the memory that this takes.

The zip is sparse: its manifest is at the start, its directory at the end, and nobody may read what is between.

Note: the GET of the function's manifest in the bucket is not of the zip and not ranged; it is shown beside them.
"""

from __future__ import annotations

import tracemalloc

from bench.row import Row
from controller.aws.s3.artifacts import Artifacts, Inspection
from controller.core.model.events import ArtifactUploaded
from tests.adapters.fake_s3 import BUCKET, FakeS3
from tests.builders import NOW
from tests.cloud.sparse import Sparse, large_zip
from tests.cloud.zips import zipped

_KEY = "checkout/build.zip"
_FILES = 8_000
_GETS = 3
_MEBIBYTE = 1024 * 1024
_MEMORY = 20_000_000


def measured() -> Row:
    """Returns the row of the check."""
    _inspect(_holding(zipped("v1")))  # what botocore loads once is not what is measured
    s3 = _holding(large_zip(_FILES))
    tracemalloc.start()
    try:
        found = _inspect(s3)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    ranged = sum(span != "all" for span, _ in s3.asked)
    saw_all = found.opened.manifest == "{}" and len(found.opened.archive.names) == _FILES + 1
    return judged(ranged, len(s3.asked) - ranged, s3.sent, memory, saw_all=saw_all)


def judged(ranged: int, whole: int, sent: int, memory: int, *, saw_all: bool) -> Row:
    """Compares with the bar; ``saw_all`` False says that the check missed the manifest or a file."""
    read = f"{ranged} ranged GETs (and {whole} of the bucket's manifest), {sent / _MEBIBYTE:.2f} MiB"
    return Row(
        f"artifact check, 250 MB, {_FILES:,} files",
        f"{_GETS} ranged GETs, < 1 MiB read, < 20 MB memory",
        f"{read}, {memory / 1e6:.1f} MB" + ("" if saw_all else "; FILES WERE MISSED"),
        saw_all and ranged <= _GETS and whole <= 1 and sent < _MEBIBYTE and memory < _MEMORY,
        {"ranged_gets": ranged, "whole_gets": whole, "bytes_read": sent, "bytes_of_memory": memory},
    )


def _holding(content: bytes | Sparse) -> FakeS3:
    s3 = FakeS3()
    s3.holds(_KEY, content)
    return s3


def _inspect(s3: FakeS3) -> Inspection:
    return Artifacts(s3.client()).inspect(ArtifactUploaded(BUCKET, _KEY, "v1", "0A", NOW))
