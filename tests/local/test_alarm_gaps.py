"""Alarms of the embedded AWS fire, recover and say so as CloudWatch's do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from local.polling import eventually
from local.roles import TRUST
from local.server import ACCESS_KEY_ID, ACCOUNT, SECRET_ACCESS_KEY, EmbeddedAws

MakeFunction = Callable[..., str]
Metric = Callable[..., dict[str, Any]]

RECORDER = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


MAY_RECORD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}


@pytest.fixture(scope="module")
def recorders_role(aws: EmbeddedAws) -> str:
    """The ARN of a role for functions that send what they get to a queue."""
    iam, name = aws.client("iam"), f"recorder-{uuid4()}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="record", PolicyDocument=json.dumps(MAY_RECORD))
    return role["Role"]["Arn"]


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


def test_a_new_alarm_has_no_state_yet_and_then_the_one_of_its_metric(aws: EmbeddedAws, alarm: Any, events: Any) -> None:
    name = alarm()
    wait_for(aws, name, "OK")
    first = eventually(events, 5)[0]["detail"]
    assert first["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert first["previousState"]["reason"] == "Unchecked: Initial alarm creation"
    assert "reasonData" not in first["previousState"]


def test_a_breaching_metric_fires_the_alarm_and_silence_ends_it(aws: EmbeddedAws, alarm: Any, publish: Any) -> None:
    name = alarm()
    publish(errors=3)
    fired = wait_for(aws, name, "ALARM")
    assert fired["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [3.0 (")
    assert fired["StateReason"].endswith(
        ")] was greater than the threshold (0.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert json.loads(fired["StateReasonData"])["recentDatapoints"] == [3.0]
    ended = wait_for(aws, name, "OK")
    assert ended["StateReason"].endswith("1 missing datapoint was treated as [NonBreaching].")


def test_a_period_that_is_not_over_does_not_count(aws: EmbeddedAws, alarm: Any, publish: Any) -> None:
    name = alarm()
    publish(errors=3)
    fired = wait_for(aws, name, "ALARM")
    data = json.loads(fired["StateReasonData"])
    started, asked = (datetime.fromisoformat(data[member]) for member in ("startDate", "queryDate"))
    assert asked - started >= timedelta(seconds=aws.settings.minute)


def test_the_same_metric_under_other_dimensions_does_not_fire_it(aws: EmbeddedAws, alarm: Any, publish: Any) -> None:
    name = alarm()
    wait_for(aws, name, "OK")
    publish(version="8", errors=3)
    assert stays(aws, name, "OK")


def test_two_of_three_are_not_one(aws: EmbeddedAws, alarm: Any, publish: Any) -> None:
    name = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    publish(errors=1)
    assert stays(aws, name, "OK")
    publish(errors=1)
    wait_for(aws, name, "ALARM")


def test_missing_data_can_be_an_alarm(aws: EmbeddedAws, alarm: Any) -> None:
    fired = wait_for(aws, alarm(TreatMissingData="breaching"), "ALARM")
    assert "1 missing datapoint was treated as [Breaching]" in fired["StateReason"]


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
    fired = wait_for(aws, name, "ALARM")
    assert "[50.0 (" in fired["StateReason"]
    assert "statistic" not in json.loads(fired["StateReasonData"])


@pytest.mark.parametrize(
    ("expression", "said"), [("SUM(errors)", "gives a scalar"), ("RATE(errors)", "unknown function RATE")]
)
def test_an_expression_that_cannot_be_evaluated_is_refused(
    alarm: Any, metric: Metric, expression: str, said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        alarm(Metrics=[metric("errors", ReturnData=False), {"Id": "r", "Expression": expression}])


def test_an_update_replaces_the_configuration_and_keeps_the_state(aws: EmbeddedAws, alarm: Any, publish: Any) -> None:
    name = alarm(TreatMissingData="ignore", AlarmDescription="first")
    publish(errors=3)
    before = wait_for(aws, name, "ALARM")
    alarm(AlarmName=name, TreatMissingData="ignore", Threshold=1)
    after = described(aws, name)
    kept = (
        "StateValue",
        "StateReason",
        "StateReasonData",
        "StateUpdatedTimestamp",
        "StateTransitionedTimestamp",
    )
    assert {member: after[member] for member in kept} == {member: before[member] for member in kept}
    assert after["Threshold"] == 1
    assert not after.get("AlarmDescription")


def test_a_state_set_by_hand_is_an_event_and_lasts_about_a_minute(aws: EmbeddedAws, alarm: Any, events: Any) -> None:
    name = alarm()
    wait_for(aws, name, "OK")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    started = time.monotonic()
    wait_for(aws, name, "OK")
    assert time.monotonic() - started > 0.8 * aws.settings.minute
    states = eventually(lambda: len(found := events()) >= 3 and found, 5)
    assert [event["detail"]["state"]["value"] for event in states] == ["OK", "ALARM", "OK"]
    assert states[1]["detail"]["state"]["reason"] == "drill"
    assert states[2]["detail"]["previousState"]["reason"] == "drill"


def test_the_history_has_every_state_change(aws: EmbeddedAws, alarm: Any) -> None:
    name, client = alarm(), aws.client("cloudwatch")
    wait_for(aws, name, "OK")
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill", StateReasonData='{"a": 1}')
    items = client.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
        f'Alarm "{name}" created',
    ]
    assert [item["HistoryItemType"] for item in items] == [
        "StateUpdate",
        "StateUpdate",
        "ConfigurationUpdate",
    ]
    assert json.loads(items[0]["HistoryData"])["newState"] == {
        "stateValue": "ALARM",
        "stateReason": "drill",
        "stateReasonData": {"a": 1},
    }


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_the_history_says_to_the_millisecond_when(aws: EmbeddedAws, alarm: Any, protocol: str) -> None:
    """As the alarm itself does. To the second, a change could not be told from the one after it."""
    name, client = alarm(), aws.client("cloudwatch")
    wait_for(aws, name, "OK")
    spans = []
    for state in ("ALARM", "OK", "ALARM"):
        before = datetime.now(UTC)
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="drill")
        spans.append((before, datetime.now(UTC)))
    items = history(aws, name, protocol)[:3]
    assert [item["HistorySummary"].split()[-1] for item in items] == ["ALARM", "OK", "ALARM"]
    slack = timedelta(milliseconds=1)
    for item, (before, after) in zip(reversed(items), spans, strict=True):
        assert before - slack <= item["Timestamp"] <= after


def history(aws: EmbeddedAws, name: str, protocol: str) -> list[dict[str, Any]]:
    """Returns the history as a client of that protocol reads it."""
    loader = Loader()
    loader.load_service_model("cloudwatch", "service-2")["metadata"] |= {"protocol": protocol, "protocols": [protocol]}
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    keys = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
    client = session.create_client("cloudwatch", aws.region, endpoint_url=aws.endpoint, **keys)
    items: list[dict[str, Any]] = client.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    return items


def test_a_monitor_of_another_service_finds_the_alarm_in_the_history(aws: EmbeddedAws, alarm: Any) -> None:
    """MiniStack's AppConfig looks for the moment an alarm fired; it reads whole seconds."""
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch

    name, began = alarm(), time.time()
    wait_for(aws, name, "OK")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="OK", StateReason="drill")
    with request_scope(ACCOUNT, aws.region):
        found = cloudwatch.first_alarm_time(described(aws, name)["AlarmArn"], began - 2, time.time() + 1)
    assert found is not None and began - 2 < found <= time.time()


def test_a_function_that_is_an_action_is_invoked(aws: EmbeddedAws, alarm: Any, recorder: str, received: Any) -> None:
    name = alarm(AlarmActions=[recorder], OKActions=[f"{recorder}:absent"])
    wait_for(aws, name, "OK")
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    (payload,) = eventually(received, 10)
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
    changes = eventually(lambda: len(found := events()) >= 2 and found, 5)
    assert [each["detail-type"] for each in changes] == ["CloudWatch Alarm State Change"] * len(changes)


def test_a_topic_that_is_an_action_is_told(aws: EmbeddedAws, alarm: Any, queue: str, received: Any) -> None:
    topic = aws.client("sns").create_topic(Name=f"topic-{uuid4()}")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(aws, queue))
    name = alarm(AlarmActions=[topic])
    aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    message = json.loads(eventually(received, 5)[0]["Message"])
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

    firing = eventually(lambda: [each for each in of_parent() if each["detail"]["state"]["value"] == "ALARM"], 15)[0]
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


def test_the_newest_point_comes_first_unless_asked_otherwise(aws: EmbeddedAws, publish: Any, metric: Metric) -> None:
    publish(errors=1)
    time.sleep(aws.settings.minute)
    publish(errors=2)
    now = datetime.now(UTC)
    asked: dict[str, Any] = {
        "MetricDataQueries": [metric("errors")],
        "StartTime": now - timedelta(seconds=20),
        "EndTime": now + timedelta(seconds=20),
    }
    client = aws.client("cloudwatch")
    assert client.get_metric_data(**asked)["MetricDataResults"][0]["Values"] == [2.0, 1.0]
    oldest_first = client.get_metric_data(**asked, ScanBy="TimestampAscending")
    assert oldest_first["MetricDataResults"][0]["Values"] == [1.0, 2.0]


def test_an_unknown_function_in_a_query_is_refused_by_name(aws: EmbeddedAws, metric: Metric) -> None:
    queries = [metric("errors"), {"Id": "r", "Expression": "RATE(errors)"}]
    now = datetime.now(UTC)
    with pytest.raises(ClientError, match=r"Error in expression 'r' \[unknown function RATE"):
        aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=now - timedelta(minutes=1), EndTime=now
        )


def test_metric_statistics_are_scaled_too(aws: EmbeddedAws, publish: Any, namespace: str) -> None:
    publish(errors=1)
    publish(errors=3)
    now = datetime.now(UTC)
    answer = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName="errors",
        Dimensions=[{"Name": "Version", "Value": "7"}],
        StartTime=now - timedelta(seconds=10),
        EndTime=now + timedelta(seconds=10),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )
    points = answer["Datapoints"]
    assert (sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points)) == (
        4.0,
        2.0,
    )
    assert points[0]["Timestamp"].timestamp() % aws.settings.minute == pytest.approx(0)


RATE_OF_TWO = {
    "Metrics.member.1.Id": "errors",
    "Metrics.member.1.ReturnData": "false",
    "Metrics.member.1.MetricStat.Metric.Namespace": "N",
    "Metrics.member.1.MetricStat.Metric.MetricName": "errors",
    "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Name": "Version",
    "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Value": "7",
    "Metrics.member.1.MetricStat.Period": "60",
    "Metrics.member.1.MetricStat.Stat": "Sum",
    "Metrics.member.2.Id": "twice",
    "Metrics.member.2.Expression": "errors * 2",
}


def asked_in_query_protocol(operation: str, **members: str) -> str:
    """Sends a request as older clients do, past the signature check, and returns the XML of the answer."""
    from ministack.services import cloudwatch

    body = urlencode({"Action": operation, "Version": "2010-08-01", **members}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    status, _, answer = asyncio.run(cloudwatch.handle_request("POST", "/", headers, body, {}))
    assert status == HTTPStatus.OK, answer
    return answer.decode()


def test_the_query_protocol_keeps_and_shows_expressions_too(aws: EmbeddedAws, namespace: str) -> None:
    name, client = f"{namespace}/query", aws.client("cloudwatch")
    rule = {"EvaluationPeriods": "1", "Threshold": "5", "ComparisonOperator": "GreaterThanThreshold"}
    asked_in_query_protocol("PutMetricAlarm", AlarmName=name, **rule, **RATE_OF_TWO)
    (stored,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert [entry["ReturnData"] for entry in stored["Metrics"]] == [False, True]
    shown = asked_in_query_protocol("DescribeAlarms", **{"AlarmNames.member.1": name})
    assert "<Id>twice</Id><ReturnData>true</ReturnData><Expression>errors * 2</Expression>" in shown
    assert "<Name>Version</Name><Value>7</Value>" in shown
    client.delete_alarms(AlarmNames=[name])


def test_the_query_protocol_gets_metric_data_with_times(publish: Any, namespace: str) -> None:
    publish(errors=2)
    queries = {name.replace("Metrics", "MetricDataQueries"): value for name, value in RATE_OF_TWO.items()}
    queries["MetricDataQueries.member.1.MetricStat.Metric.Namespace"] = namespace
    now = datetime.now(UTC)
    start, end = (f"{now + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}" for seconds in (-10, 10))
    shown = asked_in_query_protocol("GetMetricData", StartTime=start, EndTime=end, **queries)
    assert "<Values><member>4.0</member></Values>" in shown
    assert f"<Timestamps><member>{now:%Y-%m-%dT}" in shown


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
    eventually(lambda: aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"], 20)
    publish(errors=3)
    assert "[6.0 (" in wait_for(aws, properties["AlarmName"], "ALARM")["StateReason"]
    client.delete_stack(StackName=stack)
