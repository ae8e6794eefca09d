"""Sends the event of an asynchronous invocation that failed for good to its function's dead-letter queue.

Note: there is nobody to raise to. What cannot be delivered is said in the log, as AWS says it with its metric
DeadLetterErrors only.

Left out: topics as targets, and destinations. They are said in the log, too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from ministack.services import sqs

_LOG = logging.getLogger(__name__)


def send(target: str, event: object, attributes: Mapping[str, Mapping[str, str]]) -> None:
    """Sends ``event`` as JSON to the queue with the ARN ``target``."""
    queue = sqs._queue_by_arn(target)
    if queue is None:
        _LOG.warning("a dead letter could not be sent: there is no queue %s", target)
        return
    name = target.rpartition(":")[2]
    try:
        sqs._act_send_message({"MessageBody": json.dumps(event), "MessageAttributes": attributes}, sqs._queue_url(name))
    except sqs._Err as error:
        _LOG.warning("a dead letter could not be sent to %s: %s", target, error)
