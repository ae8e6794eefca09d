"""The Lambda of ``tests/cloud`` for tests of one adapter: every answer in the hand of the test.

Note: nobody waits here, so an update is over after so many looks, and each look takes a second of the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from botocore import xform_name

from local.emulator.rules.lambda_.answers import invalid_parameter
from tests.cloud.clients import client
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Plan
from tests.cloud.lambda_invocations import Lambda
from tests.cloud.lambda_state import Function, Version, refused, sha256_of
from tests.cloud.metrics import Metrics
from tests.cloud.storage import Storage
from tests.cloud.wire import Wire

sha256 = sha256_of
_SECOND = timedelta(seconds=1)


class FakeLambda(Lambda):
    """``settles_after``: how often a function, or a version, must be read until an update of it is over.

    ``refusals`` are raised first, one for each call; ``before`` happens once, just before its call is answered;
    ``objects`` are the artifacts, by bucket, key and version; ``invoked`` answers every invocation.
    """

    def __init__(self, settles_after: int = 0) -> None:
        clock = Clock()
        super().__init__(clock, Storage(clock, []), Metrics(clock))
        self.checks_zips = False
        self.refusals: dict[str, list[Exception]] = {}
        self.before: dict[str, Callable[[], object]] = {}
        self.calls: list[tuple[str, Json]] = []
        self.objects: dict[tuple[str, str, str | None], bytes] = {}
        self.settles_after, self.version_settles_after = settles_after, 0
        self.completes_as: Json = {}
        self.hidden_environment: Json | None = None
        self.tags_error: Json | None = None
        self.code_size: Json = {"used": 0, "limit": 80_000_000_000}
        self.invoked: Callable[[Json], Json] = lambda _: {"Payload": b"null"}

    def client(self) -> Any:
        return client(Wire(self.clock, Plan(), {"lambda": self}), "lambda")

    def asked(self, call: str) -> list[Json]:
        """Returns the parameters of every ``call`` so far."""
        return [parameters for name, parameters in self.calls if name == call]

    @property
    def writes(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith(("get_", "list_"))]

    def answer(self, operation: str, parameters: Json, body: bytes) -> Json:
        name = xform_name(operation)
        self.calls.append((name, dict(parameters)))
        self.before.pop(name, lambda: None)()
        if self.refusals.get(name):
            raise self.refusals[name].pop(0)
        answer = super().answer(operation, parameters, body)
        if name == "get_function":
            self.clock.advance(_SECOND)
        return answer

    def function(self, name: str = "checkout", code: bytes = b"v1", **settings: Any) -> Function:
        """Puts a function as if it had been there for years."""
        return self.make(name, code, **{"Role": "arn:aws:iam::123456789012:role/checkout", **settings})

    def publish(self, name: str = "checkout", description: str = "") -> str:
        """Publishes ``$LATEST`` as it is, at once, and even if it is what the last version is."""
        made = self._new_version(self.functions[name], description)
        made.settles_at = self.clock.now
        self.find(name)
        return str(made["Version"])

    def alias(self, name: str, version: str, weights: dict[str, float] | None = None) -> None:
        self.point("checkout", name, version, weights)

    def shown(self, version: Version) -> Json:
        hidden = {"Environment": self.hidden_environment} if self.hidden_environment else {}
        return {**super().shown(version), **hidden}

    def later(self, version: Version, delay: timedelta) -> None:
        super().later(version, delay)
        version.becomes = dict(self.completes_as)
        is_version = version.configuration["Version"] != "$LATEST"
        looks = self.version_settles_after if is_version else self.settles_after
        version.settles_at = self.clock.now + looks * _SECOND

    def _get_function(self, asked: Json) -> Json:
        answer = super()._get_function(asked)
        if self.tags_error:
            return {**{name: value for name, value in answer.items() if name != "Tags"}, "TagsError": self.tags_error}
        return answer

    def _get_account_settings(self, _: Json) -> Json:
        size = self.code_size
        return {"AccountLimit": {"TotalCodeSize": size["limit"]}, "AccountUsage": {"TotalCodeSize": size["used"]}}

    def _object(self, asked: Json) -> bytes:
        found = self.objects.get((asked["S3Bucket"], asked["S3Key"], asked.get("S3ObjectVersion")))
        if found is None:
            text = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: It does not exist."
            raise refused(invalid_parameter(text))
        return found

    def _run(self, name: str, qualifier: str, version: Version) -> Mapping[str, Any]:  # type: ignore[override]
        return {**self.invoked(self.calls[-1][1])}
