"""What only the AWS in memory can be made to do with aliases; the rest is in tests/agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.zips import zipped

LIVE = {"FunctionName": "checkout", "Name": "live"}


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    """Versions 1 and 2, and the alias on 1."""
    _publish(cloud, "v2")
    cloud.lambda_.point("checkout", "live", "1")
    return cloud


def _publish(cloud: Cloud, code: str) -> str:
    client = cloud.client("lambda")
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


def test_the_same_seed_gives_the_same_split(live: Cloud, client: Any) -> None:
    client.update_alias(**LIVE, **weights({"2": 0.5}))
    again = Cloud(seed=1)
    assert [live.lambda_.dice.random() for _ in range(3)] == [again.lambda_.dice.random() for _ in range(3)]


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
