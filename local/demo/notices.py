"""Listens to what the controller tells the world: its EventBridge events, gathered in a queue, as anybody could.

What a newcomer would get wrong: a notice is sent after the record that it is about was saved, and may come twice. So it
is waited for, and what counts is which ones came, not how often.
"""

from __future__ import annotations

import json

from local.server import EmbeddedAws

NAME = "slipway-demo-notices"

Notice = tuple[str, str]
"""A deployment and the phase that it entered: ("checkout:live#3", "ROLLED_BACK")."""


class Notices:
    """A queue and the rule that fills it. Both are made at once; what came before is not heard."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._sqs = aws.client("sqs")
        self._queue = self._sqs.create_queue(QueueName=NAME)["QueueUrl"]
        self._read: list[Notice] = []
        events = aws.client("events")
        rule = events.put_rule(Name=NAME, EventPattern=json.dumps({"source": ["slipway"]}))["RuleArn"]
        events.put_targets(Rule=NAME, Targets=[{"Id": "queue", "Arn": self._let_in(rule)}])

    def read(self) -> tuple[Notice, ...]:
        """Returns every notice that has come so far, in no order that means anything."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                detail = json.loads(message["Body"])["detail"]
                self._read.append((detail["deployment"], detail["phase"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return tuple(self._read)

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
