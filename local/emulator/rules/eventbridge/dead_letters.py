"""Builds the message that a rule's dead-letter queue gets for an event that no target took. Pure.

Source: EventBridge user guide "Using dead-letter queues to process undelivered events", 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event, the rule that matched it, and the target that does not exist."""

    rule_arn: str
    target_arn: str
    message: str
    event: Mapping[str, Any]


def body(undelivered: Undelivered) -> str:
    """Returns the message: the event itself."""
    return json.dumps(undelivered.event)


def attributes(undelivered: Undelivered) -> dict[str, dict[str, str]]:
    """Returns the message's attributes in SQS's form. There is no EXHAUSTED_RETRY_CONDITION, for nothing was
    retried.
    """
    texts = {
        "RULE_ARN": undelivered.rule_arn,
        "TARGET_ARN": undelivered.target_arn,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": undelivered.message,
        "RETRY_ATTEMPTS": "0",
    }
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
