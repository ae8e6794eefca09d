"""What only the AWS in memory can be made to do with objects; the rest is in tests/agreement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.core.model.events import ArtifactUploaded
from controller.core.model.person import Person
from controller.inbound import parse
from tests.builders import NOW
from tests.cloud.cloud import Cloud

KEY = {"Bucket": "drop", "Key": "checkout/1.zip"}


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    cloud.storage.put(**_put(b"0123456789"))
    return cloud.client("s3")


def _put(content: bytes) -> dict[str, Any]:
    return {"bucket": "drop", "key": "checkout/1.zip", "content": content}


def refused(code: str, status: int) -> Any:
    def right(error: ClientError) -> bool:
        said = error.response
        return (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)

    return pytest.raises(ClientError, check=right)


def test_without_the_right_to_list_what_is_missing_looks_forbidden(cloud: Cloud, s3: Any) -> None:
    """S3 API reference, GetObject: 403 without s3:ListBucket."""
    cloud.storage.lists = False
    with refused("AccessDenied", 403):
        s3.get_object(Bucket="drop", Key="nothing")


def test_what_may_not_be_read_is_forbidden(cloud: Cloud, s3: Any) -> None:
    cloud.storage.forbidden.add(KEY["Key"])
    with refused("AccessDenied", 403):
        s3.get_object(**KEY)
    with refused("403", 403):
        s3.head_object(**KEY)


def test_a_deleted_object_is_missing_and_its_marker_cannot_be_read(cloud: Cloud, s3: Any) -> None:
    """S3 user guide, delete markers: 404 without a version, 405 for the marker's own."""
    cloud.storage.delete("drop", KEY["Key"])
    with refused("NoSuchKey", 404):
        s3.get_object(**KEY)
    with refused("MethodNotAllowed", 405):
        s3.get_object(**KEY, VersionId="version-2")
    assert s3.get_object(**KEY, VersionId="version-1")["ContentLength"] == 10


def test_a_bucket_without_versions_replaces_and_names_none(cloud: Cloud) -> None:
    cloud.storage.versioned = False
    event = cloud.storage.put(**_put(b"old"))
    cloud.storage.put(**_put(b"new"))
    found = cloud.client("s3").get_object(**KEY)
    assert found["Body"].read() == b"new"
    assert "VersionId" not in found
    assert "version-id" not in event["detail"]["object"]


def test_metadata_comes_back(cloud: Cloud) -> None:
    cloud.storage.put("drop", "k", b"", build="7")
    assert cloud.client("s3").head_object(Bucket="drop", Key="k")["Metadata"] == {"build": "7"}


def test_an_upload_tells_eventbridge_in_s3s_words(cloud: Cloud, s3: Any) -> None:
    """Facts 3.3: what the controller understands of it is the object, its version and its place in the order."""
    (event,) = cloud.events
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    (found,) = parse.parse(event, datetime(2000, 1, 1, tzinfo=UTC))
    who = Person("123456789012 at 203.0.113.7")
    assert found == ArtifactUploaded("drop", KEY["Key"], "version-1", "0000000000000001", NOW, person=who)
    cloud.storage.put(**_put(b"new"))
    sequencers = [each["detail"]["object"]["sequencer"] for each in cloud.events]
    assert sequencers == sorted(sequencers)
