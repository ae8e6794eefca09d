"""Where an alias may point, and how it splits requests."""

from __future__ import annotations

from tests.agreement.account import Account
from tests.agreement.function import NO_WEIGHTS, at, conflict, invalid, live, not_found, published, refusal_of
from tests.agreement.function import PENDING as STILL_PENDING
from tests.agreement.listing import check

_VALUES = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)
_KEYS = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, "
    "Member must satisfy regular expression pattern: [0-9]+, Member must not be null]"
)


def _malformed(weights: str, constraint: str) -> tuple[int, str, str]:
    where = f"Value '{{{weights}}}' at 'routingConfig.additionalVersionWeights'"
    return (
        400,
        "ValidationException",
        f"1 validation error detected: {where} failed to satisfy constraint: {constraint}",
    )


@check("1.1.6")
def an_alias_has_one_weighted_version_at_most(account: Account) -> None:
    """More than one key is refused. Source: LocalStack's snapshots of AWS, test_notfound_and_invalid_routingconfigs,
    2025-11-25.
    """
    function = published(account, "v1", "v2", "v3")
    expected = invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    assert refusal_of(lambda: function.point(weights={"2": 0.1, "3": 0.1})) == expected
    function.point()
    assert refusal_of(lambda: function.move(**at({"2": 0.1, "3": 0.1}))) == expected


@check("1.1.2")
def both_versions_have_one_role(account: Account) -> None:
    """Versions of different roles share no alias. Source: developer guide, weighted aliases, 2026-11; the text:
    serverless-aws-alias #64.
    """
    function = live(account)
    function.configure(Role=account.role("other"))
    assert function.publish() == "3"
    expected = invalid("Specified versions must be associated with the same execution role")
    assert refusal_of(lambda: function.move(**at({"3": 0.1}))) == expected


@check("1.1.1", unverified="the text of the refusal")
def both_versions_have_one_dead_letter_queue(account: Account) -> None:
    """Versions of different dead-letter queues share no alias. Source: developer guide, weighted aliases, 2026-11."""
    function = live(account)
    function.configure(DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"})
    assert function.publish() == "3"
    status, code, _ = refusal_of(lambda: function.move(**at({"3": 0.1})))
    assert (status, code) == (400, "InvalidParameterValueException")


@check("1.1.3")
def versions_of_other_roles_follow_each_other_without_weights(account: Account) -> None:
    """What two versions must have in common is asked of weights alone. Source: developer guide, weighted aliases,
    2026-11.
    """
    function = live(account)
    function.configure(Role=account.role("other"))
    assert function.publish() == "3"
    assert function.move(FunctionVersion="3")["FunctionVersion"] == "3"


@check("1.1.4")
def an_alias_without_weights_may_be_on_what_is_not_published(account: Account) -> None:
    """An alias on $LATEST is taken, 201. Source: LocalStack's snapshots of AWS, create-alias-latest, 2025-11-25."""
    made = published(account).point(version="$LATEST")
    assert (made["FunctionVersion"], made["ResponseMetadata"]["HTTPStatusCode"]) == ("$LATEST", 201)


@check("1.1.4")
def an_alias_on_what_is_not_published_takes_no_weight(account: Account) -> None:
    """It names $LATEST. Source: LocalStack's snapshots of AWS, target_version_exc_version_latest, 2025-11-25."""
    function = published(account)
    function.point(version="$LATEST")
    expected = invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    assert refusal_of(lambda: function.move(**at({"2": 0.5}))) == expected
    assert refusal_of(lambda: function.point("other", "$LATEST", {"2": 0.5})) == expected


@check("1.1.4")
def a_weight_on_what_is_not_published_is_malformed(account: Account) -> None:
    """Keys are numbers, so it is a ValidationException. Source: LocalStack's snapshots of AWS,
    routing_config_exc_version_latest, 2025-11-25.
    """
    function = live(account)
    assert refusal_of(lambda: function.move(**at({"$LATEST": 0.5}))) == _malformed("$LATEST=0.5", _KEYS)


@check("1.1.5")
def a_weight_is_from_0_to_1(account: Account) -> None:
    """A greater one is a ValidationException, and not the modelled InvalidParameterValueException; botocore sends none
    below 0. Source: LocalStack's snapshots of AWS, routing_config_exc_toohigh, 2025-11-25.
    """
    function = live(account)
    assert refusal_of(lambda: function.move(**at({"2": 2.0}))) == _malformed("2=2.0", _VALUES)
    assert "RoutingConfig" not in function.read()


@check("1.1.5", unverified="that a caller's own 0.0 and 1.0 are taken; Lambda's own 1.0 has been seen")
def a_weight_of_0_or_1_is_in_the_range(account: Account) -> None:
    """The range is inclusive. Source: botocore's model, Weight, 1.43.106."""
    function = live(account)
    for weight in (0.0, 1.0):
        assert function.move(**at({"2": weight}))["FunctionVersion"] == "1"


@check("1.1.8", unverified="how many decimals are honoured")
def a_weight_of_whole_percents_comes_back_as_it_was_sent(account: Account) -> None:
    """CodeDeploy and the console use whole percents. Source: CodeDeploy user guide, deployment configurations, 2023."""
    function = live(account)
    for weight in (0.01, 0.29, 0.99):
        function.move(**at({"2": weight}))
        assert function.read()["RoutingConfig"] == {"AdditionalVersionWeights": {"2": weight}}


@check("1.1.7")
def a_weight_on_the_aliases_own_version_is_refused(account: Account) -> None:
    """Source: LocalStack's snapshots of AWS, routing_config_exc_sameversion, 2025-11-25."""
    function = live(account)
    expected = "Invalid function version 1. Function version 1 is already included in routing configuration."
    assert refusal_of(lambda: function.move(**at({"1": 0.5}))) == invalid(expected)


@check("1.1.7")
def an_alias_moves_onto_its_weighted_version_only_if_the_weights_go_with_it(account: Account) -> None:
    """So the last step sends the version and empty weights in one call. Source: LocalStack's snapshots of AWS,
    2025-11-25.
    """
    function = live(account, {"2": 0.1})
    text = "Invalid function version 2. Function version 2 is already included in routing configuration."
    assert refusal_of(lambda: function.move(FunctionVersion="2")) == invalid(text)
    moved = function.move(FunctionVersion="2", RoutingConfig=NO_WEIGHTS)
    assert (moved["FunctionVersion"], "RoutingConfig" in moved) == ("2", False)


@check("1.1.9")
def a_version_that_does_not_exist_is_not_found(account: Account) -> None:
    """As the alias's own and as a weighted one, on creation and later. Source: LocalStack's snapshots of AWS,
    target_version_doesnotexist and routing_config_exc_version_doesnotexist, 2025-11-25.
    """
    function = live(account)
    expected = not_found(f"{function.arn}:10")
    assert refusal_of(lambda: function.point("other", "10")) == expected
    assert refusal_of(lambda: function.point("other", "1", {"10": 0.5})) == expected
    assert refusal_of(lambda: function.move(FunctionVersion="10")) == expected
    assert refusal_of(lambda: function.move(**at({"10": 0.5}))) == expected


@check("1.1.10")
def the_split_is_a_probability_of_each_request(account: Account) -> None:
    """Not a quota, and not sticky. Source: developer guide, weighted aliases, 2026-11."""
    served = live(account, {"2": 0.3}).served(100)
    # 100 draws at 30 %: 5 standard deviations to either side.
    assert 7 <= served.count("2") <= 53
    assert served.count("1") + served.count("2") == 100
    assert served != sorted(served)


@check("1.5.8", unverified="which error it is: an InternalError was reported, and is not an answer by design")
def a_version_that_is_still_pending_gets_no_weight(account: Account) -> None:
    """Hence a version is Active before it gets any. Source: aws-sdk-js-v3 #7254, 2025-08; the text is Lambda's for
    every call that a state forbids.
    """
    function = live(account)
    function.update("v3")
    function.call("publish_version")
    assert refusal_of(lambda: function.move(**at({"3": 0.1}))) == conflict(STILL_PENDING)
    account.settle()
    assert function.move(**at({"3": 0.1}))
