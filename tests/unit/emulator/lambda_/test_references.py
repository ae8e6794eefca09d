"""A function is addressed by name or ARN, with a version, an alias or nothing behind it."""

from __future__ import annotations

import pytest

from local.emulator.rules.lambda_.references import Reference, parse

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


@pytest.mark.parametrize(
    ("reference", "qualifier"),
    [(ARN, None), (f"{ARN}:live", "live"), (f"{ARN}:7", "7"), ("checkout", None), ("checkout:live", "live")],
)
def test_a_reference_is_read(reference: str, qualifier: str | None) -> None:
    found = parse(reference, account="123456789012", region="us-east-1")
    assert found == Reference("123456789012", "us-east-1", "checkout", qualifier)


def test_an_arn_says_its_own_account_and_region() -> None:
    assert parse(ARN, account="999999999999", region="eu-west-1").arn == ARN


@pytest.mark.parametrize("reference", ["arn:aws:sqs:us-east-1:1:letters", f"{ARN}:live:more", "arn:aws:lambda"])
def test_another_arn_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="not the ARN of a Lambda function"):
        parse(reference)


@pytest.mark.parametrize(("qualifier", "is_alias"), [("live", True), ("7", False), ("$LATEST", False), (None, False)])
def test_only_an_aliass_name_is_an_alias(qualifier: str | None, *, is_alias: bool) -> None:
    assert Reference("1", "r", "checkout", qualifier).is_alias is is_alias


def test_the_resource_of_a_metric_is_the_name_with_what_was_asked_for() -> None:
    named = [Reference("1", "r", "checkout", one).resource for one in (None, "live", "7")]
    assert named == ["checkout", "checkout:live", "checkout:7"]
