"""What is read of an upload, in how many parts, and what S3's refusals mean."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from controller.aws.s3.artifacts import Artifacts, BadArtifact, Inspection
from controller.core.artifact.zip.directory import TAIL
from controller.core.artifact.zip.symbolic_links import MAX_READS
from controller.core.model import Artifact, Cause, Conflict, Refused, Transient
from controller.core.model.events import ArtifactUploaded
from tests.adapters.fake_s3 import BUCKET, MODIFIED_AT, FakeS3
from tests.cloud.faults import Json
from tests.cloud.sparse import Sparse, large_zip
from tests.fuzz.hostile_zips import LINK, File, Zip

HAPPENED_AT = datetime(2026, 11, 23, 10, 0, 3, tzinfo=UTC)
KEY = "checkout/build.zip"
MEGABYTE = 1024 * 1024


def zipped(files: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def uploaded(version_id: str | None = "v1") -> ArtifactUploaded:
    return ArtifactUploaded(BUCKET, KEY, version_id, "0A", HAPPENED_AT)


def inspected(s3: FakeS3, version_id: str | None = "v1") -> Inspection:
    return Artifacts(s3.client()).inspect(uploaded(version_id))


def refused(s3: FakeS3, version_id: str | None = "v1") -> BadArtifact:
    with pytest.raises(BadArtifact) as caught:
        inspected(s3, version_id)
    return caught.value


def holding(content: bytes | Sparse, version: str | None = "v1") -> FakeS3:
    s3 = FakeS3()
    s3.holds(KEY, content, version)
    return s3


def refusing(status: int, code: str, message: str) -> FakeS3:
    s3 = FakeS3()
    s3.refuses[KEY] = (status, code, message)
    return s3


def test_a_small_zip_takes_one_get_and_its_manifest_in_the_bucket_one_more() -> None:
    content = zipped({"app.py": "1234", "slipway.json": '{"alias": "live"}'})
    s3 = holding(content)
    s3.holds("checkout/slipway.json", b'{"deadline": "1h"}')
    found = inspected(s3)
    assert found.artifact == Artifact("artifacts", KEY, "v1", MODIFIED_AT, "0A")
    assert found.size == len(content)
    assert found.opened.archive.names == ("app.py", "slipway.json")
    assert (found.opened.manifest, found.bucket_manifest) == ('{"alias": "live"}', '{"deadline": "1h"}')
    assert s3.asked == [(f"bytes=-{TAIL}", "v1"), ("all", None)]


def test_manifests_that_are_not_there_are_none() -> None:
    found = inspected(holding(zipped({"app.py": ""})))
    assert (found.opened.manifest, found.bucket_manifest) == (None, None)


def test_a_manifest_at_the_start_of_a_larger_zip_takes_one_more_get() -> None:
    s3 = holding(zipped({"slipway.json": "{}", "large": noise(MEGABYTE)}))
    assert inspected(s3).opened.manifest == "{}"
    assert [span for span, _ in s3.asked] == [f"bytes=-{TAIL}", f"bytes=0-{30 + 12 + 4 + 65535 - 1}", "all"]


def test_a_large_zip_takes_three_gets_under_a_megabyte_and_under_20_of_memory() -> None:
    s3 = holding(large_zip(entries=8_000))
    inspected(holding(zipped({"app.py": ""})))  # what botocore loads once is not what is measured
    tracemalloc.start()
    try:
        found = inspected(s3)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.opened.manifest, len(found.opened.archive.names)) == ("{}", 8_001)
    assert len(s3.asked) == 3 + 1
    assert s3.sent < MEGABYTE
    assert memory < 20 * MEGABYTE


def test_the_newest_version_is_read_and_pinned_where_none_was_named() -> None:
    s3 = holding(zipped({"slipway.json": "{}", "large": noise(MEGABYTE)}), version="v2")
    assert inspected(s3, version_id=None).artifact.version_id == "v2"
    assert [version for _, version in s3.asked] == [None, "v2", None]


@pytest.mark.parametrize("version", [None, "null"])
def test_a_bucket_without_versions_gives_none(version: str | None) -> None:
    s3 = holding(zipped({"app.py": ""}), version=version)
    assert inspected(s3, version_id=None).artifact.version_id is None


def test_an_object_that_is_replaced_while_it_is_read_is_read_again_later() -> None:
    s3 = holding(zipped({"slipway.json": "{}", "large": noise(MEGABYTE)}), version=None)
    answer = s3.answer

    def replacing(*asked: Any) -> Json:
        response = answer(*asked)
        s3.holds(KEY, zipped({"other": noise(MEGABYTE)}), None)
        return response

    s3.answer = replacing  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        inspected(s3, version_id=None)


def test_zero_bytes_are_a_bad_artifact() -> None:
    problem = refused(holding(b""))
    assert problem.reason.text == "s3://artifacts/checkout/build.zip has zero bytes; upload the zip again, whole"
    assert problem.artifact == Artifact("artifacts", KEY, "v1", HAPPENED_AT, "0A")


def test_an_empty_range_of_zero_bytes_is_a_bad_artifact_too() -> None:
    """Not every S3 says InvalidRange."""
    s3 = FakeS3()
    about = {"ContentRange": "bytes 0--1/0", "ContentLength": 0, "ETag": "e", "LastModified": MODIFIED_AT}
    s3.answer = lambda *_: {**about, "Body": b""}  # type: ignore[method-assign]
    problem = refused(s3)
    assert "has zero bytes" in problem.reason.text
    assert problem.artifact.uploaded_at == MODIFIED_AT


@pytest.mark.parametrize("version_id", ["v1", None])
def test_an_object_that_was_deleted_is_a_bad_artifact(version_id: str | None) -> None:
    problem = refused(FakeS3(), version_id)
    assert problem.reason.text == (
        "s3://artifacts/checkout/build.zip is not there: nobody has uploaded it, or somebody has deleted it;"
        " upload it again"
    )
    assert problem.artifact == Artifact("artifacts", KEY, version_id, HAPPENED_AT, "0A")


def test_a_delete_marker_is_a_deleted_object() -> None:
    s3 = FakeS3()
    s3.holds(KEY, None)
    assert "is not there" in refused(s3).reason.text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x1f\x8b\x08\x00 a tar", r"not a zip: it begins with b'\x1f\x8b\x08\x00'"),
        (bytes(MEGABYTE), r"not a zip: it begins with b'\x00\x00\x00\x00'"),
        (zipped({"app.py": "1234"})[:-4], "the zip is truncated"),
        (zipped({"large": noise(MEGABYTE)})[:-4], "the zip is truncated"),
        (zipped({"../app.py": ""}), "'../app.py' would not be unzipped"),
        (zipped({}), "holds no files"),
    ],
)
def test_a_bad_archive_is_a_bad_artifact_of_the_time_of_its_upload(content: bytes, text: str) -> None:
    problem = refused(holding(content))
    assert text in problem.reason.text
    assert problem.reason.cause is Cause.BAD_ARTIFACT
    assert problem.artifact.uploaded_at == MODIFIED_AT


@pytest.mark.parametrize(
    ("content", "text"), [(b" " * (256 * 1024 + 1), "is longer than the 262144 bytes"), (b"\xff\xfe", "is not UTF-8")]
)
def test_a_manifest_in_the_bucket_that_cannot_be_read_is_a_bad_manifest(content: bytes, text: str) -> None:
    s3 = holding(zipped({"app.py": ""}))
    s3.holds("checkout/slipway.json", content)
    problem = refused(s3)
    assert f"s3://artifacts/checkout/slipway.json {text}" in problem.reason.text
    assert problem.reason.cause is Cause.BAD_MANIFEST


def test_an_empty_manifest_in_the_bucket_is_an_empty_text() -> None:
    s3 = holding(zipped({"app.py": ""}))
    s3.holds("checkout/slipway.json", b"")
    assert inspected(s3).bucket_manifest == ""


@pytest.mark.parametrize("key", [KEY, "checkout/slipway.json"])
def test_a_denied_read_says_what_to_allow(key: str) -> None:
    s3 = holding(zipped({"app.py": ""}))
    s3.refuses[key] = (403, "AccessDenied", "Access Denied")
    text = refused(s3).reason.text
    assert text.startswith(
        f"s3://artifacts/{key} may not be read: Access Denied. Allow the controller's role s3:GetObject"
    )
    assert "s3:GetObjectVersion" in text
    assert "s3:ListBucket" in text
    assert "kms:Decrypt" in text


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        (400, "KMS.DisabledException", "is encrypted with a KMS key that cannot be used: it says so"),
        (403, "InvalidObjectState", "is archived and cannot be read"),
        (404, "NoSuchBucket", "is in a bucket that does not exist"),
        (400, "InvalidArgument", "cannot be read as asked: it says so"),
        (400, "InvalidRequest", "cannot be read as it is stored: it says so"),
    ],
)
def test_what_will_never_be_read_is_a_bad_artifact(status: int, code: str, text: str) -> None:
    assert text in refused(refusing(status, code, "it says so.")).reason.text


@pytest.mark.parametrize(
    ("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (400, "RequestTimeout"), (418, "Unheard")]
)
def test_what_may_pass_is_tried_again(status: int, code: str) -> None:
    with pytest.raises(Transient):
        inspected(refusing(status, code, ""))


class Bodies:
    """A client whose answers have these bodies."""

    def __init__(self, s3: FakeS3, body: io.BytesIO) -> None:
        self._client, self._body = s3.client(), body

    def get_object(self, **asked: Any) -> Any:
        return {**self._client.get_object(**asked), "Body": self._body}


def test_a_body_that_does_not_arrive_is_tried_again() -> None:
    class Stuck(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://s3")

    with pytest.raises(Transient):
        Artifacts(Bodies(holding(zipped({"app.py": ""})), Stuck())).inspect(uploaded())


def test_a_body_that_ends_early_is_tried_again() -> None:
    with pytest.raises(Transient, match="other bytes"):
        Artifacts(Bodies(holding(zipped({"app.py": ""})), io.BytesIO(b"PK"))).inspect(uploaded())


# -- files that the manifest names ------------------------------------------------------------------------------------

NAMES = {"tests/a.json": "payload_file 'tests/a.json' of test 'a'", "tests/b.json": "payload_file 'tests/b.json' of b"}


def files_of(s3: FakeS3, version_id: str | None = "v1") -> dict[str, str]:
    """Reads both files of what was inspected, and forgets what the inspection asked for."""
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded(version_id))
    s3.asked.clear()
    return inspection.opened.texts(NAMES)


def with_files(**more: bytes | str) -> bytes:
    return zipped({"app.py": "", "tests/a.json": "1", **more, "tests/b.json": "2"})


def test_files_of_a_small_zip_are_in_what_was_read_already() -> None:
    s3 = holding(with_files())
    assert files_of(s3) == {"tests/a.json": "1", "tests/b.json": "2"}
    assert s3.asked == []


def test_each_file_of_a_larger_zip_takes_one_get_of_the_same_version() -> None:
    s3 = holding(with_files(large=noise(MEGABYTE)), version="v2")
    assert files_of(s3, None) == {"tests/a.json": "1", "tests/b.json": "2"}
    assert [version for _, version in s3.asked] == ["v2"], "the second file is in the tail"
    assert s3.asked[0][0].startswith("bytes=38-")
    last = holding(zipped({"tests/a.json": "1", "tests/b.json": "2", "large": noise(MEGABYTE)}))
    assert files_of(last) == {"tests/a.json": "1", "tests/b.json": "2"}
    assert len(last.asked) == 2


def test_files_are_of_the_very_zip_that_was_inspected() -> None:
    s3 = holding(with_files(large=noise(MEGABYTE)), version=None)
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded(None))
    s3.holds(KEY, with_files(large=noise(MEGABYTE), other="!"), None)
    with pytest.raises(Conflict):
        inspection.opened.texts(NAMES)


def test_a_newer_version_does_not_disturb_the_files_of_an_older_one() -> None:
    s3 = holding(with_files(large=noise(MEGABYTE)), version="v1")
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded(None))
    s3.holds(KEY, zipped({"tests/a.json": "newer", "large": noise(MEGABYTE)}), "v2")
    assert inspection.opened.texts(NAMES) == {"tests/a.json": "1", "tests/b.json": "2"}


def test_a_file_that_is_not_there_is_a_bad_manifest() -> None:
    with pytest.raises(Refused) as caught:
        files_of(holding(zipped({"app.py": "", "tests/a.json": "1"})))
    assert caught.value.reason.text.startswith(f"{NAMES['tests/b.json']} is not in the zip; ")
    assert caught.value.reason.cause is Cause.BAD_MANIFEST


def test_a_zip_that_is_deleted_before_its_files_are_read_is_told_as_that() -> None:
    s3 = holding(with_files(large=noise(MEGABYTE)))
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded())
    s3.buckets[BUCKET].clear()
    with pytest.raises(Refused, match="is not there"):
        inspection.opened.texts(NAMES)


def test_a_service_that_is_away_while_files_are_read_is_asked_again_later() -> None:
    s3 = holding(with_files(large=noise(MEGABYTE)))
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded())
    s3.refuses[KEY] = (503, "SlowDown", "slow down")
    with pytest.raises(Transient):
        inspection.opened.texts(NAMES)


def test_files_of_a_large_zip_take_little_more_memory_than_its_directory() -> None:
    s3 = holding(large_zip(entries=8_000))
    artifacts = Artifacts(s3.client())
    inspection = artifacts.inspect(uploaded())
    tracemalloc.start()
    try:
        assert inspection.opened.texts({"slipway.json": ""}) == {"slipway.json": "{}"}
        assert tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE
    finally:
        tracemalloc.stop()


# -- symbolic links ---------------------------------------------------------------------------------------------------


def linked(*files: File | tuple[str, str] | str) -> bytes:
    """Returns a zip of files, of links (name, target), and of modules by their names."""
    return Zip(tuple(_file(each) for each in files)).written()


def _file(each: File | tuple[str, str] | str) -> File:
    if isinstance(each, str):
        return File(each.encode(), b"code")
    if isinstance(each, tuple):
        return File(each[0].encode(), each[1].encode(), central={"attributes": LINK})
    return each


BIG = File(b"big", noise(MEGABYTE))


def test_links_of_a_small_zip_cost_no_get() -> None:
    s3 = holding(linked("app.py", ("lib", "src"), ("node_modules", "/opt/nodejs/node_modules")))
    assert inspected(s3).opened.archive.links == {
        "/var/task/lib": "/var/task/src",
        "/var/task/node_modules": "/opt/nodejs/node_modules",
    }
    assert [span for span, _ in s3.asked] == [f"bytes=-{TAIL}", "all"]


def test_links_next_to_each_other_cost_one_get_of_the_same_version() -> None:
    s3 = holding(linked("app.py", *((f"bin/{number}", "../app.py") for number in range(100)), BIG), version="v2")
    assert set(inspected(s3, None).opened.archive.links.values()) == {"/var/task/app.py"}
    assert [version for _, version in s3.asked] == [None, "v2", None]
    assert s3.sent < TAIL + 100 * 60


def test_links_all_over_a_zip_cost_a_bounded_number_of_gets() -> None:
    files = [part for n in range(60) for part in ((f"l{n}", "app.py"), File(b"%d" % n, noise(100_000)))]
    s3 = holding(linked("app.py", *files))
    links = inspected(s3).opened.archive.links.values()
    assert len(s3.asked) == 2 + MAX_READS
    assert (list(links).count("/var/task/app.py"), list(links).count(None)) == (MAX_READS, 60 - MAX_READS)


def test_a_link_that_leaves_the_folder_is_a_bad_artifact() -> None:
    problem = refused(holding(linked("app.py", ("passwd", "/etc/passwd"), BIG)))
    assert problem.reason.text.startswith("the zip's entry 'passwd' is a symbolic link to '/etc/passwd'")
    assert problem.reason.cause is Cause.BAD_ARTIFACT


def test_a_zip_that_is_replaced_before_its_links_are_read_is_read_again_later() -> None:
    s3 = holding(linked("app.py", ("lib", "src"), BIG), version=None)
    answer = s3.answer

    def replacing(*asked: Any) -> Json:
        response = answer(*asked)
        s3.holds(KEY, linked("app.py", ("lib", "/etc"), BIG, BIG), None)
        return response

    s3.answer = replacing  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        inspected(s3, version_id=None)


def test_payloads_are_read_where_links_lead() -> None:
    content = linked(File(b"fixtures/a.json", b"1"), File(b"b.json", b"2"), ("tests", "fixtures"))
    artifacts = Artifacts(holding(content).client())
    names = {"tests/a.json": "payload a", "./b.json": "payload b"}
    assert artifacts.inspect(uploaded()).opened.texts(names) == {"tests/a.json": "1", "./b.json": "2"}
