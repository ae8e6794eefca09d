"""An alias is read and moved as in AWS, and is refused what AWS refuses it, in AWS's words."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.server import EmbeddedAws
from tests.local.lambda_functions import (
    ECHO,
    SECOND_ECHO,
    STALE_REVISION,
    STILL_PENDING,
    Function,
    MakeFunction,
    refusal_of,
    weights,
    with_two_versions,
)

NONE: dict[str, Any] = {"AdditionalVersionWeights": {}}
_VALUES = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)
_KEYS = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, "
    "Member must satisfy regular expression pattern: [0-9]+, Member must not be null]"
)


def _invalid_weights(shown: str, constraint: str) -> str:
    where = "'routingConfig.additionalVersionWeights'"
    # The braces are doubled because the texts of the table are format strings.
    value = f"Value '{{{{{shown}}}}}' at {where}"
    return f"1 validation error detected: {value} failed to satisfy constraint: {constraint}"


# version, weights -> code, text
REFUSALS: dict[str, tuple[str, dict[str, float], str, str]] = {
    "an absent version": ("9", {}, "ResourceNotFoundException", "Function not found: {arn}:9"),
    "an absent weighted version": (
        "1",
        {"9": 0.1},
        "ResourceNotFoundException",
        "Function not found: {arn}:9",
    ),
    "a weight over 1": (
        "1",
        {"2": 2.0},
        "ValidationException",
        _invalid_weights("2=2.0", _VALUES),
    ),
    "two weights": (
        "1",
        {"2": 0.1, "3": 0.1},
        "InvalidParameterValueException",
        "Number of items in AdditionalVersionWeights cannot be greater than 1",
    ),
    "its own version as a weight": (
        "1",
        {"1": 0.1},
        "InvalidParameterValueException",
        "Invalid function version 1. Function version 1 is already included in routing configuration.",
    ),
    "a weight beside $LATEST": (
        "$LATEST",
        {"1": 0.1},
        "InvalidParameterValueException",
        "$LATEST is not supported for an alias pointing to more than 1 version",
    ),
    "a weight on $LATEST": (
        "1",
        {"$LATEST": 0.1},
        "ValidationException",
        _invalid_weights("$LATEST=0.1", _KEYS),
    ),
}

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def function(aws: EmbeddedAws, role: str) -> Function:
    return with_two_versions(aws, role, "pointed-at")


@pytest.fixture
def alias() -> str:
    return f"alias-{next(_numbers)}"


def test_an_alias_is_read_as_its_own_version_under_its_own_name(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 1.0))
    read = function.configuration(Qualifier=alias)
    assert (read["Version"], read["FunctionArn"]) == ("1", f"{function.arn}:{alias}")


@pytest.mark.parametrize("case", REFUSALS)
def test_an_alias_is_refused_what_aws_refuses_it(function: Function, alias: str, case: str) -> None:
    version, weighted, code, text = REFUSALS[case]
    routing = {"AdditionalVersionWeights": weighted}
    expected = (code, text.format(arn=function.arn))
    parameters = {"Name": alias, "FunctionVersion": version, "RoutingConfig": routing}
    assert refusal_of(lambda: function.call("create_alias", **parameters)) == expected
    function.call("create_alias", Name=alias, FunctionVersion="1")
    assert refusal_of(lambda: function.call("update_alias", **parameters)) == expected


def test_versions_with_different_roles_cannot_share_an_alias(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    own = Function(aws, make_function(ECHO))
    other = aws.client("iam").create_role(RoleName="other-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    assert [own.publish(), own.publish(Role=other)] == ["1", "2"]
    parameters = {"Name": "live", "FunctionVersion": "1", "RoutingConfig": weights("2", 0.1)}
    assert refusal_of(lambda: own.call("create_alias", **parameters)) == (
        "InvalidParameterValueException",
        "Specified versions must be associated with the same execution role",
    )


def test_versions_with_different_dead_letter_queues_cannot_share_an_alias(
    aws: EmbeddedAws, make_function: MakeFunction
) -> None:
    own = Function(aws, make_function(ECHO))
    target = "arn:aws:sqs:us-east-1:123456789012:letters"
    assert [own.publish(), own.publish(DeadLetterConfig={"TargetArn": target})] == ["1", "2"]
    parameters = {"Name": "live", "FunctionVersion": "1", "RoutingConfig": weights("2", 0.1)}
    code, _ = refusal_of(lambda: own.call("create_alias", **parameters))
    assert code == "InvalidParameterValueException"


def test_a_version_that_is_still_pending_gets_no_weight(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    own = Function(aws, make_function(ECHO))
    own.publish()
    own.update(SECOND_ECHO)
    own.call("publish_version")
    parameters = {"Name": "live", "FunctionVersion": "1", "RoutingConfig": weights("2", 0.1)}
    assert refusal_of(lambda: own.call("create_alias", **parameters)) == (
        "ResourceConflictException",
        STILL_PENDING,
    )


def test_moving_onto_the_weighted_version_needs_the_weights_gone(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    code, text = refusal_of(lambda: function.call("update_alias", Name=alias, FunctionVersion="2"))
    assert (code, text[:26]) == ("InvalidParameterValueException", "Invalid function version 2")
    function.call("update_alias", Name=alias, FunctionVersion="2", RoutingConfig=NONE)
    moved = function.call("get_alias", Name=alias)
    assert (moved["FunctionVersion"], "RoutingConfig" in moved) == ("2", False)


def test_leaving_the_weights_out_keeps_them(function: Function, alias: str) -> None:
    function.call("create_alias", Name=alias, FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    changed = function.call("update_alias", Name=alias, Description="half and half")
    assert changed["RoutingConfig"] == weights("2", 0.5)


def test_every_update_of_an_alias_gives_it_a_new_revision(function: Function, alias: str) -> None:
    first = function.call("create_alias", Name=alias, FunctionVersion="1")["RevisionId"]
    assert function.call("update_alias", Name=alias, RevisionId=first)["RevisionId"] != first
    assert refusal_of(lambda: function.call("update_alias", Name=alias, RevisionId=first)) == (
        "PreconditionFailedException",
        STALE_REVISION,
    )


def test_of_twenty_updates_under_one_revision_one_wins(function: Function, alias: str) -> None:
    revision = function.call("create_alias", Name=alias, FunctionVersion="1")["RevisionId"]

    def update(number: int) -> bool:
        try:
            function.call("update_alias", Name=alias, Description=str(number), RevisionId=revision)
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(20) as callers:
        assert sum(callers.map(update, range(20))) == 1


def test_an_absent_and_an_existing_alias_are_named(function: Function, alias: str) -> None:
    arn = f"{function.arn}:{alias}"
    code = "ResourceNotFoundException"
    assert refusal_of(lambda: function.call("get_alias", Name=alias)) == (
        code,
        f"Cannot find alias arn: {arn}",
    )
    assert refusal_of(lambda: function.call("update_alias", Name=alias)) == (code, f"Alias not found: {arn}")
    function.call("create_alias", Name=alias, FunctionVersion="1")
    assert refusal_of(lambda: function.call("create_alias", Name=alias, FunctionVersion="1")) == (
        "ResourceConflictException",
        f"Alias already exists: {arn}",
    )


def test_a_version_that_an_alias_uses_cannot_be_deleted(aws: EmbeddedAws, make_function: MakeFunction) -> None:
    own = Function(aws, make_function(ECHO))
    assert [own.publish(), own.publish(SECOND_ECHO)] == ["1", "2"]
    own.call("create_alias", Name="live", FunctionVersion="1", RoutingConfig=weights("2", 0.5))
    for version in ("1", "2"):
        assert refusal_of(partial(own.call, "delete_function", Qualifier=version)) == (
            "ResourceConflictException",
            "Unable to delete version because the following aliases reference it: [live]",
        )
