"""Alarms of the embedded AWS fire, recover and say so as CloudWatch's do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from local.polling import eventually
from local.server import EmbeddedAws

MakeFunction = Callable[..., str]
Metric = Callable[..., dict[str, Any]]

RECORDER = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def namespace() -> str:
    return f"test-{uuid4()}"


@pytest.fixture
def publish(aws: EmbeddedAws, namespace: str) -> Callable[..., None]:
    """Publishes one value of each metric given by name, under the dimension Version=``version``."""

    def publish(version: str = "7", **values: float) -> None:
        dimensions = [{"Name": "Version", "Value": version}]
        entries = [{"MetricName": name, "Value": value, "Dimensions": dimensions} for name, value in values.items()]
        aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=entries)

    return publish


@pytest.fixture
def metric(namespace: str) -> Metric:
    """Makes the MetricStat query of a metric, with ``version`` as its only dimension."""

    def metric(name: str, version: str = "7", **changes: Any) -> dict[str, Any]:
        dimensions = [{"Name": "Version", "Value": version}]
        named = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
        return {"Id": name, "MetricStat": {"Metric": named, "Period": 60, "Stat": "Sum"}} | changes

    return metric


@pytest.fixture
def alarm(aws: EmbeddedAws, namespace: str) -> Iterator[Callable[..., str]]:
    """Makes an alarm on more than zero ``errors`` of version 7 and returns its name; ``changes`` are members
    of the call."""
    client, made = aws.client("cloudwatch"), []

    def make(**changes: Any) -> str:
        members = {
            "AlarmName": f"{namespace}/{len(made)}",
            "Namespace": namespace,
            "MetricName": "errors",
            "Dimensions": [{"Name": "Version", "Value": "7"}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        } | changes
        if "Metrics" in changes:
            for member in ("Namespace", "MetricName", "Dimensions", "Statistic", "Period"):
                del members[member]
        client.put_metric_alarm(**members)
        made.append(members["AlarmName"])
        return members["AlarmName"]

    yield make
    client.delete_alarms(AlarmNames=made)


@pytest.fixture
def queue(aws: EmbeddedAws) -> str:
    """The address of a queue that SNS may send to."""
    client = aws.client("sqs")
    url = client.create_queue(QueueName=f"seen-{uuid4()}")["QueueUrl"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": arn_of(aws, url)}]}
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return url


@pytest.fixture
def recorder(aws: EmbeddedAws, make_function: MakeFunction, recorders_role: str, queue: str) -> str:
    """The ARN of a function that sends what it gets to the queue."""
    name = make_function(RECORDER, Role=recorders_role, Environment={"Variables": {"QUEUE": queue}})
    return aws.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]


@pytest.fixture
def received(aws: EmbeddedAws, queue: str) -> Callable[[], list[dict[str, Any]]]:
    """Returns what the queue has got so far, all of it each time."""
    seen: list[dict[str, Any]] = []

    def receive() -> list[dict[str, Any]]:
        messages = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        seen.extend(json.loads(message["Body"]) for message in messages)
        return seen

    return receive


@pytest.fixture
def events(aws: EmbeddedAws, namespace: str, queue: str, received: Any) -> Iterator[Callable[[], list[Any]]]:
    """Returns the state changes of this test's alarms, oldest first."""
    client = aws.client("events")
    name = namespace.removesuffix("/")
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [{"prefix": namespace}]}}
    client.put_rule(Name=name, EventPattern=json.dumps(pattern))
    client.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn_of(aws, queue)}])
    yield lambda: sorted(received(), key=when)
    client.remove_targets(Rule=name, Ids=["queue"])
    client.delete_rule(Name=name)


def arn_of(aws: EmbeddedAws, queue: str) -> str:
    attributes = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return attributes["Attributes"]["QueueArn"]


def when(change: dict[str, Any]) -> str:
    """When the change was, to the millisecond; "" for what is no event."""
    return change["detail"]["state"]["timestamp"] if "detail" in change else ""


def described(aws: EmbeddedAws, name: str) -> dict[str, Any]:
    return aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def wait_for(aws: EmbeddedAws, name: str, state: str) -> dict[str, Any]:
    minutes = 6 * aws.settings.minute
    return eventually(lambda: (found := described(aws, name))["StateValue"] == state and found, minutes)


def stays(aws: EmbeddedAws, name: str, state: str) -> bool:
    """Whether the alarm still has the state when the minute at hand and one more are over."""
    time.sleep(2 * aws.settings.minute)
    return described(aws, name)["StateValue"] == state


def test_an_expression_is_kept_shown_and_evaluated(aws: EmbeddedAws, alarm: Any, publish: Any, metric: Metric) -> None:
    rate = {"Id": "rate", "Expression": "IF(calls >= 4, 100 * errors / calls, 0)", "Label": "error %"}
    hidden = [metric("errors", ReturnData=False), metric("calls", ReturnData=False)]
    name = alarm(Metrics=[*hidden, rate], Threshold=5)
    shown = described(aws, name)
    assert shown["Metrics"] == [*hidden, rate | {"ReturnData": True}]
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & set(shown)
    publish(errors=1, calls=3)
    assert stays(aws, name, "OK")
    publish(errors=2, calls=4)
    assert "[50.0]" in wait_for(aws, name, "ALARM")["StateReason"]


def test_a_function_that_is_an_action_is_invoked(aws: EmbeddedAws, alarm: Any, recorder: str, received: Any) -> None:
    name = alarm(AlarmActions=[recorder], OKActions=[f"{recorder}:absent"])
    wait_for(aws, name, "OK")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    (payload,) = eventually(received)
    assert (payload["source"], payload["alarmArn"]) == ("aws.cloudwatch", described(aws, name)["AlarmArn"])
    assert payload["alarmData"]["state"]["value"] == "ALARM"
    assert payload["alarmData"]["previousState"]["value"] == "OK"
    assert payload["alarmData"]["configuration"]["metrics"]


def test_disabled_actions_stay_silent_and_the_event_is_sent_all_the_same(
    aws: EmbeddedAws, alarm: Any, recorder: str, events: Any
) -> None:
    name = alarm(AlarmActions=[recorder], ActionsEnabled=False)
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    wait_for(aws, name, "OK")
    changes = eventually(lambda: len(found := events()) >= 2 and found)
    assert [each["detail-type"] for each in changes] == ["CloudWatch Alarm State Change"] * len(changes)


def test_a_topic_that_is_an_action_is_told(aws: EmbeddedAws, alarm: Any, queue: str, received: Any) -> None:
    topic = aws.client("sns").create_topic(Name=f"topic-{uuid4()}")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(aws, queue))
    name = alarm(AlarmActions=[topic])
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    message = json.loads(eventually(received)[0]["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")


def test_a_composite_alarm_follows_its_child_and_says_so(
    aws: EmbeddedAws, alarm: Any, publish: Any, events: Any, namespace: str
) -> None:
    client, child = aws.client("cloudwatch"), alarm()
    parent = f"{namespace}/all"
    client.put_composite_alarm(AlarmName=parent, AlarmRule=f'ALARM("{child}")')
    publish(errors=3)

    def of_parent() -> Any:
        return [each for each in events() if each["detail"]["alarmName"] == parent]

    firing = eventually(lambda: [each for each in of_parent() if each["detail"]["state"]["value"] == "ALARM"])[0]
    assert firing["detail"]["configuration"] == {"alarmRule": f'ALARM("{child}")'}
    (trigger,) = json.loads(firing["detail"]["state"]["reasonData"])["triggeringAlarms"]
    assert trigger["arn"].endswith(child)
    client.delete_alarms(AlarmNames=[parent])


def test_metric_data_has_exact_dimensions_scaled_periods_and_expressions(
    aws: EmbeddedAws, publish: Any, metric: Metric
) -> None:
    publish(errors=2, calls=8)
    publish(version="8", errors=100, calls=100)
    now = datetime.now(UTC)
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            metric("errors"),
            metric("calls", ReturnData=False),
            {"Id": "rate", "Expression": "100 * errors / calls", "Label": "error %"},
        ],
        StartTime=now - timedelta(seconds=10),
        EndTime=now + timedelta(seconds=10),
    )
    errors, rate = answer["MetricDataResults"]
    assert (errors["Label"], errors["Values"]) == ("errors", [2.0])
    assert (rate["Label"], rate["Values"], rate["Timestamps"]) == ("error %", [25.0], errors["Timestamps"])
    assert errors["Timestamps"][0].timestamp() % aws.settings.minute == pytest.approx(0)


def test_a_template_may_have_an_alarm_on_an_expression(
    aws: EmbeddedAws, metric: Metric, publish: Any, namespace: str
) -> None:
    entries = [metric("errors", ReturnData=False), {"Id": "twice", "Expression": "errors * 2"}]
    properties = {
        "AlarmName": f"{namespace}/template",
        "Metrics": entries,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    client, stack = aws.client("cloudformation"), f"stack-{uuid4()}"
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    eventually(lambda: aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"])
    publish(errors=3)
    assert "[6.0]" in wait_for(aws, properties["AlarmName"], "ALARM")["StateReason"]
    client.delete_stack(StackName=stack)
