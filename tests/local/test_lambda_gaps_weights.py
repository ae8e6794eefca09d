"""An alias splits traffic by weight, whoever invokes."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from tests.local.lambda_functions import (
    ACCOUNT_ARN,
    ECHO,
    Function,
    MakeFunction,
    refusal_of,
    weights,
    with_two_versions,
)

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def function(aws: EmbeddedAws, role: str) -> Function:
    return with_two_versions(aws, role, "weighted")


@pytest.fixture
def alias() -> str:
    return f"alias-{next(_numbers)}"


def test_an_alias_splits_invocations_of_parallel_callers_by_weight(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.3))
    with ThreadPoolExecutor(10) as callers:
        answers = list(callers.map(lambda _: function.invoke(Qualifier=alias), range(300)))
    split = Counter(body["version"] for _, body in answers)
    # 300 draws at 30 %: 5 standard deviations to either side.
    assert 50 <= split["2"] <= 130
    assert all(answer["ExecutedVersion"] == body["version"] for answer, body in answers)
    assert {body["arn"] for _, body in answers} == {f"{function.arn}:{alias}"}


def test_asynchronous_invocations_are_split_too(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    for _ in range(60):
        function.invoke(Qualifier=alias, InvocationType="Event")
    resource = f"{function.name}:{alias}"
    eventually(lambda: function.metric("Invocations", Resource=resource) == 60, within=20)
    assert 10 <= function.metric("Invocations", Resource=resource, ExecutedVersion="2") <= 50


def test_events_of_a_topic_are_split_too(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    topics = function.aws.client("sns")
    topic = topics.create_topic(Name=alias)["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f"{function.arn}:{alias}")
    for _ in range(60):
        topics.publish(TopicArn=topic, Message="an order")
    resource = f"{function.name}:{alias}"
    eventually(lambda: function.metric("Invocations", Resource=resource) == 60, within=20)
    assert 10 <= function.metric("Invocations", Resource=resource, ExecutedVersion="2") <= 50


def test_messages_of_a_queue_are_split_too(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    queues = function.aws.client("sqs")
    url = queues.create_queue(QueueName=alias)["QueueUrl"]
    source = f"arn:aws:sqs:{ACCOUNT_ARN}:{alias}"
    arn = f"{function.arn}:{alias}"
    function.client.create_event_source_mapping(EventSourceArn=source, FunctionName=arn, BatchSize=1)
    for _ in range(40):
        queues.send_message(QueueUrl=url, MessageBody="an order")
    resource = f"{function.name}:{alias}"
    eventually(lambda: function.metric("Invocations", Resource=resource) == 40, within=20)
    assert 5 <= function.metric("Invocations", Resource=resource, ExecutedVersion="2") <= 35


def test_an_alias_is_throttled_by_its_functions_reserved_concurrency(
    aws: EmbeddedAws, make_function: MakeFunction
) -> None:
    own = Function(aws, make_function(ECHO))
    own.call("create_alias", Name="live", FunctionVersion=own.publish())
    own.call("put_function_concurrency", ReservedConcurrentExecutions=0)
    code, _ = refusal_of(lambda: own.invoke(Qualifier="live"))
    assert code == "TooManyRequestsException"
    assert own.metric("Throttles", Resource=f"{own.name}:live") == 1
