"""Bad input changes nothing in AWS, leaves one FAILED record whose reason names the cause, and sends one notice."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from local.polling import eventually
from local.server import EmbeddedAws
from local.stack import Stack
from tests.local.notices import notices
from tests.local.shop import GOOD, Shop, zipped

Make = Callable[[Shop], bytes]


def _files(shop: Shop, *, manifest: str | None = None, **more: str) -> bytes:
    return zipped({"app.py": GOOD % "x", "slipway.json": manifest or json.dumps(shop.manifest()), **more})


def _with(shop: Shop, **sections: object) -> bytes:
    return _files(shop, manifest=json.dumps(shop.manifest(**sections)))


def _function(shop: Shop, **members: object) -> bytes:
    function: Mapping[str, Any] = shop.manifest()["function"]  # type: ignore[assignment]
    return _with(shop, function={name: value for name, value in {**function, **members}.items() if value})


def _encrypted(shop: Shop) -> bytes:
    """Sets the encryption flag of every entry, in the local headers and in the directory."""
    content = bytearray(_files(shop))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            struct.pack_into("<H", content, at + offset, 1)
            at = content.find(signature, at + 4)
    return bytes(content)


def _too_large(shop: Shop) -> bytes:
    """Unzips to 300 MB of zeros, as its directory says."""
    buffer = io.BytesIO(_files(shop))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as zeros:
        for _ in range(300):
            zeros.write(bytes(1_000_000))
    return buffer.getvalue()


STEPS_FALL = {"steps": [{"weight": 50, "hold": "1s"}, {"weight": 10, "hold": "1s"}]}
CASES: dict[str, tuple[Make, str, str]] = {
    "not a zip": (lambda _: b"hello, this is no zip at all", "bad_artifact", "not a zip"),
    "a truncated zip": (lambda shop: _files(shop)[:-30], "bad_artifact", "truncated"),
    "path traversal": (lambda shop: _files(shop, **{"../evil.py": "x"}), "bad_artifact", "../evil.py"),
    "encrypted": (_encrypted, "bad_artifact", "encrypted"),
    "too large unzipped": (_too_large, "bad_artifact", "262144000"),
    "handler's file missing": (lambda shop: _function(shop, Handler="main.handler"), "bad_artifact", "main.py"),
    "manifest not JSON": (lambda shop: _files(shop, manifest="{oops"), "bad_manifest", "not JSON"),
    "manifest not the schema": (lambda shop: _with(shop, colour="red"), "bad_manifest", "colour"),
    "payload file not in the zip": (
        lambda shop: _with(shop, tests=[{"name": "no", "payload_file": "tests/no.json"}]),
        "bad_manifest", "payload_file 'tests/no.json' of test 'no' is not in the zip"),
    "payload file not JSON": (
        lambda shop: _files(
            shop,
            manifest=json.dumps(shop.manifest(tests=[{"name": "no", "payload_file": "tests/no.json"}])),
            **{"tests/no.json": "{oops"},
        ),
        "bad_manifest", "payload_file 'tests/no.json' of test 'no' is not JSON"),
    "weights not rising": (lambda shop: _with(shop, strategy=STEPS_FALL), "bad_manifest", "rise"),
    "unknown strategy": (lambda shop: _with(shop, strategy="LambdaCanary99"), "bad_manifest", "LambdaCanary99"),
    "no way to create it": (lambda shop: _function(shop, Role=None), "preflight", "Role"),
    "role not allowed": (
        lambda shop: _function(shop, Role="arn:aws:iam::123456789012:role/admin"), "preflight", "role/admin"),
    "zero bytes": (lambda _: b"", "bad_artifact", "zero bytes"),
    "a named alarm that does not exist": (
        lambda shop: _with(shop, gates={"alarms": ["nobody-made-this"]}), "preflight", "nobody-made-this"),
}  # fmt: skip


@pytest.fixture
def shop(aws: EmbeddedAws, stack: Stack, role: str, function_name: str) -> Shop:
    return Shop(aws, stack, role, function_name)


@pytest.mark.parametrize("case", CASES)
def test_bad_input_fails_by_name_and_touches_nothing(shop: Shop, mailbox: str, case: str) -> None:
    make, cause, words = CASES[case]
    shop.put(make(shop))
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", cause)
    assert words in summary["reason"]
    assert (shop.versions(), shop.alias()) == ([], None)
    assert set(notices(shop, mailbox)) == {"FAILED"}


def test_an_object_that_was_deleted_before_it_was_read_fails_by_name(shop: Shop, mailbox: str) -> None:
    key = f"{shop.function}/gone.zip"
    event = {
        "source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-24T10:00:00Z",
        "detail": {"bucket": {"name": shop.stack.bucket}, "object": {"key": key, "version-id": "x"}},
    }  # fmt: skip
    shop.invoke(event)
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "bad_artifact")
    assert "gone.zip" in summary["reason"]
    assert set(notices(shop, mailbox)) == {"FAILED"}


def test_a_key_with_other_characters_fails_by_name(shop: Shop, mailbox: str) -> None:
    shop.put(_files(shop), "my build (1)")
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "bad_artifact")
    assert "my build (1).zip" in summary["reason"]
    assert (shop.versions(), set(notices(shop, mailbox))) == ([], {"FAILED"})


def test_a_drop_that_names_no_function_is_told_under_the_name_that_was_written(shop: Shop) -> None:
    near, written = shop.function.replace("-", "_"), shop.function.replace("-", ".").replace("_", ".") + ".x"
    shop.put(_files(shop), folder=written)

    def shown() -> Any:
        return shop.invoke({"request": "status", "function": written}).get("refused_uploads")

    (refused,) = eventually(shown, 30)
    assert refused["artifact"] == f"{written}/build.zip"
    assert f"{written} is no function's name" in refused["reason"]
    for name in (near, f"{near}_x"):
        assert shop.invoke({"request": "history", "function": name})["deployments"] == []


def test_another_kind_of_archive_fails_by_name(shop: Shop, mailbox: str) -> None:
    key = f"{shop.function}/build.jar"
    shop.aws.client("s3").put_object(Bucket=shop.stack.bucket, Key=key, Body=_files(shop))
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "bad_artifact")
    assert "it does not end in .zip but in .jar" in summary["reason"]
    assert (shop.versions(), set(notices(shop, mailbox))) == ([], {"FAILED"})


def test_a_manifest_that_is_nearly_there_fails_by_name(shop: Shop, mailbox: str) -> None:
    shop.put(zipped({"app.py": GOOD % "x", "Slipway.json": json.dumps(shop.manifest())}))
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "bad_manifest")
    assert "the zip holds Slipway.json" in summary["reason"]
    assert (shop.versions(), set(notices(shop, mailbox))) == ([], {"FAILED"})
