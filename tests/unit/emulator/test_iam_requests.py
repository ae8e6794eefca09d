from __future__ import annotations

import json

import pytest

from local.emulator.patches.iam.requests import action, created, first_alarm, qualified, sources

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


def test_a_function_that_is_to_be_made_is_named_in_the_body() -> None:
    assert created(json.dumps({"FunctionName": "checkout"}).encode()) == "checkout"


def test_a_body_that_names_no_function_names_none() -> None:
    assert [created(body) for body in (b"", b"[]", b"{}", b'{"FunctionName": 7}')] == [None] * 4


def test_a_qualifier_belongs_to_the_arn() -> None:
    assert qualified(ARN, {"Qualifier": "7"}) == f"{ARN}:7"
    assert qualified(ARN, {"Qualifier": ["live"]}) == f"{ARN}:live"


def test_an_arn_without_or_with_its_own_qualifier_stays() -> None:
    assert qualified(ARN, {}) == ARN
    assert qualified(f"{ARN}:live", {"Qualifier": "7"}) == f"{ARN}:live"
    assert qualified("*", {"Qualifier": "7"}) == "*"


@pytest.mark.parametrize(
    ("method", "behind", "expected"),
    [
        ("GET", "aliases/live", "GetAlias"),
        ("PUT", "aliases/live", "UpdateAlias"),
        ("DELETE", "aliases/live", "DeleteAlias"),
        ("GET", "aliases", None),
        ("POST", "aliases", None),
        ("GET", "provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
        ("GET", "configuration", None),
    ],
)
def test_a_call_about_one_alias_is_no_list_of_them(method: str, behind: str, expected: str | None) -> None:
    assert action(method, f"/2015-03-31/functions/checkout/{behind}") == expected


def test_events_are_asked_about_by_their_sources() -> None:
    entries = [{"Source": "slipway"}, {"Source": "slipway"}, {"Source": "other"}, {}, "nonsense"]
    assert sources(json.dumps({"Entries": entries}).encode()) == ["other", "slipway"]


def test_alarms_are_named_in_a_list_or_in_a_form() -> None:
    assert first_alarm(b'{"AlarmNames": ["slipway/a", "slipway/b"]}', {}) == "slipway/a"
    assert first_alarm(b"", {"AlarmNames.member.1": ["slipway/a"]}) == "slipway/a"
    assert first_alarm(b"{}", {}) is None
