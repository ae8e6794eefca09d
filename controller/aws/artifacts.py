"""Reads from S3 what the check of an artifact needs: a zip's end, its directory, its manifest; never all.

At most three ranged GETs of the zip, and one of the function's manifest in the bucket. The first GET asks for
the last TAIL bytes, and its answer tells the size, the version and the time of the upload, so no HEAD is
needed. A file that the manifest names costs one ranged GET more; symbolic links a few together, see ``links``.

What a newcomer would get wrong: in a bucket without versions the object can be replaced between two GETs.
Every later GET carries If-Match, so all bytes are of one object. Source: Amazon S3 API reference GetObject,
2026-11.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from controller.aws.objects import EMPTY, GetObjectAnswer, Gone, S3Client, get
from controller.core import links
from controller.core.archive import Archive, find_files, read_directory
from controller.core.contents import LONGEST_FILE, as_text, extract, span_of
from controller.core.directory import TAIL, BadArchive, DirectoryPlace, EndMissing, find_directory, without_end
from controller.core.entries import Entry
from controller.core.integrity import stated_sha256, stated_signature
from controller.core.keys import MANIFEST, manifest_key
from controller.core.model import Artifact, Cause, Reason, Refused, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from controller.core.events import ArtifactUploaded


class BadArtifact(Refused):
    """The artifact cannot be deployed. ``artifact`` is what a record of that is about."""

    def __init__(self, reason: Reason, artifact: Artifact) -> None:
        super().__init__(reason)
        self.artifact = artifact


@dataclass(frozen=True, slots=True)
class Inspection:
    """An artifact that may be deployed, as far as S3 can tell.

    ``size`` is the zip's in bytes. The manifests are texts, not read yet; None where there is none. ``opened`` is for
    ``Artifacts.files``.
    """

    artifact: Artifact
    size: int
    archive: Archive
    zip_manifest: str | None
    bucket_manifest: str | None
    opened: Opened


@dataclass(frozen=True, slots=True)
class Opened:
    """A zip whose directory was read: what it takes to read more of the very same bytes."""

    tail: Tail
    directory: bytes
    place: DirectoryPlace


@dataclass(frozen=True, slots=True)
class Tail:
    """The object as first seen: ``content`` is its last bytes, or all of them."""

    artifact: Artifact
    size: int
    etag: str
    content: bytes


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
            opened = self._open(tail)
            archive = self._with_links(opened, read_directory(opened.directory, opened.place))
            zip_manifest = self._text(opened, archive.manifest, _MANIFEST_IN_ZIP) if archive.manifest else None
            bucket_manifest = self._bucket_manifest(tail.artifact)
        return Inspection(tail.artifact, tail.size, archive, zip_manifest, bucket_manifest, opened)

    def files(self, inspection: Inspection, names: Mapping[str, str]) -> dict[str, str]:
        """Returns the texts of files of the zip that was inspected, by their names.

        ``names`` says what a refusal calls each. Raises BadArtifact where one cannot be had, else as ``inspect`` does.
        """
        opened = inspection.opened
        with _blaming(inspection.artifact):
            return self._files(opened, inspection.archive, names)

    def _tail(self, unread: Artifact) -> Tail:
        pinned = {"VersionId": unread.version_id} if unread.version_id else {}
        answer, content = get(self._client, unread.bucket, unread.key, TAIL, Range=f"bytes=-{TAIL}", **pinned)
        size = _total(answer)
        version_id = answer.get("VersionId")
        sha256, signature = _stated(unread, answer)
        artifact = Artifact(
            unread.bucket,
            unread.key,
            # "null" is what the next upload replaces where versioning is suspended, so it pins nothing.
            version_id if version_id != "null" else None,
            answer["LastModified"].astimezone(UTC),
            unread.sequencer,
            stated_sha256=sha256,
            signature=signature,
        )
        if len(content) != min(size, TAIL) or (size > TAIL and "ContentRange" not in answer):
            raise Transient(f"S3 sent other bytes of {_where(unread)} than its last {TAIL}; it is read again")
        return Tail(artifact, size, answer["ETag"], content)

    def _open(self, tail: Tail) -> Opened:
        if not tail.size:
            raise BadArchive(f"{_where(tail.artifact)} {EMPTY}")
        try:
            place = find_directory(tail.content, tail.size)
        except EndMissing as problem:
            raise without_end(self._read(tail, 0, min(4, tail.size))) from problem
        return Opened(tail, self._read(tail, place.offset, place.length), place)

    def _with_links(self, opened: Opened, archive: Archive) -> Archive:
        targets: dict[str, str] = {}
        for read in links.reads(archive):
            targets |= links.targets_in(self._read(opened.tail, read.offset, read.length), read)
        return links.with_targets(archive, targets) if archive.link_entries else archive

    def _files(self, opened: Opened, archive: Archive, names: Mapping[str, str]) -> dict[str, str]:
        places = links.places_of(archive, names)
        found = find_files(opened.directory, opened.place, {places[name]: what for name, what in names.items()})
        return {name: self._text(opened, found[places[name]], what) for name, what in names.items()}

    def _text(self, opened: Opened, entry: Entry, what: str) -> str:
        return extract(self._read(opened.tail, *span_of(entry, opened.place, what)), entry, what)

    def _read(self, tail: Tail, offset: int, length: int) -> bytes:
        """Returns a part of the object, fetching only what the tail does not hold."""
        start = tail.size - len(tail.content)
        missing = max(0, min(length, start - offset))
        if not missing:
            return tail.content[offset - start : offset - start + length]
        artifact = tail.artifact
        pinned = {"VersionId": artifact.version_id} if artifact.version_id else {}
        asked = {"Range": f"bytes={offset}-{offset + missing - 1}", "IfMatch": tail.etag}
        _, content = get(self._client, artifact.bucket, artifact.key, missing, **asked, **pinned)
        if len(content) != missing:
            raise Transient(f"S3 sent {len(content)} bytes of {_where(artifact)}, not {missing}; read again")
        return content + tail.content[: length - missing]

    def _bucket_manifest(self, artifact: Artifact) -> str | None:
        key = manifest_key(artifact.key.partition("/")[0])
        where = f"s3://{artifact.bucket}/{key}"
        try:
            _, content = get(self._client, artifact.bucket, key, LONGEST_FILE + 1)
        except Gone:
            return None
        if len(content) > LONGEST_FILE:
            text = f"{where} is longer than the {LONGEST_FILE} bytes that are read"
            raise BadArchive(text, Cause.BAD_MANIFEST)
        return as_text(content, where)


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


def _stated(artifact: Artifact, answer: GetObjectAnswer) -> tuple[str | None, str | None]:
    """Returns the hash and the signature that the uploader gave, each None where there is none."""
    metadata = answer.get("Metadata", {})
    try:
        return stated_sha256(metadata), stated_signature(metadata)
    except ValueError as problem:
        raise Refused(Reason(Cause.BAD_ARTIFACT, f"{_where(artifact)}: {problem}")) from None


def _where(artifact: Artifact) -> str:
    return f"s3://{artifact.bucket}/{artifact.key}"


_MANIFEST_IN_ZIP = f"{MANIFEST} in the zip"
