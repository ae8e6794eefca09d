"""The queue of dead letters in SQS: what was received is hidden for a while, and comes again unless it was deleted.

Source: SQS developer guide, visibility timeout and message attributes; API reference, ReceiveMessage, 2026-11.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal
from tests.cloud.wire import ACCOUNT, REGION, unknown

QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/slipway-DeadLetters"
_MOST_RECEIVED = 10


@dataclass
class _Message:
    """One message; ``receipt`` is the handle of the last time that it was received."""

    id: str
    body: str
    attributes: Json
    sent_at: datetime
    hidden_until: datetime
    receipt: str = ""


@dataclass
class DeadLetterQueue:
    """One standard queue."""

    clock: Clock
    messages: list[_Message] = field(default_factory=list)
    received: int = 0

    def put(self, event: object, error: str = "", name: str = "ErrorMessage") -> None:
        """An event that nobody could handle arrives; a text is a body as it is."""
        attributes = {name: {"StringValue": error, "DataType": "String"}} if error else {}
        body = event if isinstance(event, str) else json.dumps(event)
        now = self.clock.now
        self.messages.append(_Message(f"letter-{len(self.messages) + 1}", body, attributes, now, now))

    @property
    def bodies(self) -> list[str]:
        return [message.body for message in self.messages]

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        answers = {
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "GetQueueAttributes": self._attributes,
        }
        if operation not in answers:
            raise unknown("sqs", operation, sorted(answers))
        if parameters["QueueUrl"] != QUEUE:
            text = "The specified queue does not exist."
            raise Refusal(400, "AWS.SimpleQueueService.NonExistentQueue", text)
        return answers[operation](parameters)

    def _receive(self, asked: Json) -> Json:
        if not 1 <= asked.get("MaxNumberOfMessages", 1) <= _MOST_RECEIVED:
            raise Refusal(400, "InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10")
        if not asked.get("WaitTimeSeconds"):
            return {}  # a short poll asks some of the servers, and a short queue may be on another
        found = [each for each in self.messages if each.hidden_until <= self.clock.now]
        return {"Messages": [self._shown(each, asked) for each in found[: asked.get("MaxNumberOfMessages", 1)]]}

    def _shown(self, message: _Message, asked: Json) -> Json:
        self.received += 1
        message.hidden_until = self.clock.now + timedelta(seconds=asked.get("VisibilityTimeout", 30))
        message.receipt = f"receipt-{self.received}"
        shown: Json = {"MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body}
        if "SentTimestamp" in asked.get("AttributeNames", []):
            shown["Attributes"] = {"SentTimestamp": str(int(message.sent_at.timestamp() * 1000))}
        if "All" in asked.get("MessageAttributeNames", []) and message.attributes:
            shown["MessageAttributes"] = message.attributes
        return shown

    def _delete(self, asked: Json) -> Json:
        self.messages = [each for each in self.messages if each.receipt != asked["ReceiptHandle"]]
        return {}

    def _attributes(self, asked: Json) -> Json:
        hidden = sum(each.hidden_until > self.clock.now for each in self.messages)
        counts = {
            "ApproximateNumberOfMessages": str(len(self.messages) - hidden),
            "ApproximateNumberOfMessagesNotVisible": str(hidden),
        }
        return {"Attributes": {name: counts[name] for name in asked["AttributeNames"]}}
