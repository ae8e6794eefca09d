"""Sends what is left of an asynchronous invocation to a queue, a topic, a function or an event bus.

Note: there is nobody to raise to. What cannot be delivered is said in the log, as AWS says it with its metric
DestinationDeliveryFailures only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import eventbridge, sns, sqs

_LOG = logging.getLogger(__name__)

Attributes = Mapping[str, Mapping[str, str]]


class Undeliverable(Exception):
    """The target does not exist or does not take the message."""


def send(target: str, body: object, attributes: Attributes, invoke: Callable[[str, Any], None]) -> None:
    """Sends ``body`` as JSON to the ARN ``target``. ``invoke`` runs a function that is a target."""
    try:
        _deliver(target, body, attributes, invoke)
    except (Undeliverable, LookupError) as error:
        _LOG.warning("the outcome of an asynchronous invocation could not be sent to %s: %s", target, error)


def _deliver(target: str, body: object, attributes: Attributes, invoke: Callable[[str, Any], None]) -> None:
    match target.split(":", 5)[2:3]:
        case ["sqs"]:
            _to_queue(target, json.dumps(body), attributes)
        case ["sns"]:
            if sns.publish_internal(target, json.dumps(body), message_attributes=_of_topic(attributes)) is None:
                raise Undeliverable("there is no such topic")
        case ["lambda"]:
            invoke(target, body)
        case ["events"]:
            _to_bus(target, body)
        case _:
            raise Undeliverable("only queues, topics, functions and event buses are delivered to")


def _to_queue(target: str, body: str, attributes: Attributes) -> None:
    queue = sqs._queue_by_arn(target)
    if queue is None:
        raise Undeliverable("there is no such queue")
    name = target.rpartition(":")[2]
    try:
        sqs._act_send_message({"MessageBody": body, "MessageAttributes": attributes}, sqs._queue_url(name))
    except sqs._Err as error:
        raise Undeliverable(str(error)) from error


def _of_topic(attributes: Attributes) -> dict[str, dict[str, str]]:
    return {name: dict(value) for name, value in attributes.items()}


def _to_bus(target: str, body: object) -> None:
    """Puts the record on a bus. Source: developer guide, "Capturing records", EventBridge, 2023-10."""
    if not isinstance(body, Mapping):
        raise Undeliverable("an event bus takes a destination record only")
    outcome = "Success" if body["requestContext"]["condition"] == "Success" else "Failure"
    eventbridge._put_events(
        {
            "Entries": [
                {
                    "Source": "lambda",
                    "DetailType": f"Lambda Function Invocation Result - {outcome}",
                    "Detail": json.dumps(body),
                    "EventBusName": target.rpartition("/")[2],
                    "Resources": [target, body["requestContext"]["functionArn"]],
                }
            ]
        }
    )
