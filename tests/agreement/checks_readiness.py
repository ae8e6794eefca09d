"""What is said to whoever invokes a version that cannot run, and what is counted of it: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.agreement.account import Account
from tests.agreement.checks_metrics import values
from tests.agreement.function import PENDING, Function, conflict, created, published, refusal_of
from tests.agreement.listing import check

_STATUSES = {
    "EFSMountConnectivityException": 408,
    "EFSMountFailureException": 403,
    "InvalidRuntimeException": 502,
    "InvalidSubnetIDException": 502,
    "InvalidZipFileException": 502,
    "KMSAccessDeniedException": 502,
}


def _outcome(function: Function, qualifier: str) -> str:
    """Returns the version that served, or the error's code."""
    try:
        return str(function.call("invoke", Qualifier=qualifier)["ExecutedVersion"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


def _unstartable(account: Account, error: str) -> Function:
    """Returns a function whose version 2 cannot be started, and the alias gives half to it."""
    function = published(account, "v1")
    function.call("update_function_code", ZipFile=account.code(error, refuses=error))
    account.settle()
    assert function.publish() == "2"
    function.point(weights={"2": 0.5})
    return function


@check("lambda", unverified="the texts")
def a_version_that_cannot_be_started_is_refused_with_the_status_of_the_model(account: Account) -> None:
    """Most of them have 502, which is no sign that it passes. Source: botocore's model, Invoke, 1.43.106."""
    function = created(account)
    for number, (error, status) in enumerate(_STATUSES.items(), 1):
        function.call("update_function_code", ZipFile=account.code(error, refuses=error))
        account.settle()
        assert function.publish() == str(number)
        found = refusal_of(lambda number=number: function.call("invoke", Qualifier=str(number)))
        assert found[:2] == (status, error)


@check("lambda")
def it_is_published_and_an_alias_takes_it_all_the_same(account: Account) -> None:
    """Lambda finds out with the first invocation. Source: aws/chalice #1103 and serverless/examples #279."""
    function = _unstartable(account, "KMSDisabledException")
    assert function.configuration("2")["State"] == "Active"
    assert function.call("invoke", Qualifier="2", InvocationType="DryRun")["StatusCode"] == 204
    assert function.move(FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})["FunctionVersion"] == "2"


@check("lambda")
def a_function_that_is_switched_off_throttles_each_request_and_says_so(account: Account) -> None:
    """Source: developer guide, reserved concurrency of 0; API reference, TooManyRequestsException, Reason, and
    GetFunction, Concurrency, 2026-11.
    """
    function = published(account, "v1")
    function.call("put_function_concurrency", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as caught:
        function.call("invoke", Qualifier="1")
    answer: Any = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert answer["Error"]["Code"] == "TooManyRequestsException"
    assert answer["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert function.call("get_function")["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    function.call("delete_function_concurrency")
    assert "Concurrency" not in function.call("get_function")
    assert _outcome(function, "1") == "1"


@check("2.1")
def requests_that_a_version_refuses_are_lost_and_counted_nowhere(account: Account) -> None:
    """Neither as invocations nor as errors. Source: developer guide, types of metrics, 2023-10: "Invocations aren't
    recorded if the invocation request is throttled or otherwise results in an invocation error".
    """
    function = _unstartable(account, "KMSAccessDeniedException")
    outcomes = [_outcome(function, "live") for _ in range(16)]
    assert set(outcomes) == {"1", "KMSAccessDeniedException"}
    resource = {"Resource": f"{function.name}:live"}
    account.eventually(lambda: sum(values(function, "Invocations", **resource)) == outcomes.count("1"))
    assert sum(values(function, "Invocations")) == outcomes.count("1")
    for metric in ("Invocations", "Errors", "Duration"):
        assert values(function, metric, **resource, ExecutedVersion="2") == []
    assert sum(values(function, "Errors")) == 0


@check("1.5.1", unverified="the reason's words")
def a_version_that_nobody_invoked_for_weeks_is_inactive_and_wakes_with_the_first_request(account: Account) -> None:
    """That one is refused, and so is every other until it is Active. Source: developer guide, function states, 2023-10;
    statuses: botocore's model, ResourceNotReadyException, 1.43.106.
    """
    function = published(account)
    account.sleep("1")
    slept = function.configuration("1")
    assert (slept["State"], slept["StateReasonCode"]) == ("Inactive", "Idle")
    assert refusal_of(lambda: function.call("invoke", Qualifier="1"))[:2] == (502, "ResourceNotReadyException")
    assert function.configuration("1")["State"] == "Pending"
    assert refusal_of(lambda: function.call("invoke", Qualifier="1")) == conflict(PENDING)
    account.eventually(lambda: function.configuration("1")["State"] == "Active")
    assert function.served(1, "1") == ["1"]


@check("1.5.1")
def a_version_with_a_snapshot_says_that_it_is_not_ready(account: Account) -> None:
    """409. Source: developer guide, SnapStart, 2023-10; botocore's model, SnapStartNotReadyException, 1.43.106."""
    function = Function(account)
    settings: dict[str, Any] = {"SnapStart": {"ApplyOn": "PublishedVersions"}}
    function.create(**settings)
    account.settle()
    function.call("publish_version")
    account.settle()
    account.eventually(lambda: function.configuration("1")["State"] == "Active")
    account.sleep("1")
    assert refusal_of(lambda: function.call("invoke", Qualifier="1"))[:2] == (409, "SnapStartNotReadyException")


@check("1.5.1")
def an_alias_may_be_moved_to_a_version_that_sleeps(account: Account) -> None:
    """Nothing in the API reference of UpdateAlias forbids it; callers are refused then. Source: the same, 2026-11."""
    function = published(account)
    function.point(version="2")
    account.sleep("1")
    assert function.move(FunctionVersion="1")["FunctionVersion"] == "1"
    assert _outcome(function, "live") == "ResourceNotReadyException"
