"""What the Lambda API answers: documents and refusals, in the form MiniStack passes on.

Note: clients read the error's name from the header and its text from ``message`` in the body; both must be there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the Lambda API: its name, AWS's own text, the HTTP status."""

    code: str
    message: str
    status: int = 400

    def answer(self) -> Answer:
        body = {"Type": "User", "__type": self.code, "message": self.message}
        return self.status, {"Content-Type": "application/json", "x-amzn-errortype": self.code}, _json(body)


def invalid_parameter(message: str) -> Refusal:
    return Refusal("InvalidParameterValueException", message)


def not_found(message: str) -> Refusal:
    return Refusal("ResourceNotFoundException", message, 404)


def conflict(message: str) -> Refusal:
    return Refusal("ResourceConflictException", message, 409)


def success(document: Mapping[str, Any], status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, _json(document)


def document_of(answer: Answer) -> dict[str, Any]:
    """Returns the JSON object in an answer's body."""
    document = json.loads(answer[2])
    if not isinstance(document, dict):
        raise TypeError(f"the answer is no JSON object: {answer[2]!r}")
    return document


def refused(answer: Answer) -> bool:
    return answer[0] >= 400


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
