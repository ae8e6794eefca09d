"""Reads the parts of an artifact needed for its check: the zip's end, its directory, its manifest; never the whole zip.

The zip takes at most three ranged GETs, the function's manifest in the bucket one more. The first GET reads the last
TAIL bytes and tells size, version and upload time, so no HEAD is needed. Each file named by the manifest takes another
ranged GET; symbolic links are read together, see ``symbolic_links``.

Note: in a bucket without versions the object can be replaced between two GETs. Every later GET carries If-Match, so all
bytes are of one object. Source: Amazon S3 API reference GetObject, 2026-11.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from controller.aws.s3.objects import GetObjectAnswer, Gone, S3Client, get
from controller.core.artifact.checksums import stated_sha256, stated_signature
from controller.core.artifact.object_keys import deployed_as, manifest_key
from controller.core.artifact.zip.contents import as_text
from controller.core.artifact.zip.directory import TAIL, BadArchive
from controller.core.artifact.zip.limits import MAX_FILE_SIZE
from controller.core.artifact.zip.opened import opened
from controller.core.model import Artifact, Cause, Person, Reason, Refused, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.artifact.verdict import Zip
    from controller.core.model.events import ArtifactUploaded


class BadArtifact(Refused):
    """The artifact cannot be deployed; a record of the refusal is about ``artifact``."""

    def __init__(self, reason: Reason, artifact: Artifact) -> None:
        super().__init__(reason)
        self.artifact = artifact


@dataclass(frozen=True, slots=True)
class Inspection:
    """An artifact that S3 can deliver. ``size`` is the zip's in bytes.

    ``bucket_manifest`` is unparsed text, None without one. ``opened`` reads further parts of the same object.
    """

    artifact: Artifact
    size: int
    opened: Zip
    bucket_manifest: str | None


@dataclass(frozen=True, slots=True)
class Tail:
    """The object at first sight: ``content`` has its last bytes, or the whole of a short object."""

    artifact: Artifact
    size: int
    etag: str
    content: bytes


class Artifacts:
    def __init__(self, client: S3Client) -> None:
        self._client = client

    def inspect(self, uploaded: ArtifactUploaded) -> Inspection:
        """Returns the uploaded object; its newest version if ``uploaded`` names none. Only reads.

        Raises BadArtifact for an object that can never be deployed, Conflict if the object was replaced while being
        read, and Transient for other problems.
        """
        unread = Artifact(uploaded.bucket, uploaded.key, uploaded.version_id, uploaded.happened_at, uploaded.sequencer)
        with _blaming(unread):
            tail = self._tail(unread)
        with _blaming(tail.artifact):
            found = opened(_where(tail.artifact), tail.size, tail.content, partial(self._read, tail))
            return Inspection(tail.artifact, tail.size, found, self._bucket_manifest(tail.artifact))

    def _tail(self, unread: Artifact) -> Tail:
        pinned = {"VersionId": unread.version_id} if unread.version_id else {}
        answer, content = get(self._client, unread.bucket, unread.key, TAIL, Range=f"bytes=-{TAIL}", **pinned)
        size = _total(answer)
        version_id = answer.get("VersionId")
        sha256, signature = _stated(unread, answer)
        artifact = Artifact(
            unread.bucket,
            unread.key,
            # In a bucket with suspended versioning the next upload replaces version "null", so it pins nothing.
            version_id if version_id != "null" else None,
            answer["LastModified"].astimezone(UTC),
            unread.sequencer,
            stated_sha256=sha256,
            signature=signature,
            person=_person(answer),
        )
        if len(content) != min(size, TAIL) or (size > TAIL and "ContentRange" not in answer):
            raise Transient(f"S3 sent other bytes of {_where(unread)} than its last {TAIL}; it is read again")
        return Tail(artifact, size, answer["ETag"], content)

    def _read(self, tail: Tail, offset: int, length: int) -> bytes:
        """Returns a part of the object, fetching only bytes outside of the tail."""
        start = tail.size - len(tail.content)
        missing = max(0, min(length, start - offset))
        if not missing:
            return tail.content[offset - start : offset - start + length]
        artifact = tail.artifact
        pinned = {"VersionId": artifact.version_id} if artifact.version_id else {}
        members = {"Range": f"bytes={offset}-{offset + missing - 1}", "IfMatch": tail.etag}
        _, content = get(self._client, artifact.bucket, artifact.key, missing, **members, **pinned)
        if len(content) != missing:
            raise Transient(f"S3 sent {len(content)} bytes of {_where(artifact)}, not {missing}; read again")
        return content + tail.content[: length - missing]

    def _bucket_manifest(self, artifact: Artifact) -> str | None:
        key = manifest_key(deployed_as(artifact.key).partition("/")[0])
        where = f"s3://{artifact.bucket}/{key}"
        try:
            _, content = get(self._client, artifact.bucket, key, MAX_FILE_SIZE + 1)
        except Gone:
            return None
        if len(content) > MAX_FILE_SIZE:
            text = f"{where} is longer than the {MAX_FILE_SIZE} bytes that are read"
            raise BadArchive(text, Cause.BAD_MANIFEST)
        return as_text(content, where)


@contextmanager
def _blaming(artifact: Artifact) -> Iterator[None]:
    try:
        yield
    except Refused as problem:
        raise BadArtifact(problem.reason, artifact) from problem


def _total(answer: GetObjectAnswer) -> int:
    """Returns the size of the whole object: 1000 of "bytes 872-999/1000"."""
    total = answer.get("ContentRange", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else answer["ContentLength"]


def _stated(artifact: Artifact, answer: GetObjectAnswer) -> tuple[str | None, str | None]:
    """Returns the uploader's hash and signature, each None if not given."""
    metadata = answer.get("Metadata", {})
    try:
        return stated_sha256(metadata), stated_signature(metadata)
    except ValueError as problem:
        raise Refused(Reason(Cause.BAD_ARTIFACT, f"{_where(artifact)}: {problem}")) from None


def _person(answer: GetObjectAnswer) -> Person:
    """Returns who uploaded the object and why, as its metadata says. S3 stores the keys in lower case."""
    metadata = answer.get("Metadata", {})
    return Person(_decoded(metadata.get("who", "")), _decoded(metadata.get("why", "")))


def _decoded(text: str) -> str:
    """Returns a metadata value as its author wrote it.

    S3 returns letters outside of ASCII in the form of RFC 2047: "=?UTF-8?B?SsO2cmc=?=" is Jörg. Source: Amazon S3 user
    guide, working with object metadata, 2026-11.
    """
    if "=?" not in text:
        return text
    from email.errors import HeaderParseError  # late: most uploads do without
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _where(artifact: Artifact) -> str:
    return f"s3://{artifact.bucket}/{artifact.key}"
