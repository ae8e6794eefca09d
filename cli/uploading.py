"""Uploads a zip with its SHA-256, which S3 and the controller both compare with what they got."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from cli.asking.aws_errors import in_words
from cli.asking.connection import Slipway


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An object in the stack's bucket; ``version`` is None in a bucket without versions. ``sha256`` is hexadecimal."""

    bucket: str
    key: str
    version: str | None
    sha256: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def upload(slipway: Slipway, file: Path, key: str, metadata: Mapping[str, str]) -> Uploaded:
    """Uploads a file, with a progress bar on a terminal. Raises CouldNotAsk."""
    bucket, digest = slipway.bucket, _sha256(file)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    with in_words(), progress, progress.open(file, "rb", description=file.name) as content:
        # One request, whose answer has the version's id: no function has over 250 MB, and S3 takes 5 GB at once.
        put = slipway.client("s3").put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
            Metadata={"sha256": digest.hexdigest(), **metadata},
        )
    return Uploaded(bucket, key, put.get("VersionId"), digest.hexdigest())


def _sha256(file: Path) -> hashlib._Hash:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256")
