"""L1: what a dry run of UpdateFunctionCode says of a zip in S3, and how long it takes with a big one.

The big zip has one block of 8 MiB many times over. It is put together in S3 of copies of that block, so that the
person's connection carries two of them and not 200 MB. Every part but the last has at least 5 MiB. Source: S3 user
guide, multipart upload, and UploadPartCopy, 2026-11.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import time
import zipfile
from tempfile import TemporaryFile
from typing import IO, Any

from live.outcomes import Finding
from live.probe import Probe, probe, zipped
from live.run import Run
from live.waiting import Pause, Steps, Waiting

_PART = 8 * 1024 * 1024
_AT_MOST_SECONDS = 20


def steps(run: Run) -> Steps:
    """Asks about a small zip whose bytes are not those of $LATEST, then about a big one."""
    function = yield from probe(run, "l1")
    other = zipped("probe", remark="other bytes")
    uploaded = run.client("s3").put_object(Bucket=run.packages, Key="other.zip", Body=other)
    answered = _dry_run(function, "other.zip", uploaded["VersionId"])
    said = {
        _sha256(other): "the hash of the zip that was asked about",
        function.state()["CodeSha256"]: "the hash of $LATEST",
        "": "no hash",
    }.get(answered, f"neither the zip's hash nor that of $LATEST: {answered}")
    yield Finding("L1a", said, as_expected=answered == _sha256(other))
    version = yield from _big_zip(run, "big.zip")
    began = time.monotonic()
    _dry_run(function, "big.zip", version)
    seconds = time.monotonic() - began
    size = run.aws.big_zip_parts * _PART // 1_000_000
    yield Finding("L1b", f"{seconds:.1f} s with {size} MB", as_expected=seconds < _AT_MOST_SECONDS)


def _dry_run(function: Probe, key: str, version: str) -> str:
    answer = function.call(
        "update_function_code", S3Bucket=function.run.packages, S3Key=key, S3ObjectVersion=version, DryRun=True
    )
    return str(answer.get("CodeSha256", ""))


def _sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _big_zip(run: Run, key: str) -> Waiting[str]:
    """Puts the big zip together in S3 and returns its object version."""
    s3, place = run.client("s3"), {"Bucket": run.packages, "Key": key}
    with TemporaryFile() as file:
        first, block, last = _parts_of(file, run.aws.big_zip_parts)
    s3.put_object(Bucket=run.packages, Key="block", Body=block)
    upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    parts = [_tag(1, s3.upload_part(**upload, PartNumber=1, Body=first))]
    for number in range(2, run.aws.big_zip_parts + 1):
        source = {"Bucket": run.packages, "Key": "block"}
        copied = s3.upload_part_copy(**upload, PartNumber=number, CopySource=source)["CopyPartResult"]
        parts.append(_tag(number, copied))
        yield Pause(1 / 600, "the big zip to be put together")
    number = run.aws.big_zip_parts + 1
    parts.append(_tag(number, s3.upload_part(**upload, PartNumber=number, Body=last)))
    return str(s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["VersionId"])


def _tag(number: int, answer: Any) -> dict[str, Any]:
    return {"PartNumber": number, "ETag": answer["ETag"]}


def _parts_of(file: IO[bytes], count: int) -> tuple[bytes, bytes, bytes]:
    """Writes the zip and returns its head with the first block, the block, and its end."""
    block = secrets.token_bytes(_PART)
    with zipfile.ZipFile(file, "w") as archive, archive.open(zipfile.ZipInfo("app.py"), "w") as entry:
        for _ in range(count):
            entry.write(block)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(1024).index(block[:64])
    file.seek(0)
    first = file.read(head + _PART)
    file.seek(head + count * _PART)
    return first, block, file.read(size)
