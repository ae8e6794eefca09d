"""What may be done to a function while something is in progress with it."""

from __future__ import annotations

from typing import Any

from tests.agreement.account import Account
from tests.agreement.function import PENDING, Function, conflict, created, published, refusal_of
from tests.agreement.listing import check


def _changes(account: Account) -> dict[str, dict[str, Any]]:
    return {
        "update_function_code": {"ZipFile": account.code("v3")},
        "update_function_configuration": {"Timeout": 9},
        "publish_version": {},
    }


@check("1.5.2")
def nothing_is_changed_or_published_during_an_update(account: Account) -> None:
    """409, and the ARN is told. Source: developer guide, function states, 2023-10; the text: LocalStack's snapshots of
    AWS, 2022-2026.
    """
    function = created(account)
    function.call("update_function_code", ZipFile=account.code("v2"))
    text = f"The operation cannot be performed at this time. An update is in progress for resource: {function.arn}"
    for operation, change in _changes(account).items():
        found = refusal_of(lambda operation=operation, change=change: function.call(operation, **change))
        assert (operation, found) == (operation, conflict(text))
    account.settle()
    assert function.publish() == "1"


@check("1.5.2")
def an_update_is_in_progress_and_the_function_active(account: Account) -> None:
    """The answer and every read of $LATEST say so, and why; no version does. Source: LocalStack's snapshots of AWS,
    update_code_response, 2024-03.
    """
    function = published(account, "v1")
    answer = function.call("update_function_code", ZipFile=account.code("v2"))
    for found in (answer, function.configuration(), function.call("get_function")["Configuration"]):
        assert (found["State"], found["LastUpdateStatus"]) == ("Active", "InProgress")
        assert found["LastUpdateStatusReasonCode"] == "Creating"
    assert function.configuration("1")["LastUpdateStatus"] == "Successful"
    account.settle()
    done = function.configuration()
    assert (done["State"], done["LastUpdateStatus"]) == ("Active", "Successful")
    assert [name for name in done if "Reason" in name] == []


@check("1.5.2")
def versions_and_aliases_serve_during_an_update(account: Account) -> None:
    """Source: developer guide, function states, 2023-10: invocations run what was there before."""
    function = published(account, "v1")
    function.point()
    function.call("update_function_code", ZipFile=account.code("v2"))
    assert function.served(1, "1") == function.served(1) == ["1"]
    assert function.call("invoke")["ExecutedVersion"] == "$LATEST"


@check("1.5.2")
def latest_runs_the_old_code_until_the_update_is_over(account: Account) -> None:
    """Source: developer guide, function states, 2023-10."""
    function = created(account)
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    assert "FunctionError" not in function.call("invoke")
    account.settle()
    assert function.call("invoke")["FunctionError"] == "Unhandled"


@check("1.5.2")
def aliases_move_during_an_update(account: Account) -> None:
    """Only updates and publications are refused. Source: developer guide, function states, 2023-10."""
    function = published(account)
    function.call("update_function_code", ZipFile=account.code("v3"))
    function.point()
    assert function.move(FunctionVersion="2")["FunctionVersion"] == "2"


@check("1.5.3")
def nothing_goes_while_a_function_is_created(account: Account) -> None:
    """409 for invocations, updates and publications. Source: developer guide, function states, 2023-10."""
    function = Function(account)
    made = function.create()
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in made
    for operation, change in {**_changes(account), "invoke": {}}.items():
        found = refusal_of(lambda operation=operation, change=change: function.call(operation, **change))
        assert (operation, found) == (operation, conflict(PENDING))
    account.settle()
    done = function.configuration()
    assert (done["State"], done["LastUpdateStatus"]) == ("Active", "Successful")
    assert function.call("invoke")["StatusCode"] == 200


@check("1.5.5", unverified="when AWS answers with a version that is Active at once, as it did in the snapshots of 2023")
def a_version_that_is_pending_has_no_last_update_status(account: Account) -> None:
    """The waiter function_updated_v2 would never see one. Source: LocalStack's snapshots of AWS,
    test_publish_with_update, 2023-11.
    """
    function = created(account)
    made = function.call("publish_version")
    assert (made["State"], "LastUpdateStatus" in made) in (("Pending", False), ("Active", True))
    account.settle()
    done = function.configuration("1")
    assert (done["State"], done["LastUpdateStatus"]) == ("Active", "Successful")
    assert [name for name in done if "Reason" in name] == []


@check("1.5.5")
def a_version_that_is_pending_serves_nobody(account: Account) -> None:
    """409. Source: developer guide, function states, 2023-10; the text is that of every call that a state forbids."""
    function = published(account, "v1")
    made = function.call("update_function_code", ZipFile=account.code("v2"), Publish=True)
    assert made["State"] == "Pending"
    assert refusal_of(lambda: function.call("invoke", Qualifier="2")) == conflict(PENDING)
    account.settle()
    assert function.served(1, "2") == ["2"]


@check("1.5.7")
def code_then_settings_then_a_publication_then_the_alias_is_the_order(account: Account) -> None:
    """Each under the revision that was read last. Source: the life of a revision, LocalStack's snapshots of AWS,
    TestLambdaRevisions, 2023-2026.
    """
    function = published(account, "v1")
    function.point()
    code = account.code("v2")
    function.call("update_function_code", ZipFile=code, RevisionId=function.configuration()["RevisionId"])
    account.settle()
    function.call("update_function_configuration", Timeout=9, RevisionId=function.configuration()["RevisionId"])
    account.settle()
    found = function.configuration()
    made = function.call("publish_version", CodeSha256=found["CodeSha256"], RevisionId=found["RevisionId"])
    account.settle()
    assert function.served(1, made["Version"]) == ["2"]
    moved = function.move(FunctionVersion="2", RevisionId=function.read()["RevisionId"])
    assert moved["FunctionVersion"] == "2"
