"""A dead letter is the event itself, with the reason in its attributes."""

from __future__ import annotations

import json

from local.emulator.rules.eventbridge.dead_letters import Undelivered, attributes, body

LOST = Undelivered(
    "arn:rule", "arn:target", "Function not found: arn:target", {"source": "slipway", "detail": {"a": 1}}
)


def test_the_message_is_the_event() -> None:
    assert json.loads(body(LOST)) == {"source": "slipway", "detail": {"a": 1}}


def test_the_attributes_say_which_rule_which_target_and_why() -> None:
    assert {name: attribute["StringValue"] for name, attribute in attributes(LOST).items()} == {
        "RULE_ARN": "arn:rule",
        "TARGET_ARN": "arn:target",
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "Function not found: arn:target",
        "RETRY_ATTEMPTS": "0",
    }
