"""Bad input changes nothing in AWS, leaves one FAILED record whose reason names the cause, and sends one notice.

One example of each way in which it is found out; tests/unit and tests/adapters have all that can be wrong.
"""

from __future__ import annotations

import json
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


CASES: dict[str, tuple[Make, str, str]] = {
    "not a zip": (lambda _: b"hello, this is no zip at all", "bad_artifact", "not a zip"),
    "handler's file missing": (lambda shop: _function(shop, Handler="main.handler"), "bad_artifact", "main.py"),
    "manifest not the schema": (lambda shop: _with(shop, colour="red"), "bad_manifest", "colour"),
    "payload file not JSON": (
        lambda shop: _files(
            shop,
            manifest=json.dumps(shop.manifest(tests=[{"name": "no", "payload_file": "tests/no.json"}])),
            **{"tests/no.json": "{oops"},
        ),
        "bad_manifest", "payload_file 'tests/no.json' of test 'no' is not JSON"),
    "role not allowed": (
        lambda shop: _function(shop, Role="arn:aws:iam::123456789012:role/admin"), "preflight", "role/admin"),
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

    (refused,) = eventually(shown)
    assert refused["artifact"] == f"{written}/build.zip"
    assert f"{written} is no function's name" in refused["reason"]
    for name in (near, f"{near}_x"):
        assert shop.invoke({"request": "history", "function": name}).get("deployments", []) == []
