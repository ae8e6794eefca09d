"""Listens to the alarms that fire: CloudWatch's events, gathered in a queue, as anybody could.

Note: the alarm of a deployment is deleted when that deployment ends. That it fired, and when, is known by its event.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from local.server import EmbeddedAws

NAME = "slipway-demo-alarms"


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm changed to ALARM at ``at``, in seconds since 1970."""

    alarm: str
    at: float


class Alarms:
    """A queue and the rule that fills it with alarms of this prefix. What fired before it was made is not heard."""

    def __init__(self, aws: EmbeddedAws, prefix: str) -> None:
        self._sqs = aws.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=NAME)["QueueUrl"]
        self._fired: list[Fired] = []
        events = aws.client("events")
        pattern = {
            "source": ["aws.cloudwatch"],
            "detail": {"state": {"value": ["ALARM"]}, "alarmName": [{"prefix": prefix}]},
        }
        rule = events.put_rule(Name=NAME, EventPattern=json.dumps(pattern))["RuleArn"]
        events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": self._let_in(rule)}])

    def fired(self) -> tuple[Fired, ...]:
        """Returns every alarm that has fired so far, and when, the first one first."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                detail = json.loads(message["Body"])["detail"]
                at = datetime.strptime(detail["state"]["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
                self._fired.append(Fired(detail["alarmName"], at.timestamp()))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return tuple(sorted(self._fired, key=lambda one: one.at))

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
