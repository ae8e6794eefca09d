"""Who may invoke what, what only looks like an invocation, and what is too much at once, as in Lambda."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.polling import eventually
from local.server import EmbeddedAws
from tests.local.lambda_functions import ACCOUNT_ARN, ECHO, Function, MakeFunction

Caller = Callable[..., Any]

WAITING = (
    "import os, time\n"
    "def handler(event, context):\n"
    "    open(event['begun'], 'w').close()\n"
    "    while not os.path.exists(event['go']):\n"
    "        time.sleep(0.02)\n"
)
KINDS = ["RequestResponse", "Event", "DryRun"]


@pytest.fixture
def caller(aws: EmbeddedAws) -> Iterator[Caller]:
    """Makes the Lambda client of somebody who may invoke these resources and nothing else."""
    iam, made = aws.client("iam"), []

    def caller(*resources: str) -> Any:
        name = f"caller-{uuid4()}"
        iam.create_user(UserName=name)
        statement = {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": [f"arn:aws:lambda:{ACCOUNT_ARN}:function:{resource}" for resource in resources],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="invoke", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made.append((name, key["AccessKeyId"]))
        return boto3.client(
            "lambda",
            endpoint_url=aws.endpoint,
            region_name=aws.region,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    yield caller
    for name, key in made:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
        iam.delete_user_policy(UserName=name, PolicyName="invoke")
        iam.delete_user(UserName=name)


@pytest.fixture(scope="module")
def hook(aws: EmbeddedAws, role: str) -> Function:
    """A function with version 1 and an alias on it."""
    return _with_alias(aws, role, "slipway-hook-allowed")


@pytest.fixture(scope="module")
def stranger(aws: EmbeddedAws, role: str) -> Function:
    return _with_alias(aws, role, "strange-hook")


def _with_alias(aws: EmbeddedAws, role: str, name: str) -> Function:
    function = Function(aws, name)
    function.create(role, ECHO)
    function.wait()
    function.call("create_alias", Name="live", FunctionVersion=function.publish())
    return function


def unqualified(function: Function) -> list[dict[str, str]]:
    return [{"FunctionName": function.name}, {"FunctionName": function.arn}]


def qualified(function: Function) -> list[dict[str, str]]:
    """The ways to name a version, an alias and $LATEST."""
    return [
        {"FunctionName": function.name, "Qualifier": "1"},
        {"FunctionName": function.name, "Qualifier": "live"},
        {"FunctionName": function.name, "Qualifier": "$LATEST"},
        {"FunctionName": f"{function.name}:live"},
        {"FunctionName": function.arn, "Qualifier": "live"},
        {"FunctionName": f"{function.arn}:1"},
    ]


def is_allowed(client: Any, asked: dict[str, str], kind: str = "RequestResponse") -> bool:
    try:
        client.invoke(**asked, InvocationType=kind)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_wildcard_allows_its_functions_with_and_without_a_qualifier(
    hook: Function, stranger: Function, caller: Caller, kind: str
) -> None:
    client = caller("slipway-hook-*", "slipway-hook-*:*")
    ways = [(function, ask) for function in (hook, stranger) for ask in unqualified(function) + qualified(function)]
    assert all(is_allowed(client, asked, kind) == (function is hook) for function, asked in ways)


def test_the_name_alone_allows_no_qualifier(hook: Function, caller: Caller) -> None:
    client = caller(hook.name)
    assert all(is_allowed(client, asked) for asked in unqualified(hook))
    assert not any(is_allowed(client, asked) for asked in qualified(hook))


def test_any_qualifier_does_not_allow_none(hook: Function, caller: Caller) -> None:
    client = caller(f"{hook.name}:*")
    assert not any(is_allowed(client, asked) for asked in unqualified(hook))
    assert all(is_allowed(client, asked) for asked in qualified(hook))


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_invoke_does_not_learn_what_exists(caller: Caller, kind: str) -> None:
    assert not is_allowed(caller("slipway-hook-*"), {"FunctionName": "no-such-function"}, kind)


def test_a_run_over_the_reserved_concurrency_is_throttled_and_no_invocation(
    aws: EmbeddedAws, make_function: MakeFunction, tmp_path: Path
) -> None:
    function = Function(aws, make_function(WAITING, Timeout=30))
    function.call("create_alias", Name="live", FunctionVersion=function.publish())
    function.call("put_function_concurrency", ReservedConcurrentExecutions=1)
    begun, go = tmp_path / "begun", tmp_path / "go"
    with ThreadPoolExecutor(1) as together:
        running = together.submit(function.invoke, {"begun": str(begun), "go": str(go)}, Qualifier="live")
        eventually(begun.exists)
        with pytest.raises(function.client.exceptions.TooManyRequestsException) as throttled:
            function.invoke({}, Qualifier="live")
        go.touch()
        assert "FunctionError" not in running.result()[0]
    refusal = throttled.value.response
    assert (refusal["ResponseMetadata"]["HTTPStatusCode"], refusal["Error"]["Message"]) == (429, "Rate Exceeded.")
    assert (refusal["Type"], refusal["Reason"]) == ("User", "ReservedFunctionConcurrentInvocationLimitExceeded")
    live = f"{function.name}:live"
    counted = {name: function.metric(name, Resource=live) for name in ("Throttles", "Invocations", "Errors")}
    assert counted == {"Throttles": 1, "Invocations": 1, "Errors": 0}
    assert function.metric("Throttles", Resource=live, ExecutedVersion="1") == 0
