"""Hooks on the embedded AWS: real functions, called under the controller's own role, which may call no others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.package import python_runtime
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.lambda_functions import zipped
from tests.local.shop import GOOD, Shop

BAKES = {"steps": [{"weight": 50, "hold": "0s"}], "bake": "10m"}
CHECKS = """
def handler(event, context):
    if event["hook"] != "before_promotion":
        return {"status": "SUCCEEDED", "reason": f"{event['hook']} of {event['canary']['arn']}"}
    done = event["state"]["done"] if event["state"] else 0
    if done == 2:
        return {"status": "SUCCEEDED", "reason": f"call {event['call']} at {event['weight']} percent"}
    return {"status": "IN_PROGRESS", "reason": f"{done + 1} of 3", "call_again_after": 1, "state": {"done": done + 1}}
"""


@pytest.fixture
def shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> Shop:
    return Shop(aws, stack, role, function_name)


@pytest.fixture
def hook(aws: EmbeddedAws, role: str) -> Iterator[str]:
    """A function that a manifest may name as a hook."""
    name, functions = "slipway-hook-checks", aws.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime=python_runtime(),
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": zipped(CHECKS)},
        Publish=True,
    )
    eventually(lambda: functions.get_function_configuration(FunctionName=name)["State"] == "Active")
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    yield f"{name}:live"
    functions.delete_function(FunctionName=name)


def test_hooks_are_asked_on_the_way_to_all_traffic_and_told_of_the_way_back(
    shop: Shop, make_function: Callable[[str], str], hook: str
) -> None:
    make_function(GOOD % "theirs")
    points = ("before_traffic", "before_promotion", "after_rollback")
    shop.drop(GOOD % "two", "v2", strategy=BAKES, hooks={point: {"function": hook} for point in points})
    shop.wait(("BAKING", "ROLLED_BACK", "FAILED"))
    eventually(lambda: shop.alias() == ("2", {}))  # the record says it first
    assert shop.ask("rollback", why="a drill")["ok"]
    assert shop.wait("ROLLED_BACK")["cause"] == "requested"
    assert shop.alias() == ("1", {})
    canary = f"arn:aws:lambda:us-east-1:123456789012:function:{shop.function}:2"
    asked = shop.newest()["hooks"]
    assert [(each["hook"], each["status"], each["reason"], each["calls"]) for each in asked] == [
        ("before_traffic", "SUCCEEDED", f"before_traffic of {canary}", 1),
        ("before_promotion", "SUCCEEDED", "call 3 at 50.0 percent", 3),
        ("after_rollback", "SUCCEEDED", f"after_rollback of {canary}", 1),
    ]


def test_what_is_no_hook_is_refused_before_anything_is_published(
    shop: Shop, make_function: Callable[[str], str]
) -> None:
    """The function that it names exists; the controller may not call it, and does not try."""
    name = make_function(CHECKS)
    shop.drop(GOOD % "one", "v1", hooks={"before_traffic": {"function": name}})
    refused = shop.wait()
    assert (refused["phase"], refused["cause"]) == ("FAILED", "preflight")
    assert (
        f"`hooks.before_traffic` is {name}, which Slipway may not call (allowed: slipway-hook-*)" in refused["reason"]
    )
    shop.drop(GOOD % "one", "v2", hooks={"before_traffic": {"function": "slipway-hook-nobody"}})
    assert "slipway-hook-nobody, and that cannot be called: it does not exist" in shop.wait(number=2)["reason"]
    assert shop.versions() == []


@pytest.fixture
def functions_of_the_role(aws: EmbeddedAws, stack: Stack) -> Iterator[Any]:
    """A Lambda client of somebody who may do with functions what the controller's role may, and nothing else."""
    iam = aws.client("iam")
    role = aws.client("lambda").get_function_configuration(FunctionName=stack.controller)["Role"].rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="Functions")["PolicyDocument"]
    name = "as-the-controller"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="Functions", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield boto3.client(
        "lambda",
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="Functions")
    iam.delete_user(UserName=name)


def test_the_role_allows_to_call_hooks_and_no_other_function_by_its_name(
    functions_of_the_role: Any, make_function: Callable[[str], str], hook: str
) -> None:
    for named in (hook, hook.partition(":")[0]):
        functions_of_the_role.invoke(FunctionName=named, InvocationType="DryRun")
    with pytest.raises(ClientError, match="AccessDenied"):
        functions_of_the_role.invoke(FunctionName=make_function(CHECKS), InvocationType="DryRun")
