"""Lets handlers of MiniStack's CloudWatch read and write plain dicts, where a request comes as JSON: boto3's protocol.

Requests of other protocols, CBOR and Query, go to MiniStack's own handler: no client here speaks them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from ministack.services import cloudwatch

PARAMETERS = ("params", "cbor_data", "is_cbor", "is_json")
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Answer]


def in_json(handle: Callable[[Mapping[str, Any]], Answer]) -> Callable[[Handler], Handler]:
    """Returns what replaces a handler: ``handle`` answers requests in JSON, the replaced one all others."""

    def replaced(original: Handler) -> Handler:
        def handler(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Answer:
            return handle(cbor_data) if is_json else original(params, cbor_data, is_cbor, is_json)

        return handler

    return replaced


def answer(result: Mapping[str, Any]) -> Answer:
    """Returns a 200; times in it are seconds since 1970."""
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(result).encode()


def refusal(code: str, message: str, status: int = 400) -> Answer:
    """Returns an error."""
    return cast(Answer, cloudwatch._error(code, message, status, use_json=True))
