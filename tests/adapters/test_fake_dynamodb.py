"""The fake table is no kinder than DynamoDB: what AWS refuses, it refuses, in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.adapters.fake_dynamodb import TABLE, FakeDynamoDB

KEY = {"pk": {"S": "checkout:live"}, "sk": {"S": "head"}}


@pytest.fixture
def client() -> Any:
    return FakeDynamoDB().client()


@pytest.mark.parametrize("name", ["pk", "sk", "open", "due_at"])
@pytest.mark.parametrize("value", [{"N": "1"}, {"BOOL": True}, {"NULL": True}, {"S": ""}])
def test_a_key_that_is_not_text_is_refused(client: Any, name: str, value: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"ValidationException.*Type mismatch for .*ey {name}"):
        client.put_item(TableName=TABLE, Item={**KEY, name: value})


def test_a_key_that_is_missing_is_refused(client: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client.put_item(TableName=TABLE, Item={"pk": KEY["pk"]})


def test_a_condition_that_does_not_hold_writes_nothing(client: Any) -> None:
    client.put_item(TableName=TABLE, Item=KEY, ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        client.put_item(TableName=TABLE, Item={**KEY, "a": {"S": "x"}}, ConditionExpression="attribute_not_exists(pk)")
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"] == KEY


@pytest.mark.parametrize("condition", ["attribute_exists(pk)", "revision <= :read", "attribute_not_exists(sk)"])
def test_a_condition_that_the_fake_does_not_know_is_no_condition_met(client: Any, condition: str) -> None:
    with pytest.raises(AssertionError, match="does not know"):
        client.put_item(TableName=TABLE, Item=KEY, ConditionExpression=condition)


def test_an_unknown_query_is_not_answered(client: Any) -> None:
    with pytest.raises(AssertionError, match="does not know"):
        client.query(TableName=TABLE, KeyConditionExpression="pk = :pk AND sk > :sk", ExpressionAttributeValues={})


def test_a_value_that_no_expression_uses_is_refused(client: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client.put_item(TableName=TABLE, Item=KEY, ExpressionAttributeValues={":read": {"N": "1"}})


def test_a_transaction_writes_all_or_nothing_and_says_which_part_did_not_hold(client: Any) -> None:
    first = {"Put": {"TableName": TABLE, "Item": KEY}}
    second = {
        "Put": {
            "TableName": TABLE,
            "Item": {**KEY, "sk": {"S": "other"}},
            "ConditionExpression": "revision = :read",
            "ExpressionAttributeValues": {":read": {"N": "1"}},
        }
    }
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[first, second])
    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == [
        "None",
        "ConditionalCheckFailed",
    ]
    assert "Item" not in client.get_item(TableName=TABLE, Key=KEY)


def test_a_transaction_with_one_item_twice_is_refused(client: Any) -> None:
    put = {"Put": {"TableName": TABLE, "Item": KEY}}
    with pytest.raises(ClientError, match="multiple operations on one item"):
        client.transact_write_items(TransactItems=[put, put])


def test_a_transaction_with_a_number_as_index_key_is_cancelled(client: Any) -> None:
    put = {"Put": {"TableName": TABLE, "Item": {**KEY, "due_at": {"N": "1"}}}}
    with pytest.raises(client.exceptions.TransactionCanceledException, match="ValidationError"):
        client.transact_write_items(TransactItems=[put])


def test_the_index_cannot_be_read_consistently(client: Any) -> None:
    with pytest.raises(ClientError, match="Consistent reads are not supported"):
        client.query(
            TableName=TABLE,
            IndexName="open",
            ConsistentRead=True,
            KeyConditionExpression="#open = :open",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":open": {"S": "open"}},
        )


def test_a_full_page_says_where_to_go_on_even_if_nothing_follows(client: Any) -> None:
    client.put_item(TableName=TABLE, Item=KEY)
    asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": KEY["pk"]}}
    page = client.query(TableName=TABLE, Limit=1, **asked)
    assert page["LastEvaluatedKey"] == KEY
    assert client.query(TableName=TABLE, ExclusiveStartKey=KEY, **asked)["Items"] == []
