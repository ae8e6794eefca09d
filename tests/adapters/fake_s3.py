"""The S3 of ``tests/cloud`` for tests of one adapter: what was asked of it, and answers in the hand of the test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.cloud.clients import client
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Plan, Refusal
from tests.cloud.sparse import Sparse
from tests.cloud.storage import Storage, Stored
from tests.cloud.wire import Wire

BUCKET = "artifacts"
MODIFIED_AT = datetime(2026, 11, 23, 10, 0, 1, tzinfo=UTC)


class FakeS3(Storage):
    """One bucket. ``refuses`` are what a key is answered with: an HTTP status, a code, a message.

    ``asked`` are the ranges and versions that were asked for, and ``sent`` is how many bytes were sent.
    """

    def __init__(self) -> None:
        super().__init__(Clock(MODIFIED_AT), [])
        self.buckets[BUCKET] = {}
        self.refuses: dict[str, tuple[int, str, str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0

    def holds(self, key: str, content: bytes | Sparse | None, version: str | None = "v1") -> None:
        """Puts a version of an object; content None is a delete marker, version None a bucket without versions."""
        self.versioned = version is not None
        stored = Stored(version or "null", content, MODIFIED_AT)
        before = self.buckets[BUCKET].get(key, []) if self.versioned else []
        self.buckets[BUCKET][key] = [*before, stored]

    def client(self) -> Any:
        return client(Wire(self._clock, Plan(), {"s3": self}), "s3")

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        self.asked.append((parameters.get("Range", "all"), parameters.get("VersionId")))
        if parameters["Key"] in self.refuses:
            raise Refusal(*self.refuses[parameters["Key"]])
        answer = super().answer(operation, parameters, body)
        self.sent += answer["ContentLength"]
        return answer
