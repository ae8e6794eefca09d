"""Reads what people were told: the notices that arrive in the queue of the fixture ``mailbox``."""

from __future__ import annotations

import json

from local.polling import eventually
from tests.local.shop import Shop


def notices(shop: Shop, mailbox: str) -> list[str]:
    """Returns the phases that were told about this function, after the last one that its record holds.

    A notice may come twice, as ``effects.Send`` says: where a tick meets it while it is being sent.
    """
    queue = shop.aws.client("sqs")
    told: list[str] = []

    def read() -> bool:
        for message in queue.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages", []):
            detail = json.loads(message["Body"])["detail"]
            queue.delete_message(QueueUrl=mailbox, ReceiptHandle=message["ReceiptHandle"])
            if detail.get("function") == shop.function:
                told.append(detail["phase"])
        return bool(told)

    eventually(read)
    return told
