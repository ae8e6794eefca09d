"""EventBridge and SNS: what the controller tells is kept, and refused where AWS would refuse it.

Note: PutEvents that did not take an entry is a successful call. The answer says so in FailedEntryCount. Source:
EventBridge API reference, PutEvents, 2026-11.
"""

from __future__ import annotations

import json

from local.emulator.rules import sns
from local.emulator.rules.eventbridge.entries import untaken
from tests.cloud.faults import Json, Refusal
from tests.cloud.wire import ACCOUNT, REGION, unknown

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:slipway"
CHAT_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:slipway-chat"
_MOST_ENTRIES = 10


class EventBridge:
    """The default bus. ``refuses`` is how many of the next entries it will not take."""

    def __init__(self) -> None:
        self.entries: list[Json] = []
        self.refuses = 0

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation != "PutEvents":
            raise unknown("events", operation, ["PutEvents"])
        entries = parameters["Entries"]
        if len(entries) > _MOST_ENTRIES:
            text = "Member must have length less than or equal to 10"
            raise Refusal(400, "ValidationException", f"1 validation error detected: Value at 'entries' failed: {text}")
        taken = [self._take(entry) for entry in entries]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in taken), "Entries": taken}

    @property
    def details(self) -> list[Json]:
        """What was told, oldest first: the details of all entries that were taken."""
        return [json.loads(entry["Detail"]) for entry in self.entries]

    def _take(self, entry: Json) -> Json:
        if self.refuses:
            self.refuses -= 1
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "The entry could not be processed."}
        error = untaken(entry)
        if error is not None:
            return error
        self.entries.append(entry)
        return {"EventId": f"event-{len(self.entries)}"}


class SNS:
    """Topics, and what was published to them."""

    def __init__(self) -> None:
        self.topics = {TOPIC, CHAT_TOPIC}
        self.messages: list[Json] = []

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation != "Publish":
            raise unknown("sns", operation, ["Publish"])
        if parameters["TopicArn"] not in self.topics:
            raise Refusal(404, "NotFound", "Topic does not exist")
        found = sns.malformed(parameters["Message"], parameters.get("Subject"))
        if found is not None:
            raise Refusal(400, "InvalidParameter", found)
        self.messages.append(parameters)
        return {"MessageId": f"message-{len(self.messages)}"}
