"""Aliases refuse what AWS refuses, in its words, and change what AWS changes. The numbers are those of aws-facts.md."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.zips import zipped

LIVE = {"FunctionName": "checkout", "Name": "live"}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
STALE = "The Revision Id provided does not match the latest Revision Id"


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    """Versions 1 and 2, and the alias on 1."""
    _publish(cloud, "v2")
    cloud.lambda_.point("checkout", "live", "1")
    return cloud


def _publish(cloud: Cloud, code: str, **settings: Any) -> str:
    client = cloud.client("lambda")
    if settings:
        client.update_function_configuration(FunctionName="checkout", **settings)
        cloud.advance(timedelta(seconds=5))
    client.update_function_code(FunctionName="checkout", ZipFile=zipped(code))
    cloud.advance(timedelta(seconds=5))
    number: str = client.publish_version(FunctionName="checkout")["Version"]
    cloud.advance(timedelta(seconds=5))
    return number


def weights(found: dict[str, float]) -> dict[str, Any]:
    return {"RoutingConfig": {"AdditionalVersionWeights": found}}


def refused(code: str, status: int, text: str = "") -> Any:
    """Expects that refusal; use the returned ``with`` block's ``value``."""
    return pytest.raises(ClientError, match=f"{code}.*{text}", check=lambda error: _status(error) == status)


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


# -- 1.1 weighted aliases ---------------------------------------------------------------------------------------------


def test_an_alias_carries_two_versions_at_most(live: Cloud, client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS, test_notfound_and_invalid_routingconfigs, 2025-11-25."""
    _publish(live, "v3")
    with refused(
        "InvalidParameterValueException", 400, "Number of items in AdditionalVersionWeights cannot be greater"
    ):
        client.update_alias(**LIVE, **weights({"2": 0.1, "3": 0.1}))


def test_both_versions_have_one_role(live: Cloud, client: Any) -> None:
    """1.1; developer guide, weighted aliases; the text: serverless-aws-alias #64."""
    _publish(live, "v3", Role="arn:aws:iam::123456789012:role/other")
    with refused("InvalidParameterValueException", 400, "must be associated with the same execution role"):
        client.update_alias(**LIVE, **weights({"3": 0.1}))


def test_both_versions_have_one_dead_letter_queue(live: Cloud, client: Any) -> None:
    """1.1; developer guide, weighted aliases. The text is not recorded anywhere."""
    _publish(live, "v3", DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"})
    with refused("InvalidParameterValueException", 400):
        client.update_alias(**LIVE, **weights({"3": 0.1}))


def test_versions_of_other_roles_may_follow_each_other_without_weights(live: Cloud, client: Any) -> None:
    """1.1: such a change is all at once or not at all."""
    _publish(live, "v3", Role="arn:aws:iam::123456789012:role/other")
    assert client.update_alias(**LIVE, FunctionVersion="3")["FunctionVersion"] == "3"


def test_an_alias_on_what_is_not_published_is_taken_without_a_weight_only(live: Cloud, client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS, 2025-11-25."""
    assert client.update_alias(**LIVE, FunctionVersion="$LATEST")["FunctionVersion"] == "$LATEST"
    text = r"\$LATEST is not supported for an alias pointing to more than 1 version"
    with refused("InvalidParameterValueException", 400, text):
        client.update_alias(**LIVE, **weights({"2": 0.1}))


def test_a_weight_of_more_than_1_is_a_validation_exception(live: Cloud, client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS, 2025-11-25: not the modelled InvalidParameterValueException."""
    with refused("ValidationException", 400, "Map value must satisfy constraint"):
        client.update_alias(**LIVE, **weights({"2": 2.0}))


def test_a_weight_on_what_is_not_published_is_a_validation_exception(live: Cloud, client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS, 2025-11-25: the keys' pattern is [0-9]+."""
    with refused("ValidationException", 400, "Map keys must satisfy constraint"):
        client.update_alias(**LIVE, **weights({"$LATEST": 0.1}))


def test_a_weight_on_the_aliases_own_version_is_refused(live: Cloud, client: Any) -> None:
    """1.1; LocalStack's snapshots of AWS: hence the last step sends the version *and* empty weights in one call."""
    client.update_alias(**LIVE, **weights({"2": 0.1}))
    text = "Invalid function version 2. Function version 2 is already included in routing configuration."
    with refused("InvalidParameterValueException", 400, text):
        client.update_alias(**LIVE, FunctionVersion="2")


@pytest.mark.parametrize("asked", [{"FunctionVersion": "10"}, weights({"10": 0.1})])
def test_a_version_that_does_not_exist_is_not_found(live: Cloud, client: Any, asked: dict[str, Any]) -> None:
    """1.1; LocalStack's snapshots of AWS."""
    with refused("ResourceNotFoundException", 404, f"Function not found: {ARN}:10"):
        client.update_alias(**LIVE, **asked)


def test_the_split_is_a_probability_of_each_request_and_names_the_version_that_served(live: Cloud, client: Any) -> None:
    """1.1; developer guide, weighted aliases: not sticky; ExecutedVersion is the header of the answer."""
    client.update_alias(**LIVE, **weights({"2": 0.25}))
    served = [client.invoke(FunctionName="checkout", Qualifier="live")["ExecutedVersion"] for _ in range(200)]
    assert 30 <= served.count("2") <= 70
    assert served.count("1") + served.count("2") == 200


def test_the_same_seed_gives_the_same_split(live: Cloud, client: Any) -> None:
    client.update_alias(**LIVE, **weights({"2": 0.5}))
    again = Cloud(seed=1)
    assert [live.lambda_.dice.random() for _ in range(3)] == [again.lambda_.dice.random() for _ in range(3)]


# -- 1.2 writes -------------------------------------------------------------------------------------------------------


def test_what_a_write_leaves_out_stays_as_it_was(live: Cloud, client: Any) -> None:
    """1.2; LocalStack's snapshots of AWS, test_alias_lifecycle: the weights too."""
    client.update_alias(**LIVE, **weights({"2": 0.1}), Description="mine")
    client.update_alias(**LIVE, Description="still")
    found = client.get_alias(**LIVE)
    assert found["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
    assert (found["FunctionVersion"], found["Description"]) == ("1", "still")


def test_empty_weights_take_them_away_and_an_answer_shows_none(live: Cloud, client: Any) -> None:
    """1.2; LocalStack's snapshots of AWS: the answer then has no RoutingConfig at all."""
    client.update_alias(**LIVE, **weights({"2": 0.1}))
    assert "RoutingConfig" not in client.update_alias(**LIVE, **weights({}))
    assert "RoutingConfig" not in client.get_alias(**LIVE)


def test_every_write_gives_a_new_revision_also_one_that_changes_nothing(live: Cloud, client: Any) -> None:
    """1.2 and 1.4; LocalStack's snapshots of AWS, TestLambdaRevisions."""
    revisions = {client.get_alias(**LIVE)["RevisionId"]}
    for _ in range(3):
        revisions.add(client.update_alias(**LIVE, FunctionVersion="1")["RevisionId"])
    assert len(revisions) == 4
    assert client.get_alias(**LIVE)["RevisionId"] in revisions


def test_a_write_under_another_revision_is_refused_and_changes_nothing(live: Cloud, client: Any) -> None:
    """1.2; LocalStack's snapshots of AWS: 412."""
    stale = client.get_alias(**LIVE)["RevisionId"]
    client.update_alias(**LIVE, Description="theirs", RevisionId=stale)
    with refused(
        "PreconditionFailedException", 412, f"{STALE}. Call the GetFunction/GetAlias API to retrieve the latest"
    ):
        client.update_alias(**LIVE, FunctionVersion="2", RevisionId=stale)
    assert client.get_alias(**LIVE)["FunctionVersion"] == "1"


def test_an_alias_that_does_not_exist_is_not_found_in_other_words_for_each_call(live: Cloud, client: Any) -> None:
    """1.2; LocalStack's snapshots of AWS."""
    with refused("ResourceNotFoundException", 404, f"Cannot find alias arn: {ARN}:beta"):
        client.get_alias(FunctionName="checkout", Name="beta")
    with refused("ResourceNotFoundException", 404, f"Alias not found: {ARN}:beta"):
        client.update_alias(FunctionName="checkout", Name="beta", FunctionVersion="1")


def test_an_alias_is_created_once(live: Cloud, client: Any) -> None:
    """1.2; LocalStack's snapshots of AWS: 201, then 409."""
    made = client.create_alias(FunctionName="checkout", Name="beta", FunctionVersion="1")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    with refused("ResourceConflictException", 409, f"Alias already exists: {ARN}:beta"):
        client.create_alias(FunctionName="checkout", Name="beta", FunctionVersion="1")


@pytest.mark.parametrize("name", ["2024", "a.b"])
def test_a_name_of_digits_alone_or_with_dots_is_refused(live: Cloud, client: Any, name: str) -> None:
    """1.2; the service model's pattern and LocalStack's snapshots of AWS."""
    with refused("ValidationException", 400):
        client.create_alias(FunctionName="checkout", Name=name, FunctionVersion="1")
    assert client.create_alias(FunctionName="checkout", Name="2024-01-02", FunctionVersion="1")


def test_a_description_has_256_characters_at_most(live: Cloud, client: Any) -> None:
    """1.2; the service model, Description."""
    assert client.update_alias(**LIVE, Description="x" * 256)
    with refused("ValidationException", 400, "'description' failed to satisfy constraint"):
        client.update_alias(**LIVE, Description="x" * 257)


@pytest.mark.parametrize("carried", [{"FunctionVersion": "2"}, weights({"2": 0.1})])
def test_a_version_that_an_alias_carries_cannot_be_deleted(live: Cloud, client: Any, carried: dict[str, Any]) -> None:
    """1.2; go-lambda-cleanup #45: an alias is a pin that the service enforces, weights included."""
    client.update_alias(**LIVE, **carried)
    text = r"Unable to delete version because the following aliases reference it: \[live\]"
    with refused("ResourceConflictException", 409, text):
        client.delete_function(FunctionName="checkout", Qualifier="2")
    client.update_alias(**LIVE, FunctionVersion="1", **weights({}))
    client.delete_function(FunctionName="checkout", Qualifier="2")
    with refused("ResourceNotFoundException", 404):
        client.get_function(FunctionName="checkout", Qualifier="2")


# -- 1.4, 1.5 and 5: aliases that Lambda itself moves, versions that are not ready ------------------------------------


def test_lambda_writes_weights_of_its_own_while_it_moves_provisioned_concurrency(live: Cloud, client: Any) -> None:
    """1.4 and 5; terraform-provider-aws PR #48116, 2026-05: state and revision change without a caller."""
    live.lambda_.provisioned["checkout", "live"] = live.clock.now
    written = client.update_alias(**LIVE, FunctionVersion="2")
    moving = client.get_alias(**LIVE)
    assert moving["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 1.0}}
    config = client.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live")
    assert config["Status"] == "IN_PROGRESS"
    live.advance(timedelta(minutes=2))
    moved = client.get_alias(**LIVE)
    assert "RoutingConfig" not in moved
    assert len({written["RevisionId"], moving["RevisionId"], moved["RevisionId"]}) == 3
    with refused("PreconditionFailedException", 412):
        client.update_alias(**LIVE, FunctionVersion="1", RevisionId=written["RevisionId"])


def test_no_provisioned_concurrency_is_an_error_and_no_empty_answer(live: Cloud, client: Any) -> None:
    """5; LocalStack's snapshots of AWS: 404."""
    with refused("ProvisionedConcurrencyConfigNotFoundException", 404):
        client.get_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live")


def test_a_weight_on_a_version_that_is_still_pending_is_refused(live: Cloud, client: Any) -> None:
    """1.5; aws-sdk-js-v3 #7254 reports an InternalError for it; the code that AWS means is not recorded."""
    live.lambda_.published_in = timedelta(seconds=30)
    client.update_function_code(FunctionName="checkout", ZipFile=zipped("v3"))
    live.advance(timedelta(seconds=5))
    client.publish_version(FunctionName="checkout")
    with refused("ResourceConflictException", 409, "currently in the following state: Pending"):
        client.update_alias(**LIVE, **weights({"3": 0.1}))
    live.advance(timedelta(seconds=30))
    assert client.update_alias(**LIVE, **weights({"3": 0.1}))


def test_no_alias_takes_a_version_that_failed(live: Cloud, client: Any) -> None:
    """Semantics 25: a snapshot that fails leaves a version that aliases refuse."""
    client.update_function_code(FunctionName="checkout", ZipFile=zipped("v3"))
    live.advance(timedelta(seconds=5))
    live.lambda_.becomes = {"State": "Failed", "StateReasonCode": "FunctionError"}
    client.publish_version(FunctionName="checkout")
    live.advance(timedelta(seconds=5))
    with refused("ResourceConflictException", 409, "currently in the following state: Failed"):
        client.update_alias(**LIVE, FunctionVersion="3")


def test_aliases_are_listed_by_the_page(live: Cloud, client: Any) -> None:
    """10.10; the service model, ListAliases: at most 50 for each page."""
    live.lambda_.page = 2
    for name in ("beta", "gamma"):
        live.lambda_.point("checkout", name, "1")
    first = client.list_aliases(FunctionName="checkout")
    rest = client.list_aliases(FunctionName="checkout", Marker=first["NextMarker"])
    assert [each["Name"] for each in (*first["Aliases"], *rest["Aliases"])] == ["live", "beta", "gamma"]
    assert "NextMarker" not in rest
