"""Builds what Lambda sends when an asynchronous invocation is over: destination record and dead letter.

Source: developer guide, "Capturing records of Lambda asynchronous invocations" and "Dead-letter queues",
2023-10.

Note: a destination gets a record around the event; a dead-letter queue gets the bare event, and what went wrong only as
message attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.emulator.rules.lambda_.references import LATEST, Reference
from local.emulator.rules.lambda_.retries import Condition

# The attribute holds the first kilobyte of the error message.
MESSAGE_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class Ending:
    """An asynchronous invocation that is over, with its last attempt's answer."""

    request_id: str
    addressed: Reference
    version: str
    condition: Condition
    attempts: int
    event: object
    answer: object
    function_error: str | None


def record(ending: Ending, now: datetime) -> dict[str, Any]:
    """Returns the destination record."""
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": ending.version}
    if ending.function_error is not None:
        response["functionError"] = ending.function_error
    return {
        "version": "1.0",
        "timestamp": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": ending.request_id,
            "functionArn": _qualified(ending.addressed),
            "condition": ending.condition.value,
            "approximateInvokeCount": ending.attempts,
        },
        "requestPayload": ending.event,
        "responseContext": response,
        "responsePayload": ending.answer,
    }


def dead_letter_attributes(ending: Ending) -> dict[str, dict[str, str]]:
    """Returns the message attributes of a dead letter. ErrorCode is the HTTP status of the answer."""
    answer = ending.answer if isinstance(ending.answer, Mapping) else {}
    message = str(answer.get("errorMessage", ""))[:MESSAGE_CHARACTERS]
    return {
        "RequestID": {"DataType": "String", "StringValue": ending.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": message or "none"},
    }


def _qualified(addressed: Reference) -> str:
    return addressed.arn if addressed.qualifier else f"{addressed.arn}:{LATEST}"
