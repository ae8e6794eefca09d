"""The account of the AWS in memory: its clock is virtual, and what people do there is done by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.agreement.account import NUMBER, Found, Json, is_about
from tests.cloud.clock import MINUTE
from tests.cloud.cloud import Cloud
from tests.cloud.deliveries import aliases_told
from tests.cloud.event_bus import TOPIC
from tests.cloud.metrics import Later
from tests.cloud.table import TABLE
from tests.cloud.zips import zipped

_A_MOMENT = timedelta(seconds=5)
_STEPS = 60
"""Ten seconds each."""


class FakeAccount:
    """See ``account.Account``."""

    name, table, topic = "checked", TABLE, TOPIC

    def __init__(self) -> None:
        self._cloud = Cloud()
        self._buckets: list[str] = []

    def client(self, service: str) -> Any:
        return self._cloud.client(service)

    def code(self, text: str, *, fails: bool = False, minutes: float = 0, refuses: str = "") -> bytes:
        lasts = {"duration": minutes * MINUTE} if minutes else {}
        self._cloud.lambda_.behave(text, error="ValueError" if fails else "", refuses=refuses, **lasts)
        return zipped(text)

    def role(self, name: str = "function") -> str:
        return f"arn:aws:iam::{NUMBER}:role/{name}"

    def now(self) -> datetime:
        return self._cloud.clock.now

    @property
    def minute(self) -> timedelta:
        return MINUTE

    def sleep(self, version: str) -> None:
        self._cloud.lambda_.sleep(self.name, version)

    def comes_later(self, version: str, minutes: int) -> None:
        self._cloud.metrics.later[version] = Later(minutes * MINUTE)

    def by_version_with_weights_only(self) -> None:
        self._cloud.metrics.always_by_version = False

    def trims_nothing(self) -> None:
        self._cloud.metrics.trims = False

    def settle(self) -> None:
        self._cloud.advance(_A_MOMENT)

    def bucket(self, *, versioned: bool = True) -> str:
        self._cloud.storage.versioned = versioned
        self._buckets.append(f"{self.name}-{len(self._buckets)}")
        self._cloud.storage.buckets[self._buckets[-1]] = {}
        return self._buckets[-1]

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        self._cloud.storage.put(bucket, key, content)

    def delete(self, bucket: str, key: str) -> None:
        self._cloud.storage.delete(bucket, key)

    def events(self) -> list[Json]:
        return [event for event in self._cloud.events if is_about(event, self.name, self._buckets)]

    def hands_over(self, event: Json) -> bool:
        return bool(aliases_told(event))

    def eventually(self, look: Callable[[], Found]) -> Found:
        for _ in range(_STEPS):
            if found := look():
                return found
            self._cloud.advance(timedelta(seconds=10))
        raise AssertionError(f"not within ten minutes; last seen: {look()!r}")
