"""The account of the embedded AWS, for the checks of ``tests/agreement``.

Note: Lambda's own delay is held back for the functions of the checks, and ``settle`` is what ends it, so that a check
sees what is in progress however slow the machine is. That the delay ends by itself is in
``emulator/test_lambda_versions.py``.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.emulator.patches.fault_injection import faults
from local.polling import eventually
from local.roles import TRUST
from local.server import ACCOUNT, REGION, EmbeddedAws
from tests.agreement.account import Found, Json, is_about
from tests.contract.role import MADE, made
from tests.local.lambda_functions import zipped
from tests.template import properties, transformed

PREFIX = "checked-"
_numbers = itertools.count(1)
_MINUTES = 10
_OF_A_TABLE = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
_HANDLER = "import time\n\nCODE = {!r}\n\n\ndef handler(event, context):\n    time.sleep({})\n"
_OK = f"{_HANDLER}    return {{{{'ok': True}}}}\n"
_FAILING = f"{_HANDLER}    raise ValueError('it went wrong')\n"


class Bus:
    """What EventBridge says of all buckets and alarms, and what the checks share beside it: a table and a topic."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.template = transformed()
        self.table, self.topic = f"{PREFIX}table", aws.client("sns").create_topic(Name=f"{PREFIX}topic")["TopicArn"]
        table = properties(self.template, "Deployments")
        aws.client("dynamodb").create_table(TableName=self.table, **{name: table[name] for name in _OF_A_TABLE})
        self._seen: list[Json] = []
        self._queues = aws.client("sqs")
        self._queue = self._queues.create_queue(QueueName=f"{PREFIX}events")["QueueUrl"]
        self._listen(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PREFIX}events")

    def seen(self) -> list[Json]:
        """Returns everything that was told since the beginning."""
        while found := self._queues.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            self._seen.extend(json.loads(message["Body"]) for message in found)
        return self._seen

    def patterns(self) -> list[Json]:
        """Returns the patterns of the template's rules, without the bucket's name."""
        resources = self.template["Resources"].values()
        rules = [each["Properties"] for each in resources if each["Type"] == "AWS::Events::Rule"]
        found = [made(rule["EventPattern"], MADE) for rule in rules if "EventPattern" in rule]
        for pattern in found:
            pattern["detail"].pop("bucket", None)
        return [{name: value for name, value in pattern.items() if value} for pattern in found]

    def _listen(self, arn: str) -> None:
        service = {"Service": "events.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": service, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._queues.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        client, name = self.aws.client("events"), f"{PREFIX}events"
        wanted = {
            "source": ["aws.s3", "aws.cloudwatch"],
            "detail-type": ["Object Created", "CloudWatch Alarm State Change"],
        }
        client.put_rule(Name=name, EventPattern=json.dumps(wanted))
        client.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])


class EmbeddedAccount:
    """See ``tests.agreement.account.Account``. Each check has one, and all are of one AWS."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self._aws = bus, bus.aws
        self.name = f"{PREFIX}{next(_numbers)}"
        self.table, self.topic = bus.table, bus.topic
        self._buckets: list[str] = []

    def client(self, service: str) -> Any:
        return self._aws.client(service)

    def code(self, text: str, *, fails: bool = False, minutes: float = 0, refuses: str = "") -> bytes:
        seconds = minutes * self._aws.settings.minute
        content = zipped((_FAILING if fails else _OK).format(f"{self.name} {text}", seconds))
        if refuses:
            faults.refusals[base64.b64encode(hashlib.sha256(content).digest()).decode()] = refuses
        return content

    def role(self, name: str = "function") -> str:
        iam, full = self.client("iam"), f"{PREFIX}{name}"
        try:
            return str(iam.create_role(RoleName=full, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"])
        except iam.exceptions.EntityAlreadyExistsException:
            return str(iam.get_role(RoleName=full)["Role"]["Arn"])

    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def minute(self) -> timedelta:
        return timedelta(seconds=self._aws.settings.minute)

    def sleep(self, version: str) -> None:
        from local.emulator.patches.lambda_invocations import readiness

        readiness.sleep(ACCOUNT, REGION, self.name, version)

    def comes_later(self, version: str, minutes: int) -> None:
        faults.later[self.name, version] = minutes * self._aws.settings.minute

    def by_version_with_weights_only(self) -> None:
        faults.by_version_with_weights_only.add(self.name)

    def trims_nothing(self) -> None:
        faults.untrimmed.add(self.name)

    def settle(self) -> None:
        from ministack.services import lambda_svc

        from local.emulator.patches.lambda_functions.publication import settle

        settle(lambda_svc._functions.get_scoped(ACCOUNT, REGION, self.name))

    def bucket(self, *, versioned: bool = True) -> str:
        s3, name = self.client("s3"), f"{self.name}-{len(self._buckets)}"
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        configuration: Json = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)
        self._buckets.append(name)
        return name

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def delete(self, bucket: str, key: str) -> None:
        self.client("s3").delete_object(Bucket=bucket, Key=key)

    def events(self) -> list[Json]:
        return [event for event in self._bus.seen() if is_about(event, self.name, self._buckets)]

    def hands_over(self, event: Json) -> bool:
        client, told = self.client("events"), json.dumps(event)
        patterns = map(json.dumps, self._bus.patterns())
        return any(client.test_event_pattern(EventPattern=pattern, Event=told)["Result"] for pattern in patterns)

    def eventually(self, look: Callable[[], Found]) -> Found:
        return eventually(look, _MINUTES * self._aws.settings.minute)


@contextmanager
def delays_held_back() -> Iterator[None]:
    """Keeps what the checks begin in progress until they say ``settle``. Only while an embedded AWS runs."""
    from local.emulator.patches.lambda_functions import publication

    original = publication._wait_and_settle

    def wait(function: Json) -> None:
        if not function["config"]["FunctionName"].startswith(PREFIX):
            original(function)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "_wait_and_settle", wait)
        yield
