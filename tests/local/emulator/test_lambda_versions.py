"""Stacks wait for states to end, and each version has its own code; the rest is in tests/agreement."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.lambda_functions import (
    ECHO,
    SECOND_ECHO,
    Function,
    MakeFunction,
    sha256_of,
)


@pytest.fixture
def echo(aws: EmbeddedAws, make_function: MakeFunction) -> Function:
    return Function(aws, make_function(ECHO))


def test_the_same_bytes_as_the_stacks_own_are_no_change(aws: EmbeddedAws, stack: Stack, package: Path) -> None:
    controller = Function(aws, stack.controller)
    before = controller.call("list_versions_by_function")["Versions"]
    controller.call("update_function_code", ZipFile=package.read_bytes())
    controller.wait()
    assert controller.publish() == before[-1]["Version"]


def test_a_stack_whose_code_is_absent_fails(aws: EmbeddedAws, role: str) -> None:
    code = {"S3Bucket": "no-such-bucket", "S3Key": "absent.zip"}
    properties = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": code}
    template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="no-code", TemplateBody=json.dumps(template))

    def reasons() -> str:
        return str(stacks.describe_stack_events(StackName="no-code")["StackEvents"])

    eventually(lambda: "S3 Error Code: NoSuchBucket" in reasons())


def test_a_stack_may_change_code_and_settings_at_once(aws: EmbeddedAws, role: str, function_name: str) -> None:
    """CloudFormation waits between its calls in AWS; here its first update must not refuse its second."""

    def template(source: str, timeout: int) -> str:
        code = {"ZipFile": source}
        settings = {
            "FunctionName": function_name,
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": role,
        }
        function = {
            "Type": "AWS::Lambda::Function",
            "Properties": {**settings, "Timeout": timeout, "Code": code},
        }
        return json.dumps({"Resources": {"Function": function}})

    stacks = aws.client("cloudformation")
    name = "changing"
    stacks.create_stack(StackName=name, TemplateBody=template("def handler(e, c):\n    return 1\n", 3))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stacks.update_stack(StackName=name, TemplateBody=template("def handler(e, c):\n    return 2\n", 5))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    changed = Function(aws, function_name)
    assert (changed.configuration()["Timeout"], changed.invoke()[1]) == (5, 2)


def test_each_versions_own_code_can_be_downloaded(echo: Function) -> None:
    assert [echo.publish(), echo.publish(SECOND_ECHO)] == ["1", "2"]
    hashes = []
    for version in ("1", "2"):
        found = echo.call("get_function", Qualifier=version)
        with urllib.request.urlopen(found["Code"]["Location"]) as download:  # noqa: S310 - the embedded AWS's
            hashes.append(sha256_of(download.read()))
        assert hashes[-1] == found["Configuration"]["CodeSha256"]
    assert hashes[0] != hashes[1]
