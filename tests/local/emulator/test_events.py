"""Events of the embedded AWS reach their targets as AWS's do: asynchronously, in time, and never silently
lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

import pytest

from local.polling import eventually
from local.server import EmbeddedAws

MakeFunction = Callable[..., str]

RECORDER = """
import json, os, boto3
def handler(event, context):
    record = {"event": event, "arn": context.invoked_function_arn}
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(record))
    if isinstance(event, dict) and event.get("detail", {}).get("fail"):
        raise ValueError("as asked")
"""


class Queue:
    """A queue that remembers what it has given out, and that EventBridge may send to."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._client = aws.client("sqs")
        self.url = self._client.create_queue(QueueName=f"queue-{uuid4()}")["QueueUrl"]
        attributes = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        service = {"Service": "events.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": service, "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._client.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        self._messages: list[dict[str, Any]] = []

    def messages(self) -> list[dict[str, Any]]:
        answer = self._client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        self._messages.extend(answer.get("Messages", []))
        return self._messages

    def bodies(self) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.messages()]


@pytest.fixture
def queue(aws: EmbeddedAws) -> Queue:
    return Queue(aws)


@pytest.fixture
def dead_letters(aws: EmbeddedAws) -> Queue:
    return Queue(aws)


@pytest.fixture
def alias(aws: EmbeddedAws, make_function: MakeFunction, recorders_role: str, queue: Queue) -> str:
    """The ARN of the alias ``live`` of a function that records its events in ``queue``."""
    client, environment = aws.client("lambda"), {"Variables": {"QUEUE": queue.url}}
    name = make_function(RECORDER, Role=recorders_role, Environment=environment)
    version = client.publish_version(FunctionName=name)["Version"]
    return client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)["AliasArn"]


@pytest.fixture
def rule(aws: EmbeddedAws) -> Iterator[Callable[..., str]]:
    """Makes a rule with one target and returns its name."""
    client, made = aws.client("events"), []

    def make(arn: str, dead_letter_queue: str = "", **members: Any) -> str:
        name = f"rule-{uuid4()}"
        client.put_rule(Name=name, **members)
        made.append(name)
        target: dict[str, Any] = {"Id": "target", "Arn": arn}
        if dead_letter_queue:
            target["DeadLetterConfig"] = {"Arn": dead_letter_queue}
        client.put_targets(Rule=name, Targets=[target])
        return name

    yield make
    for name in made:
        client.remove_targets(Rule=name, Ids=["target"])
        client.delete_rule(Name=name)


def send(aws: EmbeddedAws, source: str, **detail: Any) -> None:
    entry = {"Source": source, "DetailType": "test", "Detail": json.dumps(detail)}
    aws.client("events").put_events(Entries=[entry])


def pattern(source: str) -> dict[str, str]:
    return {"EventPattern": json.dumps({"source": [source]})}


def test_an_event_runs_the_alias_it_is_sent_to(aws: EmbeddedAws, rule: Any, alias: str, queue: Queue) -> None:
    source = f"test.{uuid4()}"
    rule(alias, **pattern(source))
    send(aws, source, number=1)
    (run,) = eventually(queue.bodies)
    assert run["arn"] == alias
    assert (run["event"]["source"], run["event"]["detail"]) == (source, {"number": 1})


def test_a_failing_function_is_tried_again_and_is_no_lost_event(
    aws: EmbeddedAws, rule: Any, alias: str, queue: Queue, dead_letters: Queue
) -> None:
    function, _, qualifier = alias.rpartition(":")
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName=function, Qualifier=qualifier, MaximumRetryAttempts=1
    )
    source = f"test.{uuid4()}"
    rule(alias, dead_letters.arn, **pattern(source))
    send(aws, source, fail=True)
    runs = eventually(lambda: len(found := queue.bodies()) == 2 and found, 10 + 2 * aws.settings.minute)
    assert runs[0]["event"] == runs[1]["event"]
    assert dead_letters.messages() == []


def test_an_event_for_an_absent_alias_is_kept_in_the_rules_queue(
    aws: EmbeddedAws, rule: Any, alias: str, dead_letters: Queue
) -> None:
    absent, source = alias.replace(":live", ":gone"), f"test.{uuid4()}"
    name = rule(absent, dead_letters.arn, **pattern(source))
    send(aws, source, number=1)
    (letter,) = eventually(dead_letters.messages)
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert attributes.pop("RULE_ARN").endswith(f":rule/{name}")
    assert attributes.pop("ERROR_MESSAGE").startswith("Function not found")
    assert attributes == {"TARGET_ARN": absent, "ERROR_CODE": "NO_RESOURCE", "RETRY_ATTEMPTS": "0"}
    assert json.loads(letter["Body"])["detail"] == {"number": 1}


def test_a_rate_of_one_minute_fires_once_in_every_minute_of_the_embedded_aws(
    aws: EmbeddedAws, rule: Any, queue: Queue
) -> None:
    started, minute = time.monotonic(), aws.settings.minute
    name = rule(queue.arn, ScheduleExpression="rate(1 minute)")
    seen: list[float] = []
    while len(seen) < 3:
        eventually(lambda: len(queue.messages()) > len(seen), 2 * minute + 2)
        seen.append(time.monotonic())
    assert seen[0] - started < 1.5 * minute + 0.5
    assert all(0.6 * minute < later - earlier < 1.5 * minute + 0.5 for earlier, later in pairwise(seen))
    event = queue.bodies()[0]
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"][0].endswith(f":rule/{name}")


@pytest.fixture
def bucket(aws: EmbeddedAws) -> str:
    name, client = f"bucket-{uuid4()}", aws.client("s3")
    client.create_bucket(Bucket=name)
    return name


def watch(aws: EmbeddedAws, bucket: str, alias: str = "") -> None:
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
    if alias:
        direct = {"LambdaFunctionArn": alias, "Events": ["s3:ObjectCreated:*"]}
        configuration["LambdaFunctionConfigurations"] = [direct]
    aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def keep_versions(aws: EmbeddedAws, bucket: str) -> None:
    aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def test_a_direct_notification_runs_the_alias_with_the_version_and_an_encoded_key(
    aws: EmbeddedAws, alias: str, queue: Queue, bucket: str
) -> None:
    keep_versions(aws, bucket)
    watch(aws, bucket, alias)
    key = "shop/build 1+2.zip"
    put = aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"one")
    (run,) = eventually(queue.bodies)
    told = run["event"]["Records"][0]["s3"]["object"]
    assert run["arn"] == alias
    assert (told["versionId"], told["key"]) == (put["VersionId"], "shop/build+1%2B2.zip")
    assert unquote_plus(told["key"]) == key
    assert int(told["sequencer"], 16)
