"""Reads from S3 what the check of an artifact needs: a zip's end, its directory, its manifest; never all.

At most three ranged GETs of the zip, and one of the function's manifest in the bucket. The first GET asks for
the last TAIL bytes, and its answer tells the size, the version and the time of the upload, so no HEAD is
needed.

What a newcomer would get wrong: in a bucket without versions the object can be replaced between two GETs.
Every later GET carries If-Match, so all bytes are of one object. Source: Amazon S3 API reference GetObject,
2026-11.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypedDict

from botocore.exceptions import ClientError

from controller.aws.errors import translating
from controller.core.archive import LONGEST_MANIFEST, Archive, extract, manifest_span, read_directory
from controller.core.directory import TAIL, BadArchive, EndMissing, find_directory, without_end
from controller.core.keys import function_of, manifest_key
from controller.core.model import Artifact, Cause, Reason, Refused, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.events import ArtifactUploaded


class Body(Protocol):
    """The bytes of an object, as they arrive."""

    def read(self, amt: int) -> bytes: ...
    def close(self) -> None: ...


class GetObjectAnswer(TypedDict, total=False):
    """What is used of GetObject's answer. ``VersionId`` is absent in a bucket without versions."""

    Body: Body
    ContentLength: int
    ContentRange: str
    ETag: str
    LastModified: datetime
    VersionId: str


class S3Client(Protocol):
    """The call of boto3's ``s3`` client that is used."""

    def get_object(self, **parameters: str) -> GetObjectAnswer: ...


class BadArtifact(Refused):
    """The artifact cannot be deployed. ``artifact`` is what a record of that is about."""

    def __init__(self, reason: Reason, artifact: Artifact) -> None:
        super().__init__(reason)
        self.artifact = artifact


@dataclass(frozen=True, slots=True)
class Inspection:
    """An artifact that may be deployed, as far as S3 can tell.

    ``size`` is the zip's in bytes. The manifests are texts, not read yet; None where there is none.
    """

    artifact: Artifact
    size: int
    archive: Archive
    zip_manifest: str | None
    bucket_manifest: str | None


class Artifacts:
    """The artifact bucket."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def inspect(self, uploaded: ArtifactUploaded) -> Inspection:
        """Returns what was uploaded: its newest version where ``uploaded`` names none.

        Raises BadArtifact for what can never be deployed, Transient for the rest, and Conflict where the
        object was replaced while it was read. It only reads.
        """
        unread = Artifact(uploaded.bucket, uploaded.key, uploaded.version_id, uploaded.happened_at, uploaded.sequencer)
        with _blaming(unread):
            tail = self._tail(unread)
        with _blaming(tail.artifact):
            archive, zip_manifest = self._open(tail)
            bucket_manifest = self._bucket_manifest(tail.artifact)
        return Inspection(tail.artifact, tail.size, archive, zip_manifest, bucket_manifest)

    def _tail(self, unread: Artifact) -> _Tail:
        pinned = {"VersionId": unread.version_id} if unread.version_id else {}
        answer, content = self._get(unread.bucket, unread.key, TAIL, Range=f"bytes=-{TAIL}", **pinned)
        size = _total(answer)
        version_id = answer.get("VersionId")
        artifact = Artifact(
            unread.bucket,
            unread.key,
            # "null" is what the next upload replaces where versioning is suspended, so it pins nothing.
            version_id if version_id != "null" else None,
            answer["LastModified"].astimezone(UTC),
            unread.sequencer,
        )
        if len(content) != min(size, TAIL) or (size > TAIL and "ContentRange" not in answer):
            raise Transient(f"S3 sent other bytes of {_where(unread)} than its last {TAIL}; it is read again")
        return _Tail(artifact, size, answer["ETag"], content)

    def _open(self, tail: _Tail) -> tuple[Archive, str | None]:
        if not tail.size:
            raise BadArchive(f"{_where(tail.artifact)} {_EMPTY}")
        try:
            place = find_directory(tail.content, tail.size)
        except EndMissing as problem:
            raise without_end(self._read(tail, 0, min(4, tail.size))) from problem
        archive = read_directory(self._read(tail, place.offset, place.length), place)
        if archive.manifest is None:
            return archive, None
        span = self._read(tail, *manifest_span(archive.manifest, place))
        return archive, extract(span, archive.manifest)

    def _read(self, tail: _Tail, offset: int, length: int) -> bytes:
        """Returns a part of the object, fetching only what the tail does not hold."""
        start = tail.size - len(tail.content)
        missing = max(0, min(length, start - offset))
        if not missing:
            return tail.content[offset - start : offset - start + length]
        artifact = tail.artifact
        pinned = {"VersionId": artifact.version_id} if artifact.version_id else {}
        asked = {"Range": f"bytes={offset}-{offset + missing - 1}", "IfMatch": tail.etag}
        _, content = self._get(artifact.bucket, artifact.key, missing, **asked, **pinned)
        if len(content) != missing:
            raise Transient(f"S3 sent {len(content)} bytes of {_where(artifact)}, not {missing}; read again")
        return content + tail.content[: length - missing]

    def _bucket_manifest(self, artifact: Artifact) -> str | None:
        key = manifest_key(function_of(artifact.key))
        where = f"s3://{artifact.bucket}/{key}"
        try:
            _, content = self._get(artifact.bucket, key, LONGEST_MANIFEST + 1)
        except _Gone:
            return None
        if len(content) > LONGEST_MANIFEST:
            text = f"{where} is longer than the {LONGEST_MANIFEST} bytes that are read"
            raise BadArchive(text, Cause.BAD_MANIFEST)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            text = f"{where} is not UTF-8 text ({problem}); save it as UTF-8"
            raise BadArchive(text, Cause.BAD_MANIFEST) from problem

    def _get(self, bucket: str, key: str, most: int, **asked: str) -> tuple[GetObjectAnswer, bytes]:
        where = f"s3://{bucket}/{key}"
        with translating(f"GetObject of {where}", Cause.BAD_ARTIFACT):
            try:
                answer = self._client.get_object(Bucket=bucket, Key=key, **asked)
            except ClientError as error:
                refusal = _refusal(where, error)
                if refusal is None:
                    raise
                raise refusal from error
            try:
                return answer, answer["Body"].read(most)
            finally:
                answer["Body"].close()


@dataclass(frozen=True, slots=True)
class _Tail:
    """The object as first seen: ``content`` is its last bytes, or all of them."""

    artifact: Artifact
    size: int
    etag: str
    content: bytes


class _Gone(Refused):
    """The object, or this version of it, does not exist."""


@contextmanager
def _blaming(artifact: Artifact) -> Iterator[None]:
    try:
        yield
    except Refused as problem:
        raise BadArtifact(problem.reason, artifact) from problem


def _total(answer: GetObjectAnswer) -> int:
    """Returns the size of the whole object: "bytes 872-999/1000" is a range of 1000."""
    total = answer.get("ContentRange", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else answer["ContentLength"]


def _where(artifact: Artifact) -> str:
    return f"s3://{artifact.bucket}/{artifact.key}"


_EMPTY = "has zero bytes; upload the zip again, whole"
_GONE = "was deleted before it was read; upload it again"
_GRANT = (
    "may not be read: {said}. Allow the controller's role s3:GetObject and s3:GetObjectVersion on objects,"
    " s3:ListBucket on the bucket and, where a KMS key encrypts them, kms:Decrypt on it; then upload it again"
)
_KEY = "is encrypted with a KMS key that cannot be used: {said}. Enable that key, or encrypt with another"
# Sources: Amazon S3 API reference, GetObject and Error responses, 2026-11. A version that is a delete marker
# is refused with MethodNotAllowed; a range of an empty object with InvalidRange; an object that is encrypted
# with a customer's own key with InvalidRequest; a version that never was one with InvalidArgument.
_REFUSALS = {
    "NoSuchKey": _GONE,
    "NoSuchVersion": _GONE,
    "MethodNotAllowed": _GONE,
    "InvalidRange": _EMPTY,
    "NoSuchBucket": "is in a bucket that does not exist; correct the bucket's name",
    "InvalidArgument": "cannot be read as asked: {said}. Correct the version",
    "InvalidRequest": "cannot be read as it is stored: {said}. Upload it again without that",
    "InvalidObjectState": "is archived and cannot be read; restore it, or upload it again",
    "AccessDenied": _GRANT,
    "KMS.DisabledException": _KEY,
    "KMS.NotFoundException": _KEY,
    "KMS.KMSInvalidStateException": _KEY,
}


def _refusal(where: str, error: ClientError) -> Refused | None:
    """Returns what S3's answer means for an artifact; None leaves it to the rules of all services."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    meaning = _REFUSALS.get(code)
    if meaning is None:
        return None
    said = str(error.response["Error"].get("Message", code)).rstrip(".")
    reason = Reason(Cause.BAD_ARTIFACT, f"{where} {meaning.format(said=said)}")
    return _Gone(reason) if meaning is _GONE else Refused(reason)
