"""Listens to what EventBridge is told, by the controller and by CloudWatch, gathered in a queue, as anybody could.

What a newcomer would get wrong: a notice is sent after the record that it is about was saved, and may come twice. So it
is waited for, and what counts is which ones came, not how often.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.server import EmbeddedAws

NAME = "slipway-demo-notices"

Notice = tuple[str, str]
"""A deployment and the phase that it entered: ("checkout:live#3", "ROLLED_BACK")."""


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm changed to ALARM at ``at``, in seconds since 1970."""

    alarm: str
    at: float


class Notices:
    """A queue and the rule that fills it. Both are made at once; what came before is not heard."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._sqs = aws.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=NAME)["QueueUrl"]
        self._read: list[Notice] = []
        self._fired: list[Fired] = []
        events = aws.client("events")
        rule = events.put_rule(Name=NAME, EventPattern=json.dumps({"source": ["slipway", "aws.cloudwatch"]}))["RuleArn"]
        events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": self._let_in(rule)}])

    def fired(self) -> tuple[Fired, ...]:
        """Returns every alarm that has fired so far, and when, the first one first."""
        self.read()
        return tuple(sorted(self._fired, key=lambda one: one.at))

    def read(self) -> tuple[Notice, ...]:
        """Returns every notice of the controller that has come so far, in no order that means anything."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._add(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return tuple(self._read)

    def _add(self, event: Mapping[str, Any]) -> None:
        detail = event["detail"]
        if event["source"] == "slipway":
            self._read.append((detail["deployment"], detail["phase"]))
        elif detail["state"]["value"] == "ALARM":
            at = datetime.strptime(detail["state"]["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
            self._fired.append(Fired(detail["alarmName"], at.timestamp()))

    def _let_in(self, rule: str) -> str:
        """Allows the rule to send to the queue and returns the queue's ARN."""
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = str(found["Attributes"]["QueueArn"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        return arn
