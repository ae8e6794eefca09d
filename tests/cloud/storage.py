"""S3: objects with their versions, ranged reads, and what a caller may not see; every upload tells EventBridge.

Note: an upload of somebody is not a call of the controller. ``put`` is the hand of a person, ``answer`` what a client
gets.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal
from tests.cloud.sparse import Sparse
from tests.cloud.wire import ACCOUNT, REGION, unknown

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_NOT_THERE = {
    "NoSuchBucket": "The specified bucket does not exist",
    "NoSuchKey": "The specified key does not exist.",
    "NoSuchVersion": "The specified version does not exist.",
}


@dataclass(frozen=True)
class Stored:
    """One version of an object. ``content`` None is a delete marker; ``version_id`` "null" is that of a bucket without
    versions.
    """

    version_id: str
    content: bytes | Sparse | None
    modified: datetime
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        if isinstance(self.content, Sparse):
            return self.content.etag
        return hashlib.md5(self.content or b"", usedforsecurity=False).hexdigest()


class Storage:
    """All buckets. ``forbidden`` are keys that may not be read, ``archived`` those in a class such as GLACIER;
    ``lists`` is whether the caller may list a bucket, and so is told that a key is missing.
    """

    def __init__(self, clock: Clock, events: list[Json]) -> None:
        self._clock, self._events = clock, events
        self.buckets: dict[str, dict[str, list[Stored]]] = {}
        self.versioned = True
        self.lists = True
        self.forbidden: set[str] = set()
        self.archived: set[str] = set()
        self._number = 0

    def put(self, bucket: str, key: str, content: bytes | Sparse, **metadata: str) -> Json:
        """Somebody uploads an object; returns the event that S3 sends for it."""
        self._number += 1
        number = self._number
        version_id = f"version-{number}" if self.versioned else "null"
        # LastModified has whole seconds. Source: RFC 9110, dates in HTTP headers.
        stored = Stored(version_id, content, self._clock.now.replace(microsecond=0), metadata)
        versions = self.buckets.setdefault(bucket, {}).setdefault(key, [])
        if not self.versioned:
            versions.clear()
        versions.append(stored)
        self._events.append(_created(bucket, key, stored, number, self._clock.now))
        return self._events[-1]

    def delete(self, bucket: str, key: str) -> None:
        """Somebody deletes an object: in a bucket with versions a marker is put on top of them."""
        self._number += 1
        marker = Stored(f"version-{self._number}", None, self._clock.now)
        self.buckets[bucket][key] = [*self.buckets[bucket][key], marker] if self.versioned else []

    def read(self, bucket: str, key: str, version_id: str | None) -> bytes:
        """Returns what Lambda reads with the caller's rights. Raises Refusal."""
        content = self._find({"Bucket": bucket, "Key": key, **({"VersionId": version_id} if version_id else {})})[1]
        return content[0 : len(content)]

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation not in _CALLS:
            raise unknown("s3", operation, _CALLS)
        return _CALLS[operation](self, parameters)

    def _get_object(self, asked: Json) -> Json:
        stored, content = self._find(asked)
        if asked.get("IfMatch", stored.etag).strip('"') != stored.etag:
            raise Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        part, ranged = _part(content, asked.get("Range"))
        return {**self._head(stored), **ranged, "ContentLength": len(part), "Body": part}

    def _head_object(self, asked: Json) -> Json:
        stored, content = self._find(asked)
        return {**self._head(stored), "ContentLength": len(content)}

    def _find(self, asked: Json) -> tuple[Stored, bytes | Sparse]:
        bucket, key, version_id = asked["Bucket"], asked["Key"], asked.get("VersionId")
        if bucket not in self.buckets:
            raise _absent("NoSuchBucket")
        if key in self.forbidden:
            raise _denied()
        versions = self.buckets[bucket].get(key, [])
        # Without s3:ListBucket a key that is missing is forbidden. Source: S3 API reference GetObject, 2026-11.
        if version_id is None and (not versions or versions[-1].content is None):
            raise _absent("NoSuchKey") if self.lists else _denied()
        found = _version(versions, version_id)
        if found is None:
            raise _absent("NoSuchVersion")
        if key in self.archived:
            text = "The operation is not valid for the object's storage class"
            raise Refusal(403, "InvalidObjectState", text)
        if found.content is None:
            text = "The specified method is not allowed against this resource."
            raise Refusal(405, "MethodNotAllowed", text)
        return found, found.content

    def _head(self, stored: Stored) -> Json:
        pinned = {"VersionId": stored.version_id} if self.versioned else {}
        about = {"ETag": f'"{stored.etag}"', "LastModified": stored.modified, "AcceptRanges": "bytes"}
        return {**about, **pinned, "ContentType": "application/zip", "Metadata": dict(stored.metadata)}


def _version(versions: list[Stored], version_id: str | None) -> Stored | None:
    if version_id is None:
        return versions[-1]
    return next((each for each in versions if each.version_id == version_id), None)


def _part(content: bytes | Sparse, asked: str | None) -> tuple[bytes, Json]:
    """Returns the bytes of a range and the ContentRange beside them. Source: RFC 9110, range requests."""
    wanted = _RANGE.fullmatch(asked or "")
    size = len(content)
    if wanted is None:
        return content[0:size], {}
    first, last = wanted.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= size:
        raise Refusal(416, "InvalidRange", "The requested range is not satisfiable")
    return content[start:end], {"ContentRange": f"bytes {start}-{end - 1}/{size}"}


def _absent(code: str) -> Refusal:
    return Refusal(404, code, _NOT_THERE[code])


def _denied() -> Refusal:
    return Refusal(403, "AccessDenied", "Access Denied")


def _created(bucket: str, key: str, stored: Stored, number: int, now: datetime) -> Json:
    """Returns EventBridge's event of an upload. Source: facts 3.2."""
    pinned = {"version-id": stored.version_id} if stored.version_id != "null" else {}
    content = stored.content or b""
    found = {"key": key, "size": len(content), "etag": stored.etag, **pinned, "sequencer": f"{number:016X}"}
    detail = {
        "version": "0", "bucket": {"name": bucket}, "object": found, "request-id": f"REQUEST{number}",
        "requester": ACCOUNT, "source-ip-address": "203.0.113.7", "reason": "PutObject",
    }  # fmt: skip
    return {
        "version": "0", "id": f"s3-{number}", "detail-type": "Object Created", "source": "aws.s3", "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "region": REGION, "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": detail,
    }  # fmt: skip


_CALLS = {"GetObject": Storage._get_object, "HeadObject": Storage._head_object}
