"""What only the AWS in memory can be made to do with functions; the rest is in tests/agreement."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.zips import zipped

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


def test_an_object_that_the_caller_may_not_read_is_denied(cloud: Cloud, client: Any) -> None:
    """8; the text as in many public repositories."""
    cloud.storage.put("drop", "k.zip", zipped("v2"))
    cloud.storage.forbidden.add("k.zip")
    with refused("AccessDeniedException", 403, "Your access has been denied by S3"):
        client.update_function_code(**NAMED, S3Bucket="drop", S3Key="k.zip")


def test_an_update_may_fail(cloud: Cloud, client: Any) -> None:
    """1.5; the service model, LastUpdateStatus and its reasons."""
    cloud.lambda_.becomes = {"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "InternalError"}
    update(cloud, client, "v2")
    assert latest(client)["LastUpdateStatus"] == "Failed"


def test_a_snapshot_that_cannot_be_made_again_leaves_a_version_asleep(cloud: Cloud, client: Any) -> None:
    """1.5; developer guide, function states: where Lambda fails to make the resources again, it is Inactive again."""
    cloud.lambda_.sleep("checkout", "1")
    cloud.lambda_.becomes = {"State": "Inactive"}
    with refused("ResourceNotReadyException", 502):
        client.invoke(**NAMED, Qualifier="1")
    assert client.get_function_configuration(**NAMED, Qualifier="1")["State"] == "Pending"
    cloud.advance(timedelta(minutes=2))
    assert client.get_function_configuration(**NAMED, Qualifier="1")["State"] == "Inactive"


def test_a_dry_run_wakes_nobody(cloud: Cloud, client: Any) -> None:
    cloud.lambda_.sleep("checkout", "1")
    with refused("ResourceNotReadyException", 502):
        client.invoke(**NAMED, Qualifier="1", InvocationType="DryRun")
    assert client.get_function_configuration(**NAMED, Qualifier="1")["State"] == "Inactive"


def test_a_role_made_seconds_ago_cannot_be_assumed_yet(cloud: Cloud, client: Any) -> None:
    """Text as in public reports: IAM is eventually consistent."""
    cloud.lambda_.unassumable_roles.add(ROLE)
    with refused("InvalidParameterValueException", 400, "cannot be assumed by Lambda"):
        client.create_function(**NEW, Code={"ZipFile": zipped("n")})


def test_an_answer_shows_layers_with_their_sizes(cloud: Cloud, client: Any) -> None:
    """The API reference, CreateFunction."""
    client.create_function(**NEW, Code={"ZipFile": zipped("n")}, Layers=["arn:aws:lambda:us-east-1:1:layer:l:1"])
    found = client.get_function(FunctionName="new")["Configuration"]
    assert found["Layers"] == [{"Arn": "arn:aws:lambda:us-east-1:1:layer:l:1", "CodeSize": 1000}]


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


def test_versions_are_listed_by_the_page_of_this_aws(cloud: Cloud, client: Any) -> None:
    """10.10; the service model, ListVersionsByFunction."""
    cloud.lambda_.page = 1
    first = client.list_versions_by_function(**NAMED)
    rest = client.list_versions_by_function(**NAMED, Marker=first["NextMarker"])
    assert [each["Version"] for each in (*first["Versions"], *rest["Versions"])] == ["$LATEST", "1"]


def test_the_quota_of_stored_code_is_refused(cloud: Cloud, client: Any) -> None:
    """6.1; the service model, TotalCodeSize and CodeStorageExceededException."""
    size = len(zipped("v1"))
    cloud.lambda_.code_storage = 3 * size - 1
    with refused("CodeStorageExceededException", 400):
        client.update_function_code(**NAMED, ZipFile=zipped("v2"))


def test_a_version_answers_what_the_test_says(cloud: Cloud, client: Any) -> None:
    cloud.lambda_.behave("v1", response={"ok": 7})
    answer = client.invoke(**NAMED, Qualifier="1", Payload=b"{}")
    assert (answer["StatusCode"], json.loads(answer["Payload"].read())) == (200, {"ok": 7})
    assert "FunctionError" not in answer


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
