"""What IAM does not let the controller touch: dropped all the same, it ends FAILED by name, and nothing has moved.

The stack here has a prefix of functions, so that IAM itself draws the line. The embedded AWS asks it at every call.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.package import ROOT
from local.server import EmbeddedAws
from local.stack import FAST, Stack, deploy
from tests.local.notices import notices
from tests.local.shop import GOOD, Shop, zipped

PREFIX = "a_function"
"""Begins the name of the function of the tests below that are about something else, and not that of the first."""


@pytest.fixture(scope="module")
def guarded(aws: EmbeddedAws, package: Path, role: str) -> Stack:
    return deploy(
        aws, ROOT / "template.yaml", package, {"AllowedRoles": role, "FunctionPrefix": PREFIX, **FAST}, "guarded"
    )


@pytest.fixture
def shop(aws: EmbeddedAws, guarded: Stack, role: str, make_function: Callable[[str], str]) -> Shop:
    """A function that somebody runs without Slipway: version 1 serves through its alias."""
    made = Shop(aws, guarded, role, make_function(GOOD % "theirs"))
    functions = aws.client("lambda")
    functions.publish_version(FunctionName=made.function)
    functions.create_alias(FunctionName=made.function, Name="live", FunctionVersion="1")
    return made


def found(shop: Shop) -> tuple[Any, ...]:
    """Returns all of the function that a deployment could have changed."""
    latest = shop.aws.client("lambda").get_function_configuration(FunctionName=shop.function)
    return shop.alias(), shop.alias("previous"), shop.versions(), latest["RevisionId"]


def test_functions_of_others_are_refused_by_iam_and_left_as_they_are(shop: Shop, mailbox: str) -> None:
    before = found(shop)
    shop.drop(GOOD % "ours")
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "publish_failed")
    assert "not authorized to perform: lambda:GetFunction" in summary["reason"]
    assert shop.function in summary["reason"]
    assert "its name must begin with the stack's parameter FunctionPrefix" in summary["reason"]
    assert (found(shop), set(notices(shop, mailbox))) == (before, {"FAILED"})


def test_a_function_is_given_no_role_of_others(shop: Shop, mailbox: str) -> None:
    before = found(shop)
    role = "arn:aws:iam::123456789012:role/slipway-demo-2"
    shop.drop(GOOD % "ours", function={**shop.manifest()["function"], "Role": role})  # type: ignore[dict-item]
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "preflight")
    assert role in summary["reason"]
    assert "allow it in the stack's parameters" in summary["reason"]
    assert (found(shop), set(notices(shop, mailbox))) == (before, {"FAILED"})


@pytest.mark.parametrize("bucket", ["somebodys-bucket", "{own}-2"], ids=["other", "name begins like ours"])
def test_a_function_is_given_nothing_out_of_a_bucket_of_others(shop: Shop, mailbox: str, bucket: str) -> None:
    before, bucket = found(shop), bucket.format(own=shop.stack.bucket)
    theirs = replace(shop, stack=replace(shop.stack, bucket=bucket))
    shop.aws.client("s3").create_bucket(Bucket=bucket)
    shop.aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    content = zipped({"app.py": GOOD % "ours", "slipway.json": json.dumps(shop.manifest())})
    dropped = {"key": f"{shop.function}/build.zip", "version-id": theirs.put(content), "sequencer": "0A"}
    shop.invoke({
        "source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-24T10:00:00Z",
        "detail": {"bucket": {"name": bucket}, "object": dropped},
    })  # fmt: skip
    summary = shop.wait()
    assert (summary["phase"], summary["cause"]) == ("FAILED", "bad_artifact")
    assert f"s3://{bucket}/{shop.function}/build.zip may not be read" in summary["reason"]
    assert "Allow the controller's role s3:GetObject" in summary["reason"]
    assert "Slipway reads no bucket but the stack's own" in summary["reason"]
    assert (found(shop), set(notices(shop, mailbox))) == (before, {"FAILED"})
