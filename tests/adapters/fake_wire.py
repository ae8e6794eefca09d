"""Answers boto3's own ``lambda`` client from memory: parameters and answers are checked by botocore's model.

A fake is a subclass with one method for each call: ``_get_alias(parameters)`` returns the answer or raises Refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.validate import validate_parameters

Json = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class FakeWire:
    """``refusals`` are raised first, one for each call; ``before`` happens once, just before its call is answered."""

    refusals: dict[str, list[Exception]] = field(default_factory=dict)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)

    def client(self) -> Any:
        client = boto3.client("lambda", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
        client.meta.events.register_first("before-parameter-build.lambda.*", self._asked)
        client.meta.events.register_first("before-call.lambda.*", self._answer)
        return client

    def asked(self, call: str) -> list[Json]:
        """Returns the parameters of every ``call`` so far."""
        return [parameters for name, parameters in self.calls if name == call]

    @property
    def writes(self) -> list[str]:
        return [name for name, _ in self.calls if not name.startswith(("get_", "list_"))]

    def _asked(self, params: Json, model: Any, **_: Any) -> None:
        self.calls.append((xform_name(model.name), dict(params)))

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, Json]:
        name, parameters = self.calls[-1]
        self.before.pop(name, lambda: None)()
        try:
            if self.refusals.get(name):
                raise self.refusals[name].pop(0)
            answer = getattr(self, f"_{name}")(parameters)
        except Refusal as refusal:
            error = {"Code": refusal.code, "Message": refusal.message}
            status = {"HTTPStatusCode": refusal.status}
            return self._response(refusal.status), {"Error": error, "ResponseMetadata": status}
        if model.output_shape and not model.has_streaming_output and name != "invoke":
            validate_parameters(answer, model.output_shape)
        return self._response(200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    @staticmethod
    def _response(status: int) -> AWSResponse:
        return AWSResponse("https://lambda.us-east-1.amazonaws.com", status, {}, None)
