"""Ranges of the embedded S3 are those of S3."""

from __future__ import annotations

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local.server import EmbeddedAws


@pytest.fixture
def bucket(aws: EmbeddedAws) -> str:
    name = f"ranges-{uuid4()}"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.mark.parametrize(
    ("asked", "part", "span"),
    [
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_of_a_version_is_that_range(aws: EmbeddedAws, bucket: str, asked: str, part: bytes, span: str) -> None:
    s3 = aws.client("s3")
    version = s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket=bucket, Key="key", Body=b"newer")
    answer = s3.get_object(Bucket=bucket, Key="key", VersionId=version, Range=asked)
    assert (answer["Body"].read(), answer["ContentRange"], answer["VersionId"]) == (part, span, version)


@pytest.mark.parametrize("versioned", [True, False])
def test_a_range_of_zero_bytes_is_refused(aws: EmbeddedAws, bucket: str, *, versioned: bool) -> None:
    s3 = aws.client("s3")
    version = s3.put_object(Bucket=bucket, Key="key", Body=b"")["VersionId"]
    pinned = {"VersionId": version} if versioned else {}
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=bucket, Key="key", Range="bytes=-1", **pinned)
