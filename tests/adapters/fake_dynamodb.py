"""The table of ``tests/cloud`` for tests of the store alone: calls that are refused, and what happens meanwhile."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.cloud.clients import client
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Plan, Refusal
from tests.cloud.table import TABLE, Table
from tests.cloud.wire import Wire

__all__ = ["TABLE", "FakeDynamoDB"]


class FakeDynamoDB(Table):
    """``refusals`` are answered first, one for each call; ``before`` happens once, just before its call is answered."""

    def __init__(self, page: int = 100) -> None:
        super().__init__(Clock(), page)
        self.refusals: dict[str, list[Refusal]] = defaultdict(list)
        self.before: dict[str, Callable[[], None]] = {}
        self.calls: list[tuple[str, Json]] = []
        self._alone = threading.Lock()

    def client(self) -> Any:
        return client(Wire(self._clock, Plan(), {"dynamodb": self}), "dynamodb")

    def asked(self, call: str) -> list[Json]:
        """Returns what every ``call`` so far sent."""
        return [sent for name, sent in self.calls if name == call]

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        self.before.pop(operation, lambda: None)()
        with self._alone:
            self.calls.append((operation, json.loads(body)))
            if self.refusals[operation]:
                raise self.refusals[operation].pop(0)
            return super().answer(operation, parameters, body)
