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
  ViewerName: {Value: !Ref Controller}
"""
LASTING = """
  Lost: {Type: AWS::SQS::Queue}
Outputs:
  LostQueue: {Value: !Ref Lost}
"""
DEAD_LETTERS = """
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Lost.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 0}
"""
EXPIRY = """
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
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


def _readable(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o100644 << 16  # Lambda reads as another user, and zipfile's own is 0600
    return entry


@pytest.fixture
def small_package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            _readable("app.py"), "import os\ndef handler(event, context):\n    return os.environ['ANSWER']"
        )
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


def test_deploying_the_same_again_changes_nothing(aws: EmbeddedAws, template: Path, small_package: Path) -> None:
    stacks = [deploy(aws, template, small_package, {"Answer": "same"}, name=NAME) for _ in range(2)]
    assert stacks[0] == stacks[1]
    assert answer_of(aws, stacks[1]) == "same"


def with_a_queue(extra: str, after: str) -> str:
    """Returns the small template with a queue, and with ``extra`` after the line ``after``."""
    return SMALL.replace("Outputs:\n", LASTING).replace(after, f"{after}{extra.rstrip()}")


def test_a_functions_dead_letter_queue_gets_what_it_could_not_run(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    template.write_text(with_a_queue(DEAD_LETTERS, "      Runtime: python3.13"))
    with zipfile.ZipFile(small_package, "w") as archive:
        archive.writestr(_readable("app.py"), "def handler(event, context):\n    raise ValueError('no')")
    stack = deploy(aws, template, small_package, {"Answer": "never"}, name=NAME)
    aws.client("lambda").invoke(FunctionName=stack.controller, InvocationType="Event", Payload=b'{"lost": 1}')
    queue = {"QueueUrl": stack.outputs["LostQueue"], "WaitTimeSeconds": 10}
    (message,) = aws.client("sqs").receive_message(**queue)["Messages"]
    assert json.loads(message["Body"]) == {"lost": 1}


def test_a_dead_letter_queue_comes_and_goes_with_the_template(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    found = []
    for extra in ("", DEAD_LETTERS, ""):
        template.write_text(with_a_queue(extra, "      Runtime: python3.13"))
        stack = deploy(aws, template, small_package, {"Answer": "same"}, name=NAME)
        configuration = aws.client("lambda").get_function_configuration(FunctionName=stack.controller)
        found.append(configuration.get("DeadLetterConfig", {}).get("TargetArn", "none").rpartition("-")[0])
    assert found == ["", "arn:aws:sqs:us-east-1:123456789012:small-Lost", ""]


def test_a_tables_expiry_and_recovery_come_and_go_with_the_template(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    tables, found = aws.client("dynamodb"), []
    for extra in ("", EXPIRY, ""):
        template.write_text(with_a_queue(extra, "      BillingMode: PAY_PER_REQUEST"))
        table = deploy(aws, template, small_package, {"Answer": "same"}, name=NAME).table
        expiry = tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        backups = tables.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        found.append((expiry["TimeToLiveStatus"], expiry.get("AttributeName"), recovery))
    assert found == [
        ("DISABLED", None, "DISABLED"),
        ("ENABLED", "expires_at", "ENABLED"),
        ("DISABLED", None, "DISABLED"),
    ]


def test_the_real_template_gives_the_controller_its_queue_and_the_table_its_expiry(
    aws: EmbeddedAws, stack: Stack
) -> None:
    live = aws.client("lambda").get_function_configuration(FunctionName=stack.controller, Qualifier="live")
    (queue,) = aws.client("sqs").list_queues(QueueNamePrefix="slipway-DeadLetters")["QueueUrls"]
    assert live["DeadLetterConfig"]["TargetArn"].rpartition(":")[2] == queue.rpartition("/")[2]
    expiry = aws.client("dynamodb").describe_time_to_live(TableName=stack.table)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_a_failed_stack_names_the_resource_and_its_reason(
    aws: EmbeddedAws, template: Path, small_package: Path
) -> None:
    template.write_text(SMALL.replace("Outputs:\n", BROKEN))
    with pytest.raises(StackFailed, match=r"Url \(AWS::Lambda::Url\): .*not found: absent"):
        deploy(aws, template, small_package, {"Answer": "never"}, name=NAME)


def test_the_real_template_delivers_ticks_to_the_alias_of_the_controller(aws: EmbeddedAws, stack: Stack) -> None:
    logs = aws.client("logs")

    def ticked() -> bool:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.controller}")["events"]
        return any(f"{stack.controller}:live" in event["message"] for event in events)

    eventually(ticked)


def test_the_package_is_built_once_for_the_same_sources(package: Path) -> None:
    built = package.stat().st_mtime_ns
    assert build_package() == package
    assert package.stat().st_mtime_ns == built
