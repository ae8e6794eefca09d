"""Objects and their versions, ranges of them, and what EventBridge is told of an upload."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from tests.agreement.account import NUMBER, REGION, Account, Json
from tests.agreement.function import refusal_of
from tests.agreement.listing import check

_KEY = "checkout/1.4.2.zip"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _told(account: Account, count: int) -> list[Json]:
    """Returns the events of the uploads in the order of their sequencers, once there are so many."""
    found: list[Json] = account.eventually(lambda: len(told := account.events()) >= count and told)
    return sorted(found, key=lambda event: int(event["detail"]["object"]["sequencer"], 16))


def _dropped(account: Account, content: bytes = b"0123456789") -> tuple[Any, Json]:
    """Returns a client of S3 and the place of an object in a bucket with versions."""
    bucket = account.bucket()
    account.upload(bucket, _KEY, content)
    return account.client("s3"), {"Bucket": bucket, "Key": _KEY}


def _code(refused: tuple[int, str, str]) -> tuple[int, str]:
    return refused[:2]


@check("3.2", unverified="since when, and where, the detail has an event-version; the examples of 2026 have it")
def an_upload_is_told_with_all_that_names_it(account: Account) -> None:
    """Bucket, key, size, etag, version and sequencer. Source: S3 user guide, event message structure, 2023 and 2026."""
    s3, place = _dropped(account)
    (event,) = _told(account, 1)
    version = s3.head_object(**place)["VersionId"]
    detail = event["detail"]
    assert event.keys() == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"
    }  # fmt: skip
    assert (event["version"], event["detail-type"], event["source"]) == ("0", "Object Created", "aws.s3")
    assert (event["account"], event["region"]) == (NUMBER, REGION)
    assert event["resources"] == [f"arn:aws:s3:::{place['Bucket']}"]
    assert _TIME.fullmatch(event["time"])
    assert detail.keys() - {"event-version"} == {
        "version", "bucket", "object", "request-id", "requester", "source-ip-address", "reason"
    }  # fmt: skip
    assert (detail["version"], detail["bucket"], detail["reason"]) == ("0", {"name": place["Bucket"]}, "PutObject")
    etag = hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
    assert int(detail["object"].pop("sequencer"), 16) >= 0
    assert detail["object"] == {"key": _KEY, "size": 10, "etag": etag, "version-id": version}


@check("3.2")
def only_a_bucket_with_versions_tells_one(account: Account) -> None:
    """Source: S3 user guide, event message structure, 2023."""
    bucket = account.bucket(versioned=False)
    account.upload(bucket, _KEY, b"one")
    (event,) = _told(account, 1)
    assert "version-id" not in event["detail"]["object"]
    assert "VersionId" not in account.client("s3").get_object(Bucket=bucket, Key=_KEY)


@check("3.3")
def a_later_upload_of_the_same_key_has_a_greater_sequencer(account: Account) -> None:
    """Hexadecimal, the shorter one padded with zeros on the right, compared as text. Source: S3 user guide,
    notification content structure, 2023.
    """
    s3, place = _dropped(account, b"a")
    versions = [s3.head_object(**place)["VersionId"]]
    for content in (b"bb", b"ccc"):
        account.upload(place["Bucket"], _KEY, content)
        versions.append(s3.head_object(**place)["VersionId"])
    events = account.eventually(lambda: len(told := account.events()) == 3 and told)
    found = {event["detail"]["object"]["version-id"]: event["detail"]["object"]["sequencer"] for event in events}
    longest = max(map(len, found.values()))
    sequencers = [found[version].ljust(longest, "0") for version in versions]
    assert sequencers == sorted(set(sequencers))


@check("3.2", unverified="how a key with other characters is written")
def a_key_of_plain_characters_is_told_as_it_is(account: Account) -> None:
    """Source: S3 user guide, event message structure, 2023, says nothing of any encoding."""
    bucket, key = account.bucket(), "check-out_2/build.1.zip"
    account.upload(bucket, key, b"one")
    assert [event["detail"]["object"]["key"] for event in _told(account, 1)] == [key]


@check("3.2")
def the_rules_of_the_template_hand_over_what_was_uploaded(account: Account) -> None:
    """Source: EventBridge user guide, event patterns, 2026-11."""
    _dropped(account)
    (event,) = _told(account, 1)
    assert account.hands_over(event)
    assert not account.hands_over({**event, "detail-type": "Object Deleted"})
    assert not account.hands_over({**event, "detail-type": "Object Tags Added"})


@check("s3")
def the_newest_version_is_read_unless_another_is_named(account: Account) -> None:
    """Source: S3 API reference, GetObject, versionId, 2026-11."""
    s3, place = _dropped(account, b"old")
    version = s3.get_object(**place)["VersionId"]
    account.upload(**_named(place), content=b"new")
    newest = s3.get_object(**place)
    assert (newest["Body"].read(), newest["VersionId"] != version) == (b"new", True)
    pinned = s3.get_object(**place, VersionId=version)
    assert (pinned["Body"].read(), pinned["VersionId"]) == (b"old", version)


@check("s3")
def an_object_is_read_with_its_length_its_date_and_its_etag(account: Account) -> None:
    """LastModified has whole seconds. Source: RFC 9110, dates in HTTP headers."""
    s3, place = _dropped(account)
    read, head = s3.get_object(**place), s3.head_object(**place)
    etag = hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
    assert (read["ContentLength"], read["ETag"]) == (head["ContentLength"], head["ETag"]) == (10, f'"{etag}"')
    assert read["LastModified"] == head["LastModified"]
    assert read["LastModified"].microsecond == 0
    assert read["LastModified"].tzinfo is not None


@check("s3")
def a_range_gives_a_part_and_says_which(account: Account) -> None:
    """206, also of an older version. Source: RFC 9110, range requests; S3 API reference, GetObject, 2026-11."""
    s3, place = _dropped(account)
    version = s3.get_object(**place)["VersionId"]
    account.upload(**_named(place), content=b"newer")
    for asked, part, said in (
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ):
        found = s3.get_object(**place, VersionId=version, Range=asked)
        assert (asked, found["Body"].read(), found["ContentRange"]) == (asked, part, said)
        assert (found["ContentLength"], found["VersionId"]) == (len(part), version)
        assert found["ResponseMetadata"]["HTTPStatusCode"] == 206


@check("s3")
def a_range_of_nothing_is_refused(account: Account) -> None:
    """416, also of an empty object. Source: S3 API reference, error responses, 2026-11."""
    s3, place = _dropped(account, b"")
    assert _code(refusal_of(lambda: s3.get_object(**place, Range="bytes=-3"))) == (416, "InvalidRange")
    account.upload(**_named(place), content=b"ten bytes!")
    assert _code(refusal_of(lambda: s3.get_object(**place, Range="bytes=10-12"))) == (416, "InvalidRange")


@check("s3")
def a_range_of_nothing_is_refused_without_versions_too(account: Account) -> None:
    """416. Source: S3 API reference, error responses, 2026-11."""
    bucket = account.bucket(versioned=False)
    account.upload(bucket, _KEY, b"")
    s3 = account.client("s3")
    assert _code(refusal_of(lambda: s3.get_object(Bucket=bucket, Key=_KEY, Range="bytes=-1"))) == (416, "InvalidRange")


@check("s3")
def an_object_that_was_replaced_does_not_match_any_more(account: Account) -> None:
    """412. Source: S3 API reference, GetObject, If-Match, 2026-11."""
    s3, place = _dropped(account)
    etag = s3.get_object(**place)["ETag"]
    assert s3.get_object(**place, IfMatch=etag)["ETag"] == etag
    account.upload(**_named(place), content=b"new")
    assert _code(refusal_of(lambda: s3.get_object(**place, IfMatch=etag))) == (412, "PreconditionFailed")


@check("s3")
def what_is_not_there_is_missing(account: Account) -> None:
    """404 in a word for each; HEAD has no body and so no word. Source: S3 API reference, error responses and
    HeadObject, 2026-11.
    """
    s3, place = _dropped(account)
    other, bucket = {**place, "Key": "nothing"}, {**place, "Bucket": f"{place['Bucket']}-gone"}
    assert _code(refusal_of(lambda: s3.get_object(**other))) == (404, "NoSuchKey")
    assert _code(refusal_of(lambda: s3.get_object(**bucket))) == (404, "NoSuchBucket")
    for absent in (other, bucket):
        assert _code(refusal_of(lambda absent=absent: s3.head_object(**absent))) == (404, "404")


@check("s3", unverified="whether an id that S3 could not have made is a 400 InvalidArgument in every case")
def a_version_that_is_not_there_is_missing(account: Account) -> None:
    """404 for an id that S3 made for another object. Source: S3 API reference, error responses, 2026-11."""
    s3, place = _dropped(account)
    account.upload(place["Bucket"], "other.zip", b"other")
    others = s3.head_object(Bucket=place["Bucket"], Key="other.zip")["VersionId"]
    assert _code(refusal_of(lambda: s3.get_object(**place, VersionId=others))) == (404, "NoSuchVersion")


@check("s3")
def a_deleted_object_is_missing_and_its_versions_are_not(account: Account) -> None:
    """A marker is put on top, in a bucket with versions. Source: S3 user guide, delete markers, 2026-11."""
    s3, place = _dropped(account)
    version = s3.get_object(**place)["VersionId"]
    account.delete(**_named(place))
    assert _code(refusal_of(lambda: s3.get_object(**place))) == (404, "NoSuchKey")
    assert s3.get_object(**place, VersionId=version)["ContentLength"] == 10


def _named(place: Json) -> Json:
    return {"bucket": place["Bucket"], "key": place["Key"]}
