"""The queue of events that the controller could not handle: how many wait, the next one, and its end.

Note: a message that was received and not deleted is hidden for a while and comes again, so a failed letter is never
lost. SQS asks only some of its servers unless it may wait, and says "nothing" of a short queue then. Source: SQS
developer guide, short and long polling, visibility timeout, 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from controller.aws.errors import translating
from controller.core.model import Cause, Reason, Refused

HIDDEN = timedelta(minutes=5)
"""As long as an invocation of the controller may take: nobody else handles the letter meanwhile."""
_WAIT_SECONDS = 1
_ERRORS = ("ErrorMessage", "ERROR_MESSAGE", "ErrorCode", "ERROR_CODE")
"""Attributes that name the error: of Lambda's dead-letter queue, and of EventBridge's. Sources: Lambda developer guide,
dead-letter queues; EventBridge user guide, retry policy and dead-letter queues, 2026-11.
"""


class SQS(Protocol):
    """The botocore SQS client's calls used here."""

    def receive_message(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_message(self, **parameters: object) -> Mapping[str, object]: ...
    def get_queue_attributes(self, **parameters: object) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. ``error`` is what went wrong, as its sender says, empty if it says nothing."""

    id: str
    body: str
    receipt: str
    sent_at: datetime
    error: str


class DeadLetters:
    """The stack's queue of dead letters; ``queue`` is its URL, empty if the stack does not name it."""

    def __init__(self, client: SQS, queue: str) -> None:
        self._client = client
        self._queue = queue

    def waiting(self) -> int:
        """Returns about how many letters wait, the hidden ones among them."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with translating("counting the dead letters", Cause.REQUESTED):
            answer = self._client.get_queue_attributes(QueueUrl=self._known(), AttributeNames=names)
        counted = cast("Mapping[str, str]", answer.get("Attributes", {}))
        return sum(int(counted.get(name, "0")) for name in names)

    def receive(self) -> Letter | None:
        """Returns the next letter, hidden for ``HIDDEN`` from now on; None if none is visible."""
        with translating("receiving a dead letter", Cause.REQUESTED):
            answer = self._client.receive_message(
                QueueUrl=self._known(),
                MaxNumberOfMessages=1,
                VisibilityTimeout=int(HIDDEN.total_seconds()),
                WaitTimeSeconds=_WAIT_SECONDS,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
        messages = cast("list[Mapping[str, object]]", answer.get("Messages") or [])
        return _read(messages[0]) if messages else None

    def delete(self, letter: Letter) -> None:
        """Takes a handled letter out of the queue. A second time is no error."""
        with translating(f"deleting dead letter {letter.id}", Cause.REQUESTED):
            self._client.delete_message(QueueUrl=self._known(), ReceiptHandle=letter.receipt)

    def _known(self) -> str:
        if not self._queue:
            text = "this version of the controller knows no queue of dead letters; deploy the stack again"
            raise Refused(Reason(Cause.REQUESTED, text))
        return self._queue


def _read(message: Mapping[str, object]) -> Letter:
    system = cast("Mapping[str, str]", message.get("Attributes", {}))
    told = cast("Mapping[str, Mapping[str, str]]", message.get("MessageAttributes", {}))
    errors = (told[name].get("StringValue", "") for name in _ERRORS if name in told)
    return Letter(
        id=str(message["MessageId"]),
        body=str(message["Body"]),
        receipt=str(message["ReceiptHandle"]),
        sent_at=datetime.fromtimestamp(int(system.get("SentTimestamp", "0")) / 1000, UTC),
        error=next((error for error in errors if error), ""),
    )
