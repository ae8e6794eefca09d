"""Functions and versions refuse what AWS refuses and follow its states. The numbers are those of aws-facts.md."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.lambda_state import sha256_of
from tests.cloud.zips import zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
ROLE = "arn:aws:iam::123456789012:role/checkout"
NAMED = {"FunctionName": "checkout"}
NEW = {"FunctionName": "new", "Role": ROLE, "Runtime": "python3.13", "Handler": "app.handler"}
SECONDS = timedelta(seconds=5)


def refused(code: str, status: int, text: str = "") -> Any:
    def right(error: ClientError) -> bool:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == status

    return pytest.raises(ClientError, match=f"{code}.*{text}", check=right)


def latest(client: Any, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get_function_configuration(**NAMED, **more)
    return found


def update(cloud: Cloud, client: Any, code: str) -> None:
    client.update_function_code(**NAMED, ZipFile=zipped(code))
    cloud.advance(SECONDS)


# -- 1.3 publishing ---------------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_published_again(cloud: Cloud, client: Any) -> None:
    """1.3; LocalStack's snapshots of AWS, test_version_lifecycle: 201 with the old number, revision and description."""
    update(cloud, client, "v2")
    first = client.publish_version(**NAMED, Description="first")
    cloud.advance(SECONDS)
    again = client.publish_version(**NAMED, Description="again")
    assert (first["Version"], again["Version"]) == ("2", "2")
    assert (again["RevisionId"], again["Description"]) == (first["RevisionId"], "first")
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 201


@pytest.mark.parametrize("setting", [{"MemorySize": 256}, {"Description": "other"}, {"Timeout": 9}])
def test_a_setting_alone_makes_a_new_version(cloud: Cloud, client: Any, setting: dict[str, Any]) -> None:
    """1.3; LocalStack's snapshots of AWS: even the description of the function."""
    client.update_function_configuration(**NAMED, **setting)
    cloud.advance(SECONDS)
    assert client.publish_version(**NAMED)["Version"] == "2"


def test_the_same_bytes_sent_again_are_no_change(cloud: Cloud, client: Any) -> None:
    """1.3; the service model, PublishVersion. Section 16.4 has it as still to be tried on a live account."""
    update(cloud, client, "v1")
    assert client.publish_version(**NAMED)["Version"] == "1"


def test_a_number_is_never_given_twice(cloud: Cloud, client: Any) -> None:
    """1.3; developer guide, versions: the number grows also over deleted ones."""
    update(cloud, client, "v2")
    client.publish_version(**NAMED)
    client.delete_function(**NAMED, Qualifier="2")
    update(cloud, client, "v3")
    assert client.publish_version(**NAMED)["Version"] == "3"


def test_a_publication_under_another_hash_is_refused(cloud: Cloud, client: Any) -> None:
    """1.3; LocalStack's snapshots of AWS: 400."""
    wrong, found = sha256_of(b"other"), sha256_of(zipped("v1"))
    text = rf"CodeSHA256 \({wrong}\) is different from current CodeSHA256 in \$LATEST \({found}\)".replace("+", r"\+")
    with refused("InvalidParameterValueException", 400, text):
        client.publish_version(**NAMED, CodeSha256=wrong)


def test_the_hash_is_the_zips_digest_in_base64(client: Any) -> None:
    """9; the service model: the SHA256 hash of the deployment package."""
    digest = hashlib.sha256(zipped("v1")).digest()
    assert latest(client)["CodeSha256"] == base64.b64encode(digest).decode()


def test_an_update_that_publishes_answers_with_the_version(cloud: Cloud, client: Any) -> None:
    """1.3; LocalStack's snapshots of AWS, test_publish_with_update: two things are in progress then."""
    answer = client.update_function_code(**NAMED, ZipFile=zipped("v2"), Publish=True)
    assert (answer["Version"], answer["State"], answer["StateReasonCode"]) == ("2", "Pending", "Creating")
    assert latest(client)["LastUpdateStatus"] == "InProgress"


def test_a_dry_run_tells_the_hash_and_changes_nothing(cloud: Cloud, client: Any) -> None:
    """1.3; the service model, DryRun; that the answer has the hash of what was sent: older API reference."""
    cloud.storage.put("drop", "k.zip", zipped("v2"))
    before = latest(client)
    answer = client.update_function_code(**NAMED, S3Bucket="drop", S3Key="k.zip", DryRun=True)
    assert answer["CodeSha256"] == sha256_of(zipped("v2"))
    assert latest(client) == before


def test_an_object_version_pins_the_upload(cloud: Cloud, client: Any) -> None:
    """1.3; the service model, S3ObjectVersion."""
    first = cloud.storage.put("drop", "k.zip", zipped("v2"))["detail"]["object"]["version-id"]
    cloud.storage.put("drop", "k.zip", zipped("v3"))
    client.update_function_code(**NAMED, S3Bucket="drop", S3Key="k.zip", S3ObjectVersion=first)
    assert latest(client)["CodeSha256"] == sha256_of(zipped("v2"))


def test_an_object_that_is_not_there_is_refused(cloud: Cloud, client: Any) -> None:
    """1.3 and 8; the text as in public reports."""
    cloud.storage.put("drop", "other.zip", b"")
    text = (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    )
    with refused("InvalidParameterValueException", 400, text):
        client.update_function_code(**NAMED, S3Bucket="drop", S3Key="k.zip")


def test_an_object_that_the_caller_may_not_read_is_denied(cloud: Cloud, client: Any) -> None:
    """8; the text as in many public repositories."""
    cloud.storage.put("drop", "k.zip", zipped("v2"))
    cloud.storage.forbidden.add("k.zip")
    with refused("AccessDeniedException", 403, "Your access has been denied by S3"):
        client.update_function_code(**NAMED, S3Bucket="drop", S3Key="k.zip")


def test_what_is_no_zip_is_refused(client: Any) -> None:
    """Text as in public reports, 2026-11."""
    with refused("InvalidParameterValueException", 400, "Could not unzip uploaded file"):
        client.update_function_code(**NAMED, ZipFile=b"not a zip")


# -- 1.4 the life of a revision ---------------------------------------------------------------------------------------


def test_creation_and_its_completion_each_change_the_revision(cloud: Cloud, client: Any) -> None:
    """1.4; LocalStack's snapshots of AWS, TestLambdaRevisions."""
    made = client.create_function(**NEW, Code={"ZipFile": zipped("n")})
    cloud.advance(SECONDS)
    active = client.get_function_configuration(FunctionName="new")
    assert (made["State"], active["State"]) == ("Pending", "Active")
    assert made["RevisionId"] != active["RevisionId"]


@pytest.mark.parametrize("call", ["code", "configuration"])
def test_an_update_and_its_completion_each_change_the_revision(cloud: Cloud, client: Any, call: str) -> None:
    """1.4; LocalStack's snapshots of AWS: the id that UpdateFunctionCode returns is stale once the update completes."""
    before = latest(client)["RevisionId"]
    change = {"code": {"ZipFile": zipped("v2")}, "configuration": {"Timeout": 9}}[call]
    during = getattr(client, f"update_function_{call}")(**NAMED, **change)["RevisionId"]
    cloud.advance(SECONDS)
    assert len({before, during, latest(client)["RevisionId"]}) == 3
    with refused("PreconditionFailedException", 412):
        client.publish_version(**NAMED, RevisionId=during)


def test_a_publication_changes_the_revision_of_latest(cloud: Cloud, client: Any) -> None:
    """1.4; LocalStack's snapshots of AWS."""
    update(cloud, client, "v2")
    before = latest(client)["RevisionId"]
    published = client.publish_version(**NAMED, RevisionId=before)
    assert len({before, latest(client)["RevisionId"], published["RevisionId"]}) == 3


def test_a_version_keeps_its_revision_for_life(cloud: Cloud, client: Any) -> None:
    """1.4; LocalStack's snapshots of AWS: unchanged when it becomes active."""
    update(cloud, client, "v2")
    published = client.publish_version(**NAMED)
    cloud.advance(SECONDS)
    active = latest(client, Qualifier="2")
    assert (published["State"], active["State"]) == ("Pending", "Active")
    assert published["RevisionId"] == active["RevisionId"]


@pytest.mark.parametrize("call", ["update_function_code", "update_function_configuration", "publish_version"])
def test_a_write_under_another_revision_is_refused(client: Any, call: str) -> None:
    """1.4; the service model, RevisionId; 412 as for aliases."""
    change = {"ZipFile": zipped("v2")} if call == "update_function_code" else {}
    with refused("PreconditionFailedException", 412, "The Revision Id provided does not match the latest"):
        getattr(client, call)(**NAMED, **change, RevisionId="0")


# -- 1.5 states and conflicts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["update_function_code", "update_function_configuration", "publish_version"])
def test_nothing_is_changed_or_published_while_an_update_is_in_progress(client: Any, call: str) -> None:
    """1.5; developer guide, function states; the text: LocalStack's snapshots of AWS."""
    client.update_function_code(**NAMED, ZipFile=zipped("v2"))
    change = {"ZipFile": zipped("v3")} if call == "update_function_code" else {}
    with refused("ResourceConflictException", 409, f"An update is in progress for resource: {ARN}"):
        getattr(client, call)(**NAMED, **change)


@pytest.mark.parametrize("call", ["update_function_code", "update_function_configuration", "publish_version", "invoke"])
def test_nothing_goes_while_a_function_is_being_created(cloud: Cloud, client: Any, call: str) -> None:
    """1.5; developer guide, function states: Invoke, updates and publications fail."""
    client.create_function(**NEW, Code={"ZipFile": zipped("n")})
    change = {"ZipFile": zipped("v3")} if call == "update_function_code" else {}
    with refused("ResourceConflictException", 409):
        getattr(client, call)(FunctionName="new", **change)
    cloud.advance(SECONDS)
    assert getattr(client, call)(FunctionName="new", **change)


def test_during_an_update_versions_and_the_state_are_as_they_were(cloud: Cloud, client: Any) -> None:
    """1.5; developer guide: invocations run the previous code; LastUpdateStatus is what changes."""
    client.update_function_code(**NAMED, ZipFile=zipped("v2"))
    assert (latest(client)["State"], latest(client)["LastUpdateStatus"]) == ("Active", "InProgress")
    assert latest(client, Qualifier="1")["State"] == "Active"
    assert client.invoke(**NAMED, Qualifier="1")["ExecutedVersion"] == "1"


def test_a_new_version_has_no_last_update_status_until_it_is_active(cloud: Cloud, client: Any) -> None:
    """1.5; LocalStack's snapshots of AWS: the waiter function_updated_v2 would wait for ever."""
    update(cloud, client, "v2")
    assert "LastUpdateStatus" not in client.publish_version(**NAMED)
    with refused("ResourceConflictException", 409, "currently in the following state: Pending"):
        client.invoke(**NAMED, Qualifier="2")
    cloud.advance(SECONDS)
    assert latest(client, Qualifier="2")["LastUpdateStatus"] == "Successful"


def test_an_update_may_fail(cloud: Cloud, client: Any) -> None:
    """1.5; the service model, LastUpdateStatus and its reasons."""
    cloud.lambda_.becomes = {"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "InternalError"}
    update(cloud, client, "v2")
    assert latest(client)["LastUpdateStatus"] == "Failed"


def test_a_version_that_nobody_called_for_weeks_wakes_up_first(cloud: Cloud, client: Any) -> None:
    """5; developer guide, SnapStart: Inactive after 14 days, and SnapStartNotReadyException on Invoke."""
    cloud.lambda_.functions["checkout"].versions["1"].configuration["State"] = "Inactive"
    with refused("SnapStartNotReadyException", 409):
        client.invoke(**NAMED, Qualifier="1")


# -- create, read, delete ---------------------------------------------------------------------------------------------


def test_a_function_is_created_once_and_published_on_request(cloud: Cloud, client: Any) -> None:
    """1.3; LocalStack's snapshots of AWS: with Publish the answer is version 1, Pending."""
    made = client.create_function(**NEW, Code={"ZipFile": zipped("n")}, Publish=True)
    assert (made["Version"], made["State"]) == ("1", "Pending")
    with refused("ResourceConflictException", 409, "Function already exist: new"):
        client.create_function(**NEW, Code={"ZipFile": zipped("n")})


def test_a_role_made_seconds_ago_cannot_be_assumed_yet(cloud: Cloud, client: Any) -> None:
    """Text as in public reports: IAM is eventually consistent."""
    cloud.lambda_.unassumable_roles.add(ROLE)
    with refused("InvalidParameterValueException", 400, "cannot be assumed by Lambda"):
        client.create_function(**NEW, Code={"ZipFile": zipped("n")})


def test_an_answer_shows_lambdas_defaults(cloud: Cloud, client: Any) -> None:
    """The API reference, CreateFunction."""
    client.create_function(**NEW, Code={"ZipFile": zipped("n")}, Layers=["arn:aws:lambda:us-east-1:1:layer:l:1"])
    found = client.get_function(FunctionName="new")["Configuration"]
    assert (found["MemorySize"], found["Timeout"], found["Architectures"]) == (128, 3, ["x86_64"])
    assert found["Layers"] == [{"Arn": "arn:aws:lambda:us-east-1:1:layer:l:1", "CodeSize": 1000}]
    assert "Environment" not in found and "DeadLetterConfig" not in found


def test_tags_are_shown_to_those_who_may_list_them(cloud: Cloud, client: Any) -> None:
    """The API reference, GetFunction, TagsError."""
    client.create_function(**NEW, Code={"ZipFile": zipped("n")}, Tags={"slipway:created": "x"})
    assert client.get_function(FunctionName="new")["Tags"] == {"slipway:created": "x"}
    cloud.lambda_.hidden_tags.add("new")
    answer = client.get_function(FunctionName="new")
    assert "Tags" not in answer
    assert answer["TagsError"]["ErrorCode"] == "AccessDeniedException"


def test_variables_under_a_key_of_others_are_not_shown(cloud: Cloud, client: Any) -> None:
    """The API reference, EnvironmentResponse."""
    client.update_function_configuration(**NAMED, Environment={"Variables": {"A": "1"}})
    assert latest(client)["Environment"] == {"Variables": {"A": "1"}}
    cloud.lambda_.hidden_environments.add("checkout")
    assert latest(client)["Environment"]["Error"]["ErrorCode"] == "AccessDeniedException"


def test_a_function_or_version_that_is_not_there_is_not_found(client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS."""
    with refused("ResourceNotFoundException", 404, f"Function not found: {ARN}:7"):
        client.get_function(**NAMED, Qualifier="7")
    with refused(
        "ResourceNotFoundException", 404, "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody"
    ):
        client.get_function(FunctionName="nobody")


def test_latest_cannot_be_deleted_by_itself(client: Any) -> None:
    """The API reference, DeleteFunction."""
    with refused("InvalidParameterValueException", 400):
        client.delete_function(**NAMED, Qualifier="$LATEST")


def test_versions_are_listed_by_the_page_and_latest_is_one_of_them(cloud: Cloud, client: Any) -> None:
    """10.10; the service model, ListVersionsByFunction."""
    cloud.lambda_.page = 1
    first = client.list_versions_by_function(**NAMED)
    rest = client.list_versions_by_function(**NAMED, Marker=first["NextMarker"])
    assert [each["Version"] for each in (*first["Versions"], *rest["Versions"])] == ["$LATEST", "1"]


def test_every_version_counts_as_stored_code_and_the_quota_is_refused(cloud: Cloud, client: Any) -> None:
    """6.1; the service model, TotalCodeSize and CodeStorageExceededException."""
    size = len(zipped("v1"))
    cloud.lambda_.code_storage = 3 * size - 1
    assert client.get_account_settings()["AccountUsage"]["TotalCodeSize"] == 2 * size
    with refused("CodeStorageExceededException", 400):
        client.update_function_code(**NAMED, ZipFile=zipped("v2"))


# -- invocations ------------------------------------------------------------------------------------------------------


def test_a_version_answers_what_the_test_says(cloud: Cloud, client: Any) -> None:
    cloud.lambda_.behave("v1", response={"ok": 7})
    answer = client.invoke(**NAMED, Qualifier="1", Payload=b"{}")
    assert (answer["StatusCode"], json.loads(answer["Payload"].read())) == (200, {"ok": 7})
    assert "FunctionError" not in answer


def test_a_function_that_raises_is_a_successful_call(cloud: Cloud, client: Any) -> None:
    """Developer guide, function errors: FunctionError, and the error's type in the payload."""
    cloud.lambda_.behave("v1", error="ValueError")
    answer = client.invoke(**NAMED, Qualifier="1")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"].read())["errorType"] == "ValueError"


def test_a_function_that_takes_longer_than_its_timeout_is_ended_then(cloud: Cloud, client: Any) -> None:
    """Developer guide, timeouts; the default is 3 s."""
    cloud.lambda_.behave("v1", duration=timedelta(seconds=9))
    began = cloud.clock.now
    answer = client.invoke(**NAMED, Qualifier="1")
    assert json.loads(answer["Payload"].read())["errorType"] == "Sandbox.Timedout"
    assert cloud.clock.now - began == timedelta(seconds=3)


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ({"Runtime": "python3"}, "runtime"),
        ({"TracingConfig": {"Mode": "On"}}, "tracingConfig.mode"),
        ({"LoggingConfig": {"LogFormat": "XML"}}, "loggingConfig.logFormat"),
    ],
)
def test_a_word_that_lambda_does_not_know_is_refused(client: Any, setting: dict[str, Any], place: str) -> None:
    with refused("InvalidParameterValueException", 400, f"at '{place}' failed to satisfy constraint"):
        client.update_function_configuration(**NAMED, **setting)
