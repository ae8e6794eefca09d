"""The real template becomes a stack that works; a stack that cannot be made says why."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.package import build_package
from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack, StackFailed, deploy

NAME = "small"
SMALL = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Answer: {Type: String}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Controller:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {ANSWER: !Ref Answer}}
Outputs:
  BucketName: {Value: !Ref Bucket}
  ControllerName: {Value: !Ref Controller}
  TableName: {Value: !Ref Table}
"""
BROKEN = """
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: absent, AuthType: NONE}
Outputs:
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def small_package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", "import os\ndef handler(event, context):\n    return os.environ['ANSWER']")
    return path


@pytest.fixture(autouse=True)
def _no_small_stack_stays(aws: EmbeddedAws) -> Iterator[None]:
    yield
    aws.client("cloudformation").delete_stack(StackName=NAME)


def answer_of(aws: EmbeddedAws, stack: Stack) -> object:
    return json.load(aws.client("lambda").invoke(FunctionName=stack.controller)["Payload"])


def test_a_stack_runs_the_uploaded_code_with_the_parameters(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    stack = deploy(aws, template, small_package, {"Answer": "first"}, name=NAME)
    assert answer_of(aws, stack) == "first"
    assert stack.outputs["TableName"] == stack.table
    aws.client("s3").head_bucket(Bucket=stack.bucket)


def test_deploying_again_updates_the_stack(aws: EmbeddedAws, template: Path, small_package: Path) -> None:
    first = deploy(aws, template, small_package, {"Answer": "first"}, name=NAME)
    second = deploy(aws, template, small_package, {"Answer": "second"}, name=NAME)
    assert (answer_of(aws, second), second.bucket) == ("second", first.bucket)


def test_deploying_the_same_again_changes_nothing(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    stacks = [deploy(aws, template, small_package, {"Answer": "same"}, name=NAME) for _ in range(2)]
    assert stacks[0] == stacks[1]
    assert answer_of(aws, stacks[1]) == "same"


def test_a_failed_stack_names_the_resource_and_its_reason(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    template.write_text(SMALL.replace("Outputs:\n", BROKEN))
    with pytest.raises(StackFailed, match=r"Url \(AWS::Lambda::Url\): .*not found: absent"):
        deploy(aws, template, small_package, {"Answer": "never"}, name=NAME)


def test_the_real_template_delivers_ticks_to_the_alias_of_the_controller(
    aws: EmbeddedAws, stack: Stack
) -> None:
    logs = aws.client("logs")

    def ticked() -> bool:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.controller}")["events"]
        return any(f"{stack.controller}:live" in event["message"] for event in events)

    eventually(ticked, within=20)


def test_the_package_is_built_once_for_the_same_sources(package: Path) -> None:
    built = package.stat().st_mtime_ns
    assert build_package() == package
    assert package.stat().st_mtime_ns == built
