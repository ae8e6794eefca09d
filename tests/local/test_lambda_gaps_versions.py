"""Functions and versions have Lambda's states, revisions and refusals; absent code is refused by name."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.lambda_functions import (
    ECHO,
    SECOND_ECHO,
    STALE_REVISION,
    STILL_PENDING,
    Function,
    MakeFunction,
    refusal_of,
    sha256_of,
    zipped,
)


@pytest.fixture
def echo(aws: EmbeddedAws, make_function: MakeFunction) -> Function:
    return Function(aws, make_function(ECHO))


def s3_error(code: str, message: str) -> tuple[str, str]:
    text = f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    return "InvalidParameterValueException", text


def test_a_version_is_pending_first_and_keeps_its_revision(echo: Function) -> None:
    published = echo.call("publish_version", Description="first")
    assert (published["Version"], published["State"], published["StateReasonCode"]) == (
        "1",
        "Pending",
        "Creating",
    )
    assert "LastUpdateStatus" not in published
    assert published["FunctionArn"] == f"{echo.arn}:1"
    eventually(lambda: echo.configuration(Qualifier="1")["State"] == "Active", within=10)
    active = echo.configuration(Qualifier="1")
    assert (active["RevisionId"], active["LastUpdateStatus"]) == (published["RevisionId"], "Successful")


def test_publishing_gives_latest_a_new_revision(echo: Function) -> None:
    before = echo.configuration()["RevisionId"]
    echo.publish()
    assert echo.configuration()["RevisionId"] != before


def test_publishing_what_has_not_changed_returns_the_version_with_its_old_description(echo: Function) -> None:
    echo.update(ECHO)
    first = echo.call("publish_version", Description="first")
    again = echo.call("publish_version", Description="again")
    echo.update(ECHO)
    same_code = echo.call("publish_version")
    for repeated in (again, same_code):
        assert (repeated["Version"], repeated["RevisionId"]) == ("1", first["RevisionId"])
        assert (repeated["Description"], repeated["ResponseMetadata"]["HTTPStatusCode"]) == ("first", 201)


def test_the_same_bytes_from_another_object_and_the_same_settings_are_no_change(echo: Function) -> None:
    """What a drop of the same zip under another name comes to: the version is known by its code and settings."""
    s3, bucket = echo.aws.client("s3"), f"{echo.name.replace('_', '-')[:40]}-drops"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    settings = {"Timeout": 3, "MemorySize": 128, "Description": "", "DeadLetterConfig": {"TargetArn": ""}}
    published = []
    for name in ("first.zip", "second.zip"):
        version = s3.put_object(Bucket=bucket, Key=name, Body=zipped(ECHO))["VersionId"]
        echo.call("update_function_code", S3Bucket=bucket, S3Key=name, S3ObjectVersion=version)
        echo.wait()
        published.append(echo.publish(**settings, Environment={"Variables": {}}))
    assert published == ["1", "1"]


def test_the_same_bytes_as_the_stacks_own_are_no_change(aws: EmbeddedAws, stack: Stack, package: Path) -> None:
    controller = Function(aws, stack.controller)
    before = controller.call("list_versions_by_function")["Versions"]
    controller.call("update_function_code", ZipFile=package.read_bytes())
    controller.wait()
    assert controller.publish() == before[-1]["Version"]


def test_a_changed_description_of_the_function_makes_a_new_version(echo: Function) -> None:
    assert [echo.publish(), echo.publish(Description="changed")] == ["1", "2"]


def test_publishing_under_a_stale_revision_is_refused(echo: Function) -> None:
    stale = echo.configuration()["RevisionId"]
    echo.publish()
    code, text = refusal_of(lambda: echo.call("publish_version", RevisionId=stale))
    assert (code, text) == ("PreconditionFailedException", STALE_REVISION)


def test_publishing_other_code_than_the_named_is_refused(echo: Function) -> None:
    found = echo.configuration()["CodeSha256"]
    code, text = refusal_of(lambda: echo.call("publish_version", CodeSha256="bm90IHRoaXM="))
    assert code == "InvalidParameterValueException"
    assert text == (
        f"CodeSHA256 (bm90IHRoaXM=) is different from current CodeSHA256 in $LATEST ({found}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )


def test_a_function_is_active_while_it_is_updated_and_gets_two_revisions(echo: Function) -> None:
    before = echo.configuration()["RevisionId"]
    updating = echo.call("update_function_code", ZipFile=zipped(SECOND_ECHO), RevisionId=before)
    assert (updating["State"], updating["LastUpdateStatus"]) == ("Active", "InProgress")
    echo.wait()
    assert len({before, updating["RevisionId"], echo.configuration()["RevisionId"]}) == 3


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("update_function_code", {"ZipFile": zipped(ECHO)}),
        ("update_function_configuration", {"Timeout": 9}),
        ("publish_version", {}),
    ],
)
def test_a_change_during_an_update_is_refused(echo: Function, operation: str, parameters: dict[str, Any]) -> None:
    echo.call("update_function_configuration", Timeout=5)
    assert refusal_of(lambda: echo.call(operation, **parameters)) == (
        "ResourceConflictException",
        f"The operation cannot be performed at this time. An update is in progress for resource: {echo.arn}",
    )
    assert echo.invoke()[0]["StatusCode"] == 200


def test_a_function_that_is_being_created_cannot_be_invoked(aws: EmbeddedAws, role: str, function_name: str) -> None:
    created = Function(aws, function_name)
    answer = created.create(role, ECHO, Publish=True)
    assert (answer["Version"], answer["State"]) == ("1", "Pending")
    assert refusal_of(created.invoke) == (
        "ResourceConflictException",
        STILL_PENDING,
    )


def test_an_update_with_publish_answers_for_the_new_version(echo: Function) -> None:
    published = echo.call("update_function_code", ZipFile=zipped(ECHO), Publish=True)
    assert (published["Version"], published["State"]) == ("1", "Pending")
    assert published["FunctionArn"] == f"{echo.arn}:1"
    assert echo.configuration()["LastUpdateStatus"] == "InProgress"


def test_a_dry_run_hashes_the_submitted_zip_and_changes_nothing(echo: Function) -> None:
    before, other = echo.configuration(), zipped(SECOND_ECHO)
    dry = echo.call("update_function_code", ZipFile=other, DryRun=True)
    after = echo.configuration()
    assert (dry["CodeSha256"], dry["CodeSize"]) == (sha256_of(other), len(other))
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}


def test_a_dry_run_hashes_an_object_too(echo: Function) -> None:
    other = zipped(SECOND_ECHO)
    s3 = echo.aws.client("s3")
    s3.create_bucket(Bucket="dry-run")
    s3.put_object(Bucket="dry-run", Key="other.zip", Body=other)
    before = echo.configuration()["RevisionId"]
    dry = echo.call("update_function_code", S3Bucket="dry-run", S3Key="other.zip", DryRun=True)
    assert (dry["CodeSha256"], echo.configuration()["RevisionId"]) == (sha256_of(other), before)


def test_absent_code_is_refused_by_name(echo: Function, role: str) -> None:
    echo.aws.client("s3").create_bucket(Bucket="empty")
    code = {"S3Bucket": "empty", "S3Key": "absent.zip"}
    key = s3_error("NoSuchKey", "The specified key does not exist.")
    made = {"FunctionName": "never-made", "Runtime": "python3.13", "Handler": "app.handler", "Role": role}
    assert refusal_of(lambda: echo.client.create_function(Code=code, **made)) == key
    assert refusal_of(lambda: echo.call("update_function_code", **code)) == key
    bucket = s3_error("NoSuchBucket", "The specified bucket does not exist")
    assert refusal_of(lambda: echo.call("update_function_code", S3Bucket="no-such", S3Key="x.zip")) == bucket


def test_a_stack_whose_code_is_absent_fails(aws: EmbeddedAws, role: str) -> None:
    code = {"S3Bucket": "no-such-bucket", "S3Key": "absent.zip"}
    properties = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": code}
    template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="no-code", TemplateBody=json.dumps(template))

    def reasons() -> str:
        return str(stacks.describe_stack_events(StackName="no-code")["StackEvents"])

    eventually(lambda: "S3 Error Code: NoSuchBucket" in reasons(), within=10)


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
