"""Builds the attributes of a dead letter: what Lambda sends when an asynchronous invocation has failed for good. Pure.

Source: developer guide, "Dead-letter queues", 2023-10.

Note: a dead-letter queue gets the bare event, and what went wrong only as message attributes.
"""

from __future__ import annotations

from collections.abc import Mapping

# The attribute holds the first kilobyte of the error message.
MESSAGE_CHARACTERS = 1024


def attributes(request_id: str, answer: object) -> dict[str, dict[str, str]]:
    """Returns the message attributes; ``answer`` is that of the last attempt. ErrorCode is its HTTP status."""
    message = str(answer.get("errorMessage", ""))[:MESSAGE_CHARACTERS] if isinstance(answer, Mapping) else ""
    return {
        "RequestID": {"DataType": "String", "StringValue": request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": message or "none"},
    }
