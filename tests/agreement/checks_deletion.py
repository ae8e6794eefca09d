"""What may be deleted, and what an alias keeps."""

from __future__ import annotations

from tests.agreement.account import Account
from tests.agreement.function import NO_WEIGHTS, conflict, invalid, live, not_found, published, refusal_of
from tests.agreement.listing import check


@check("1.2.7")
def a_version_that_an_alias_is_on_is_kept(account: Account) -> None:
    """409, and the alias is named: it is a pin that the service enforces. Source: go-lambda-cleanup #45, 2022-12."""
    function = live(account)
    text = "Unable to delete version because the following aliases reference it: [live]"
    assert refusal_of(lambda: function.call("delete_function", Qualifier="1")) == conflict(text)
    assert function.configuration("1")["Version"] == "1"


@check("1.2.7")
def a_version_that_an_alias_gives_a_weight_is_kept(account: Account) -> None:
    """Source: go-lambda-cleanup #45, 2022-12; Lambda API reference, DeleteFunction, 2026-11: "references"."""
    function = live(account, {"2": 0.1})
    text = "Unable to delete version because the following aliases reference it: [live]"
    assert refusal_of(lambda: function.call("delete_function", Qualifier="2")) == conflict(text)
    function.move(RoutingConfig=NO_WEIGHTS)
    function.call("delete_function", Qualifier="2")
    assert refusal_of(lambda: function.configuration("2")) == not_found(f"{function.arn}:2")


@check("lambda")
def a_version_is_deleted_alone(account: Account) -> None:
    """204, and all else is as it was. Source: measured in floci #2819 and #2824, 2026-08."""
    function = published(account, "v1", "v2", "v3")
    gone = function.call("delete_function", Qualifier="2")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert [each["Version"] for each in function.call("list_versions_by_function")["Versions"]] == ["$LATEST", "1", "3"]


@check("lambda")
def the_deletion_of_a_version_that_is_not_there_is_no_error(account: Account) -> None:
    """204, and nothing is done: a deletion may be tried again. Source: measured in floci #2824, 2026-08."""
    function = published(account, "v1")
    gone = function.call("delete_function", Qualifier="99")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert [each["Version"] for each in function.call("list_versions_by_function")["Versions"]] == ["$LATEST", "1"]


@check("lambda")
def latest_is_not_deleted_by_itself(account: Account) -> None:
    """400. Source: Lambda API reference, DeleteFunction, 2026-11; the text: LocalStack's provider, 2026-03."""
    function = published(account, "v1")
    expected = invalid("$LATEST version cannot be deleted without deleting the function.")
    assert refusal_of(lambda: function.call("delete_function", Qualifier="$LATEST")) == expected


@check("lambda")
def a_function_goes_with_its_versions_and_aliases(account: Account) -> None:
    """204, also while an alias references a version. Source: LocalStack's snapshots of AWS, delete_response, 2024-03;
    measured in floci #2824, 2026-08.
    """
    function = live(account)
    gone = function.call("delete_function")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refusal_of(lambda: function.call("get_function")) == not_found(function.arn)


@check("lambda")
def an_alias_is_deleted_and_the_deletion_of_one_that_is_not_there_is_no_error(account: Account) -> None:
    """204 both times. Source: LocalStack's snapshots of AWS, delete_alias_response, 2023-11, and
    test_non_existent_alias_deletion, 2024-11.
    """
    function = live(account)
    for _ in range(2):
        gone = function.call("delete_alias", Name="live")
        assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert function.call("list_aliases")["Aliases"] == []
    function.call("delete_function", Qualifier="1")
