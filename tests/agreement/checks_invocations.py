"""Which version an invocation runs, and what its answer says."""

from __future__ import annotations

import io
import json
import zipfile

from tests.agreement.account import Account
from tests.agreement.function import created, live, not_found, published, refusal_of
from tests.agreement.listing import check


@check("1.1.11")
def an_answer_names_the_version_that_served(account: Account) -> None:
    """For a number, an alias and no qualifier. Source: botocore's model, Invoke, ExecutedVersion, 1.43.106; measured in
    floci #2821, 2026-08.
    """
    function = live(account)
    function.move(FunctionVersion="2")
    assert function.served(1, "1") == ["1"]
    assert function.served(1) == ["2"]
    assert function.served(1, "$LATEST") == ["$LATEST"]
    assert function.call("invoke")["ExecutedVersion"] == "$LATEST"


@check("1.1.11")
def all_traffic_follows_an_alias_without_weights(account: Account) -> None:
    """Source: developer guide, aliases, 2026-11."""
    function = live(account, {"2": 0.5})
    function.move(FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
    assert function.served(10) == ["2"] * 10


@check("lambda")
def a_function_that_raises_is_a_successful_call(account: Account) -> None:
    """200, FunctionError says so, the payload why. Source: developer guide, function errors, 2026-11."""
    function = created(account)
    function.call("update_function_code", ZipFile=account.code("bad", fails=True))
    account.settle()
    answer = function.call("invoke", Payload=b"{}")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"].read())["errorType"] == "ValueError"


@check("lambda")
def a_handler_whose_mode_keeps_others_from_it_fails_every_request(account: Account) -> None:
    """Lambda's user is not its owner. Source: Lambda developer guide, .zip file archives, file permissions, 2026-11;
    zappa/Zappa #484 (0640), claudiajs/claudia #151 (0600).
    """
    function = created(account)
    for mode in (0o600, 0o640, 0o100400):
        function.call("update_function_code", ZipFile=_with_mode(account.code(f"kept {mode}"), mode))
        account.settle()
        answer = function.call("invoke", Payload=b"{}")
        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        assert json.loads(answer["Payload"].read())["errorType"] == "PermissionError"


@check("lambda")
def a_handler_that_others_may_read_needs_no_more(account: Account) -> None:
    """Source: Lambda developer guide, .zip file archives, file permissions: 644, 2026-11."""
    function = created(account)
    for mode in (0o100644, 0o100444, 0o100604):
        function.call("update_function_code", ZipFile=_with_mode(account.code(f"open {mode}"), mode))
        account.settle()
        assert "FunctionError" not in function.call("invoke", Payload=b"{}")


@check("lambda")
def a_function_that_returns_is_no_function_error(account: Account) -> None:
    """The payload is what it returned. Source: botocore's model, InvocationResponse, 1.43.106."""
    answer = created(account).call("invoke", Payload=b"{}")
    assert (answer["StatusCode"], "FunctionError" in answer) == (200, False)
    assert json.loads(answer["Payload"].read()) == {"ok": True}


@check("lambda")
def an_event_is_accepted_and_nothing_more(account: Account) -> None:
    """202, without the version that will run it. Source: botocore's model, Invoke, 1.43.106."""
    answer = live(account).call("invoke", Qualifier="live", InvocationType="Event", Payload=b"{}")
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")


@check("lambda")
def a_dry_run_runs_nothing(account: Account) -> None:
    """204, and what is not there is not found. Source: botocore's model, InvocationType, 1.43.106."""
    function = published(account, "v1")
    answer = function.call("invoke", Qualifier="1", InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")
    found = refusal_of(lambda: function.call("invoke", Qualifier="7", InvocationType="DryRun"))
    assert found == not_found(f"{function.arn}:7")


@check("4.1")
def no_provisioned_concurrency_is_an_error_and_no_empty_answer(account: Account) -> None:
    """404. Source: LocalStack's snapshots of AWS, test_provisioned_concurrency_exceptions, 2023-11."""
    function = live(account)
    found = refusal_of(lambda: function.call("get_provisioned_concurrency_config", Qualifier="live"))
    text = "No Provisioned Concurrency Config found for this function"
    assert found == (404, "ProvisionedConcurrencyConfigNotFoundException", text)


def _with_mode(code: bytes, mode: int) -> bytes:
    """Returns the same files, each with that mode."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(code)) as given, zipfile.ZipFile(written, "w") as archive:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, given.read(name))
    return written.getvalue()
