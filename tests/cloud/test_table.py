"""The table is no kinder than DynamoDB: what AWS refuses, it refuses, in AWS's words."""

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
    with pytest.raises(NotModelled, match="does not know"):
        client.put_item(TableName=TABLE, Item=KEY, ConditionExpression=condition)


def test_an_unknown_query_is_not_answered(client: Any) -> None:
    with pytest.raises(NotModelled, match="does not know"):
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


OPEN = {
    "IndexName": "open",
    "KeyConditionExpression": "#open = :open",
    "ExpressionAttributeNames": {"#open": "open"},
    "ExpressionAttributeValues": {":open": {"S": "open"}},
}


def due(at: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": at}, "sk": {"S": "d"}, "open": {"S": "open"}, "due_at": {"S": at}, **more}


def test_the_index_holds_what_has_its_keys_in_their_order_and_what_is_projected(client: Any) -> None:
    """template.yaml: due_at sorts, and alarms are all that is projected beside the keys."""
    for item in (due("2"), due("1", alarms={"L": []}, record={"M": {}}), KEY):
        client.put_item(TableName=TABLE, Item=item)
    found = client.query(TableName=TABLE, **OPEN)["Items"]
    assert found == [due("1", alarms={"L": []}), due("2")]


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


def test_another_table_is_not_there(client: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_item(TableName="other", Key=KEY)


def test_a_transaction_whose_answer_is_lost_is_done_when_botocore_sends_it_again(cloud: Cloud) -> None:
    """DynamoDB API reference, TransactWriteItems: its token makes it idempotent for ten minutes."""
    patient = cloud.client("dynamodb", Config(retries={"mode": "standard", "total_max_attempts": 6}))
    new = {"Put": {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
    cloud.fail(0, Fault.LOST)
    patient.transact_write_items(TransactItems=[new])
    assert cloud.calls[0].attempts == 2


def test_the_same_transaction_of_another_call_is_another_one(client: Any) -> None:
    new = {"Put": {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
    client.transact_write_items(TransactItems=[new])
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[new])


def test_a_token_is_good_for_one_transaction_and_for_ten_minutes(cloud: Cloud, client: Any) -> None:
    new = {"Put": {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
    other = {"Put": {"TableName": TABLE, "Item": KEY}}
    client.transact_write_items(TransactItems=[new], ClientRequestToken="mine")
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        client.transact_write_items(TransactItems=[other], ClientRequestToken="mine")
    cloud.advance(timedelta(minutes=11))
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[new], ClientRequestToken="mine")


def test_an_item_has_400_kilobytes_at_most(client: Any) -> None:
    """DynamoDB developer guide, quotas."""
    client.put_item(TableName=TABLE, Item={**KEY, "text": {"S": "x" * 400_000}})
    with pytest.raises(ClientError, match="Item size has exceeded"):
        client.put_item(TableName=TABLE, Item={**KEY, "text": {"S": "x" * 420_000}})
