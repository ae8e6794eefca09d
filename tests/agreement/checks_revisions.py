"""When the revision of a function changes, and what a write under an old one comes to."""

from __future__ import annotations

from tests.agreement.account import Account
from tests.agreement.function import STALE, Function, created, published, refusal_of
from tests.agreement.listing import check

_STALE = (412, "PreconditionFailedException", STALE)


@check("1.4.1")
def creation_and_its_completion_each_give_a_revision(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, TestLambdaRevisions, 2023-2026."""
    function = Function(account)
    made = function.create()["RevisionId"]
    assert function.configuration()["RevisionId"] == made
    account.settle()
    assert function.configuration()["RevisionId"] != made


@check("1.4.2")
def an_update_gives_a_revision_at_once(account: Account) -> None:
    """Of code and of settings. Source: LocalStack's snapshots of AWS, TestLambdaRevisions, 2023-2026."""
    function = created(account)
    changes = {"code": {"ZipFile": account.code("v2")}, "configuration": {"Timeout": 9}}
    for what, change in changes.items():
        before = function.configuration()["RevisionId"]
        during = function.call(f"update_function_{what}", **change)["RevisionId"]
        assert (what, during != before) == (what, True)
        assert function.configuration()["RevisionId"] == during
        account.settle()


@check("1.4.3")
def the_end_of_an_update_gives_another_one(account: Account) -> None:
    """What UpdateFunctionCode answered is old then. Source: LocalStack's snapshots of AWS, update_code_response and
    get_function_response_postcodeupdate, 2024-03.
    """
    function = created(account)
    changes = {"code": {"ZipFile": account.code("v2")}, "configuration": {"Timeout": 9}}
    for what, change in changes.items():
        during = function.call(f"update_function_{what}", **change)["RevisionId"]
        account.settle()
        assert (what, function.configuration()["RevisionId"] != during) == (what, True)
        assert refusal_of(lambda during=during: function.call("publish_version", RevisionId=during)) == _STALE


@check("1.4.4")
def a_publication_gives_latest_a_new_revision_and_the_version_one_of_its_own(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, TestLambdaRevisions, 2023-2026."""
    function = created(account)
    before = function.configuration()["RevisionId"]
    version = function.call("publish_version", RevisionId=before)["RevisionId"]
    assert len({before, version, function.configuration()["RevisionId"]}) == 3


@check("1.4.5")
def a_version_keeps_its_revision_for_life(account: Account) -> None:
    """Also when it becomes Active. Source: LocalStack's snapshots of AWS, TestLambdaRevisions, 2023-2026."""
    function = created(account)
    made = function.call("publish_version")["RevisionId"]
    account.settle()
    function.publish("v2")
    assert function.configuration("1")["RevisionId"] == made


@check("1.4.6")
def a_write_to_an_alias_leaves_the_function_its_revision(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, TestLambdaRevisions, 2023-2026."""
    function = published(account, "v1")
    before = [function.configuration()["RevisionId"], function.configuration("1")["RevisionId"]]
    function.point()
    function.move()
    assert [function.configuration()["RevisionId"], function.configuration("1")["RevisionId"]] == before


@check("1.4.7")
def a_write_under_another_revision_is_refused(account: Account) -> None:
    """412, for code, settings and publications. Source: botocore's model, RevisionId, 1.43.106; LocalStack's snapshots
    of AWS, publish_wrong_revisionid_exc, 2022-09.
    """
    function = created(account)
    before = function.configuration()
    writes = {
        "update_function_code": {"ZipFile": account.code("v2")},
        "update_function_configuration": {"Timeout": 9},
        "publish_version": {},
    }
    for operation, change in writes.items():
        wrong = {**change, "RevisionId": "00000000-0000-4000-8000-000000000000"}
        found = refusal_of(lambda operation=operation, wrong=wrong: function.call(operation, **wrong))
        assert (operation, found) == (operation, _STALE)
    assert function.configuration() == before


@check("1.4.7")
def a_write_under_the_revision_that_was_read_is_done(account: Account) -> None:
    """What is read after completion is the one to write under. Source: LocalStack's snapshots of AWS,
    TestLambdaRevisions, 2023-2026.
    """
    function = created(account)
    read = function.configuration()["RevisionId"]
    function.call("update_function_code", ZipFile=account.code("v2"), RevisionId=read)
    account.settle()
    read = function.configuration()["RevisionId"]
    function.call("update_function_configuration", Timeout=9, RevisionId=read)
    account.settle()
    read = function.configuration()["RevisionId"]
    assert function.call("publish_version", RevisionId=read)["Version"] == "1"


@check("1.3.7")
def code_has_no_other_guard_than_the_revision(account: Account) -> None:
    """UpdateFunctionCode takes no CodeSha256. Source: botocore's model, UpdateFunctionCodeRequest, 1.43.106."""
    model = account.client("lambda").meta.service_model
    guards = {"RevisionId", "CodeSha256"}
    members = {
        name: set(model.operation_model(name).input_shape.members) for name in ("UpdateFunctionCode", "PublishVersion")
    }
    assert members["UpdateFunctionCode"] & guards == {"RevisionId"}
    assert members["PublishVersion"] & guards == guards
