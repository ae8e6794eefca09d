"""L5: the events of the run's alarms on EventBridge, kept in a queue, and what the controller reads in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from live.outcomes import Finding
from live.probe import ALIAS, Probe
from live.run import TAG, Run

Event = Mapping[str, Any]


@dataclass
class AlarmEvents:
    """What was heard so far, by the event's id: EventBridge and SQS may deliver one twice."""

    run: Run
    queue: str
    events: dict[str, Event] = field(default_factory=dict)

    @staticmethod
    def heard_by(run: Run) -> AlarmEvents:
        """Makes a rule for the alarms whose names begin with the stack's, and a queue for what it finds."""
        sqs, events, name = run.client("sqs"), run.client("events"), f"{run.name}-alarms"
        queue = str(sqs.create_queue(QueueName=name, tags=run.tags)["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {"alarmName": [{"prefix": f"{run.name}/"}], "state": {"value": ["ALARM"]}},
        }
        tags = [{"Key": TAG, "Value": run.name}]
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern), Tags=tags)["RuleArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        return AlarmEvents(run, queue)

    def heard(self) -> bool:
        """Takes what is in the queue, and says whether any event has come so far."""
        sqs = self.run.client("sqs")
        for message in sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            self.events[event["id"]] = event
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return bool(self.events)

    def judged(self, function: Probe, version: str | None) -> Finding:
        """Says whether there was one event, and whether it names the function, the alias and the version."""
        self.heard()
        wanted = {"FunctionName": function.name, "Resource": f"{function.name}:{ALIAS}", "ExecutedVersion": version}
        named = [metric for event in self.events.values() for metric in _metrics(event) if metric == wanted]
        count = len(self.events)
        said = f"{count} event{'' if count == 1 else 's'}, with {len(named)} metrics of version {version} by dimension"
        return Finding("L5", said, as_expected=count == 1 and bool(named))


def _metrics(event: Event) -> list[Mapping[str, str]]:
    metrics = event["detail"].get("configuration", {}).get("metrics", [])
    return [each["metricStat"]["metric"].get("dimensions", {}) for each in metrics if "metricStat" in each]
