"""Hands events to Lambda's asynchronous queue, and what has no taker to the target's dead-letter queue.

MiniStack runs a Lambda target once, on the spot, without the alias, retries or destinations, and only logs an
absent target. Source: EventBridge user guide "Using dead-letter queues to process undelivered events",
2026-11: a target that does not exist is not retried; the message is the event, its attributes say which rule,
which target and why.

The queue's policy must let events.amazonaws.com send for the rule, as on AWS, or the event is lost with a
warning.

Note: a function that fails is no failed delivery. Lambda has accepted the event, so retries and failure destinations
are the function's business; the rule's queue stays empty.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import eventbridge, sqs

from local.emulator.patches.lambda_invocations.asynchronous import invoke_asynchronously
from local.emulator.patches.patching import replace
from local.emulator.rules.eventbridge.dead_letters import Undelivered, attributes, body
from local.settings import Settings

SERVICE = "events.amazonaws.com"

_logger = logging.getLogger(__name__)
_absent: ContextVar[list[str] | None] = ContextVar("absent targets of the delivery at hand", default=None)


def install(settings: Settings) -> None:
    replace(eventbridge, "_dispatch_to_lambda", ("arn", "payload"), lambda _: _to_lambda)
    replace(eventbridge, "_dispatch_to_sqs", ("spec", "payload", "sqs_parameters"), _to_queue)
    replace(eventbridge, "_invoke_target", ("target", "event", "rule", "view"), _with_dead_letters)


def _to_lambda(arn: str, payload: str) -> None:
    try:
        invoke_asynchronously(arn, _event(payload))
    except LookupError as absent:
        _note_absent(str(absent))


def _event(payload: str) -> object:
    """A target's constant input need not be JSON; it reaches the function as text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _to_queue(original: Callable[..., None]) -> Callable[..., None]:
    def to_queue(spec: Any, payload: str, sqs_parameters: Any = None) -> None:
        if sqs._queue_by_arn(str(spec)) is None:
            _note_absent(f"The specified queue does not exist: {spec}")
            return
        original(spec, payload, sqs_parameters)

    return to_queue


def _note_absent(message: str) -> None:
    absent = _absent.get()
    if absent is None:
        _logger.warning("an event was not delivered: %s", message)
    else:
        absent.append(message)


def _with_dead_letters(original: Callable[..., None]) -> Callable[..., None]:
    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        absent: list[str] = []
        token = _absent.set(absent)
        try:
            original(target, event, rule, view)
        finally:
            _absent.reset(token)
        for message in absent:
            whole = (view or eventbridge._pattern_event_view(event)).event_with_detail()
            _keep(Undelivered(rule["Arn"], target["Arn"], message, whole), target)

    return invoke


def _keep(undelivered: Undelivered, target: dict[str, Any]) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    queue = sqs._queue_by_arn(arn) if arn else None
    if queue is None or not sqs.queue_policy_allows(arn, SERVICE, undelivered.rule_arn, get_account_id()):
        why = "has no dead-letter queue" if not arn else f"may not send to {arn}, or it does not exist"
        _logger.warning("an event was lost: %s; %s %s", undelivered.message, undelivered.rule_arn, why)
        return
    message = {
        "QueueUrl": queue["url"],
        "MessageBody": body(undelivered),
        "MessageAttributes": attributes(undelivered),
    }
    sqs._act_send_message(message, queue["url"])
