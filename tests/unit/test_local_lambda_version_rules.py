"""Functions and versions change state as in AWS, and refuse what would break the order."""

from __future__ import annotations

from typing import Any

import pytest

from local.gaps.lambda_version_rules import (
    STALE_REVISION,
    busy,
    content_of,
    creating,
    settled,
    stale,
    undeletable,
    unpublishable,
    unsettled,
    updating,
)

LATEST: dict[str, Any] = {
    "FunctionArn": "arn:checkout",
    "Version": "$LATEST",
    "CodeSha256": "abc=",
    "Timeout": 3,
    "Description": "",
    "LastModified": "then",
    "RevisionId": "r1",
    "State": "Active",
    "LastUpdateStatus": "Successful",
}


def test_a_settled_function_is_not_busy() -> None:
    assert busy(LATEST) is None


def test_an_update_in_progress_refuses_the_next() -> None:
    found = busy(updating(LATEST))
    assert found is not None
    assert (found.code, found.status) == ("ResourceConflictException", 409)
    assert found.message.endswith("An update is in progress for resource: arn:checkout")


def test_a_function_that_is_being_created_is_busy() -> None:
    found = busy({**LATEST, "State": "Pending"})
    assert found is not None
    assert found.message.endswith("currently in the following state: Pending")


def test_a_function_stays_active_while_it_is_updated() -> None:
    during = updating(LATEST)
    assert (during["State"], during["LastUpdateStatus"]) == ("Active", "InProgress")


def test_a_new_version_is_pending_and_has_no_update_status() -> None:
    new = creating(LATEST)
    assert (new["State"], new["StateReasonCode"], "LastUpdateStatus" in new) == ("Pending", "Creating", False)


@pytest.mark.parametrize("begun", [updating(LATEST), creating(LATEST)])
def test_what_has_begun_settles_without_reasons(begun: dict[str, Any]) -> None:
    assert unsettled(begun)
    assert not unsettled(settled(begun))
    assert settled(begun) == LATEST


def test_a_version_with_a_snapshot_settles_by_itself() -> None:
    assert not unsettled({**creating(LATEST), "SnapStart": {"OptimizationStatus": "On"}})


@pytest.mark.parametrize("name", ["LastModified", "RevisionId", "Version", "FunctionArn", "State"])
def test_state_and_revision_are_no_content(name: str) -> None:
    assert content_of({**LATEST, name: "other"}) == content_of(LATEST)


@pytest.mark.parametrize("name", ["CodeSha256", "Timeout", "Description"])
def test_code_settings_and_description_are_content(name: str) -> None:
    assert content_of({**LATEST, name: "other"}) != content_of(LATEST)


EMPTIED: list[dict[str, Any]] = [
    {"Environment": {"Variables": {}}},
    {"DeadLetterConfig": {"TargetArn": ""}},
    {"FileSystemConfigs": []},
]


@pytest.mark.parametrize("setting", EMPTIED)
def test_an_emptied_setting_is_shown_no_longer_and_is_no_content(setting: dict[str, Any]) -> None:
    assert settled(updating({**LATEST, **setting})) == LATEST
    assert content_of({**LATEST, **setting}) == content_of(LATEST)


def test_a_setting_of_zero_or_false_is_content() -> None:
    for setting in ({"Timeout": 0}, {"VpcConfig": {"Ipv6AllowedForDualStack": False}}):
        assert content_of({**LATEST, **setting}) != content_of(LATEST)


@pytest.mark.parametrize(("revision", "found"), [("r1", None), (None, None), ("r0", STALE_REVISION)])
def test_a_request_for_another_revision_is_stale(revision: str | None, found: object) -> None:
    assert stale(LATEST, {"RevisionId": revision}) == found


def test_publishing_what_was_named_is_not_refused() -> None:
    assert unpublishable(LATEST, {"RevisionId": "r1", "CodeSha256": "abc="}) is None


def test_publishing_other_code_is_refused() -> None:
    found = unpublishable(LATEST, {"CodeSha256": "xyz="})
    assert found is not None
    assert found.message.startswith("CodeSHA256 (xyz=) is different from current CodeSHA256 in $LATEST (abc=).")


def test_a_stale_revision_is_named_before_other_code() -> None:
    assert unpublishable(LATEST, {"CodeSha256": "xyz=", "RevisionId": "r0"}) == STALE_REVISION


def test_a_version_in_use_names_the_aliases_by_weight_too() -> None:
    aliases: list[dict[str, Any]] = [
        {"Name": "live", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}},
        {"Name": "previous", "FunctionVersion": "1"},
    ]
    found = [undeletable(version, aliases) for version in ("1", "2", "3")]
    assert [one.message.rpartition(": ")[2] if one else None for one in found] == ["[live, previous]", "[live]", None]
