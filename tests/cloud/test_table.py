"""What only the table in memory can be made to do, and what it does not know; the rest is in tests/agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cloud.cloud import Cloud
from tests.cloud.faults import Fault, NotModelled
from tests.cloud.table import TABLE

KEY = {"pk": {"S": "checkout:live"}, "sk": {"S": "head"}}


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return cloud.client("dynamodb")


@pytest.mark.parametrize("condition", ["attribute_exists(pk)", "revision <= :read", "attribute_not_exists(sk)"])
def test_a_condition_that_the_fake_does_not_know_is_no_condition_met(client: Any, condition: str) -> None:
    with pytest.raises(NotModelled, match="does not know"):
        client.put_item(TableName=TABLE, Item=KEY, ConditionExpression=condition)


def test_an_unknown_query_is_not_answered(client: Any) -> None:
    with pytest.raises(NotModelled, match="does not know"):
        client.query(TableName=TABLE, KeyConditionExpression="pk = :pk AND sk > :sk", ExpressionAttributeValues={})


def test_a_transaction_with_a_number_as_index_key_is_cancelled(client: Any) -> None:
    put = {"Put": {"TableName": TABLE, "Item": {**KEY, "due_at": {"N": "1"}}}}
    with pytest.raises(client.exceptions.TransactionCanceledException, match="ValidationError"):
        client.transact_write_items(TransactItems=[put])


OPEN = {
    "IndexName": "open",
    "KeyConditionExpression": "#open = :open",
    "ExpressionAttributeNames": {"#open": "open"},
    "ExpressionAttributeValues": {":open": {"S": "open"}},
}


def due(at: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": at}, "sk": {"S": "d"}, "open": {"S": "open"}, "due_at": {"S": at}, **more}


def test_the_index_may_be_behind_the_table(cloud: Cloud, client: Any) -> None:
    """DynamoDB developer guide, global secondary indexes: eventually consistent."""
    cloud.table.index_lag = timedelta(seconds=2)
    client.put_item(TableName=TABLE, Item=due("1"))
    assert client.query(TableName=TABLE, **OPEN)["Items"] == []
    cloud.advance(timedelta(seconds=2))
    client.put_item(TableName=TABLE, Item={"pk": {"S": "1"}, "sk": {"S": "d"}})
    assert client.query(TableName=TABLE, **OPEN)["Items"] == [due("1")]
    cloud.advance(timedelta(seconds=2))
    assert client.query(TableName=TABLE, **OPEN)["Items"] == []


def test_a_row_whose_time_is_over_stays_for_two_days(cloud: Cloud, client: Any) -> None:
    """DynamoDB developer guide, time to live: within a few days."""
    over = {**KEY, "expires_at": {"N": str(int(cloud.clock.now.timestamp()))}}
    client.put_item(TableName=TABLE, Item=over)
    cloud.advance(timedelta(days=1))
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"]
    cloud.advance(timedelta(days=2))
    assert "Item" not in client.get_item(TableName=TABLE, Key=KEY)


def test_a_transaction_whose_answer_is_lost_is_done_when_botocore_sends_it_again(cloud: Cloud) -> None:
    """DynamoDB API reference, TransactWriteItems: its token makes it idempotent for ten minutes."""
    patient = cloud.client("dynamodb", Config(retries={"mode": "standard", "total_max_attempts": 6}))
    new = {"Put": {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
    cloud.fail(0, Fault.LOST)
    patient.transact_write_items(TransactItems=[new])
    assert cloud.calls[0].attempts == 2


def test_a_token_is_good_for_one_transaction_and_for_ten_minutes(cloud: Cloud, client: Any) -> None:
    new = {"Put": {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
    other = {"Put": {"TableName": TABLE, "Item": KEY}}
    client.transact_write_items(TransactItems=[new], ClientRequestToken="mine")
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        client.transact_write_items(TransactItems=[other], ClientRequestToken="mine")
    cloud.advance(timedelta(minutes=11))
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[new], ClientRequestToken="mine")
