"""The reads and writes of the table that the store makes, in DynamoDB's own JSON."""

from __future__ import annotations

from typing import Any

from tests.agreement.account import Account, Json
from tests.agreement.function import refusal_of
from tests.agreement.listing import check

_NOT_MET = (400, "ConditionalCheckFailedException", "The conditional request failed")
_NEW = {"ConditionExpression": "attribute_not_exists(pk)"}


def _key(account: Account, sort: str = "head") -> Json:
    return {"pk": {"S": account.name}, "sk": {"S": sort}}


def _at_revision(number: int) -> Json:
    return {"ConditionExpression": "revision = :read", "ExpressionAttributeValues": {":read": {"N": str(number)}}}


class _Rows:
    """The table, with the calls that the checks make of it."""

    def __init__(self, account: Account) -> None:
        self.table, self.client = account.table, account.client("dynamodb")

    def put(self, item: Json, **more: Any) -> Any:
        return self.client.put_item(TableName=self.table, Item=item, **more)

    def get(self, key: Json) -> Json | None:
        found: Json | None = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        return found

    def write(self, *puts: Json, **more: Any) -> Any:
        items = [{"Put": {"TableName": self.table, **put}} for put in puts]
        return self.client.transact_write_items(TransactItems=items, **more)

    def query(self, **asked: Any) -> Any:
        return self.client.query(TableName=self.table, **asked)

    def of(self, account: Account, **more: Any) -> Any:
        values = {":pk": {"S": account.name}}
        return self.query(KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, **more)

    def due(self, **more: Any) -> Any:
        asked = {"IndexName": "open", "KeyConditionExpression": "#open = :open"}
        names, values = {"#open": "open"}, {":open": {"S": "open"}}
        return self.query(**asked, ExpressionAttributeNames=names, ExpressionAttributeValues=values, **more)


@check("dynamodb")
def a_condition_that_does_not_hold_writes_nothing(account: Account) -> None:
    """400, and the row is as it was. Source: DynamoDB API reference, PutItem, 2026-11."""
    rows, key = _Rows(account), _key(account)
    rows.put(key, **_NEW)
    assert refusal_of(lambda: rows.put({**key, "a": {"S": "x"}}, **_NEW)) == _NOT_MET
    assert rows.get(key) == key


@check("dynamodb")
def a_write_under_the_revision_that_was_read_is_done_once(account: Account) -> None:
    """A row without the attribute, or no row, does not meet it either. Source: DynamoDB developer guide, condition
    expressions, 2026-11.
    """
    rows, key = _Rows(account), _key(account)
    assert refusal_of(lambda: rows.put(key, **_at_revision(1))) == _NOT_MET
    rows.put(key)
    assert refusal_of(lambda: rows.put(key, **_at_revision(1))) == _NOT_MET
    rows.put({**key, "revision": {"N": "1"}})
    rows.put({**key, "revision": {"N": "2"}}, **_at_revision(1))
    assert refusal_of(lambda: rows.put({**key, "revision": {"N": "2"}}, **_at_revision(1))) == _NOT_MET


@check("dynamodb")
def a_row_that_is_not_there_is_an_empty_answer(account: Account) -> None:
    """Source: DynamoDB API reference, GetItem, 2026-11: no Item element."""
    rows = _Rows(account)
    assert rows.get(_key(account)) is None
    rows.client.delete_item(TableName=rows.table, Key=_key(account))


@check("dynamodb")
def a_key_is_text_and_not_empty(account: Account) -> None:
    """Of the table and of the index. Source: DynamoDB developer guide, naming rules and data types, 2026-11; API
    reference, PutItem.
    """
    rows = _Rows(account)
    for name in ("pk", "sk", "open", "due_at"):
        for value in ({"N": "1"}, {"BOOL": True}, {"S": ""}):
            item = {**_key(account), name: value}
            status, code, _ = refusal_of(lambda item=item: rows.put(item))
            assert (name, value, status, code) == (name, value, 400, "ValidationException")
    assert refusal_of(lambda: rows.put({"pk": {"S": "only"}}))[:2] == (400, "ValidationException")


@check("dynamodb")
def a_value_that_no_expression_uses_is_refused(account: Account) -> None:
    """Source: DynamoDB API reference, ExpressionAttributeValues, 2026-11."""
    rows, unused = _Rows(account), {"ExpressionAttributeValues": {":read": {"N": "1"}}}
    for more in (unused, {**_NEW, **unused}):
        assert refusal_of(lambda more=more: rows.put(_key(account), **more))[:2] == (400, "ValidationException")


@check("dynamodb")
def a_transaction_writes_all_or_nothing_and_says_which_part_did_not_hold(account: Account) -> None:
    """A reason for each part, in order. Source: DynamoDB API reference, TransactWriteItems, 2026-11."""
    rows, key, other = _Rows(account), _key(account), _key(account, "other")
    puts = ({"Item": key, **_NEW}, {"Item": other, **_at_revision(1)})
    status, code, text = refusal_of(lambda: rows.write(*puts))
    assert (status, code) == (400, "TransactionCanceledException")
    assert text == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"
    )
    assert rows.get(key) is None
    rows.put({**other, "revision": {"N": "1"}})
    rows.write(*puts)
    assert (rows.get(key), rows.get(other)) == (key, other)


@check("dynamodb")
def the_reasons_of_a_transaction_are_members_of_the_error(account: Account) -> None:
    """Source: botocore's model, TransactionCanceledException, 1.43.106."""
    rows, key = _Rows(account), _key(account)
    try:
        rows.write({"Item": key, **_at_revision(1)}, {"Item": _key(account, "other")})
    except rows.client.exceptions.TransactionCanceledException as cancelled:
        reasons = cancelled.response["CancellationReasons"]
        assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed", "None"]
        assert reasons[0]["Message"] == "The conditional request failed"


@check("dynamodb")
def a_transaction_has_each_item_once(account: Account) -> None:
    """Source: DynamoDB API reference, TransactWriteItems, 2026-11."""
    rows, put = _Rows(account), {"Item": _key(account)}
    status, code, text = refusal_of(lambda: rows.write(put, put))
    assert (status, code) == (400, "ValidationException")
    assert "Transaction request cannot include multiple operations on one item" in text


@check("dynamodb")
def a_transaction_that_comes_again_under_its_token_was_done(account: Account) -> None:
    """For ten minutes; other items under it are refused. Source: DynamoDB API reference, TransactWriteItems,
    ClientRequestToken, 2026-11.
    """
    rows, token = _Rows(account), f"{account.name}-token"[-36:]
    new = {"Item": _key(account), **_NEW}
    for _ in range(2):
        rows.write(new, ClientRequestToken=token)
    status, code, _ = refusal_of(lambda: rows.write({"Item": _key(account)}, ClientRequestToken=token))
    assert (status, code) == (400, "IdempotentParameterMismatchException")


@check("dynamodb")
def the_same_transaction_of_another_call_is_another_one(account: Account) -> None:
    """botocore gives every call a token of its own. Source: botocore's model, idempotencyToken, 1.43.106."""
    rows, new = _Rows(account), {"Item": _key(account), **_NEW}
    rows.write(new)
    assert refusal_of(lambda: rows.write(new))[1] == "TransactionCanceledException"


@check("dynamodb")
def a_transaction_has_a_hundred_items_at_most(account: Account) -> None:
    """Source: botocore's model, TransactWriteItemList, 1.43.106."""
    rows = _Rows(account)
    puts = [{"Item": _key(account, str(number))} for number in range(101)]
    assert refusal_of(lambda: rows.write(*puts))[:2] == (400, "ValidationException")
    rows.write(*puts[:100])


@check("dynamodb")
def the_index_cannot_be_read_consistently(account: Account) -> None:
    """Source: DynamoDB API reference, Query, ConsistentRead, 2026-11."""
    status, code, text = refusal_of(lambda: _Rows(account).due(ConsistentRead=True))
    assert (status, code) == (400, "ValidationException")
    assert "Consistent reads are not supported on global secondary indexes" in text


@check("dynamodb")
def the_index_holds_what_has_its_keys_in_their_order_and_what_is_projected(account: Account) -> None:
    """Source: DynamoDB developer guide, global secondary indexes, 2026-11; template.yaml: due_at sorts, and alarms
    and phase are all that is projected beside the keys.
    """
    rows, more = _Rows(account), {"alarms": {"L": []}, "phase": {"S": "SHIFTING"}}
    for sort, due in (("b", "2"), ("a", "1")):
        row = {**_key(account, sort), "open": {"S": "open"}, "due_at": {"S": due}, **more}
        rows.put({**row, "record": {"M": {}}})
    rows.put(_key(account))
    found = account.eventually(lambda: len(items := rows.due()["Items"]) == 2 and items)
    assert [row["sk"]["S"] for row in found] == ["a", "b"]
    assert found[0] == {**_key(account, "a"), "open": {"S": "open"}, "due_at": {"S": "1"}, **more}
    for sort in ("a", "b"):
        rows.put(_key(account, sort))
    account.eventually(lambda: rows.due()["Items"] == [])


@check("dynamodb")
def the_index_gives_what_came_between_two_times_backwards_where_asked(account: Account) -> None:
    """Source: DynamoDB developer guide, key condition expressions and ScanIndexForward, 2026-11."""
    rows = _Rows(account)
    for sort, due in (("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")):
        rows.put({**_key(account, sort), "open": {"S": "ended"}, "due_at": {"S": due}})

    def between(since: str, until: str) -> list[str]:
        found = rows.query(
            IndexName="open",
            KeyConditionExpression="#open = :open AND due_at BETWEEN :since AND :until",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":open": {"S": "ended"}, ":since": {"S": since}, ":until": {"S": until}},
            ScanIndexForward=False,
        )
        return [row["sk"]["S"] for row in found["Items"]]

    account.eventually(lambda: between("2", "3") == ["c", "b"])


@check("dynamodb")
def a_batch_gives_the_rows_that_are_there(account: Account) -> None:
    """Source: DynamoDB API reference, BatchGetItem, 2026-11: a key that is not there is left out, in any order."""
    rows, keys = _Rows(account), [_key(account, sort) for sort in ("a", "b", "c")]
    for key in keys[:2]:
        rows.put(key)
    answer = rows.client.batch_get_item(RequestItems={rows.table: {"Keys": keys, "ConsistentRead": True}})
    assert sorted(row["sk"]["S"] for row in answer["Responses"][rows.table]) == ["a", "b"]
    assert answer["UnprocessedKeys"] == {}


@check("dynamodb")
def a_batch_takes_a_hundred_keys_each_once(account: Account) -> None:
    """Source: DynamoDB API reference, BatchGetItem, 2026-11."""
    rows = _Rows(account)

    def read(keys: list[Json]) -> Any:
        return rows.client.batch_get_item(RequestItems={rows.table: {"Keys": keys}})

    read([_key(account, str(number)) for number in range(100)])
    too_many = [_key(account, str(number)) for number in range(101)]
    assert refusal_of(lambda: read(too_many))[1] == "ValidationException"
    assert refusal_of(lambda: read([_key(account, "a")] * 2))[1] == "ValidationException"


@check("dynamodb")
def a_number_is_added_to_where_its_condition_holds(account: Account) -> None:
    """A row that is not there is made. Source: DynamoDB API reference, UpdateItem, 2026-11."""
    rows, key = _Rows(account), _key(account)

    def update(expression: str, condition: str, **values: int) -> Any:
        named = {f":{name}": {"N": str(value)} for name, value in values.items()}
        return rows.client.update_item(
            TableName=rows.table, Key=key, UpdateExpression=expression, ConditionExpression=condition,
            ExpressionAttributeNames={"#until": "until"}, ExpressionAttributeValues=named, ReturnValues="UPDATED_NEW",
        )["Attributes"]  # fmt: skip

    add, others_wait = "ADD #until :lasts", "#until BETWEEN :now AND :latest"
    begin, nobody_waits = "SET #until = :until", "attribute_not_exists(#until) OR #until < :now OR #until > :mistaken"
    assert refusal_of(lambda: update(add, others_wait, lasts=10, now=1, latest=9)) == _NOT_MET
    assert rows.get(key) is None
    assert update(begin, nobody_waits, until=5, now=1, mistaken=90) == {"until": {"N": "5"}}
    assert refusal_of(lambda: update(begin, nobody_waits, until=6, now=5, mistaken=90)) == _NOT_MET
    assert update(add, others_wait, lasts=10, now=5, latest=5) == {"until": {"N": "15"}}
    assert refusal_of(lambda: update(add, others_wait, lasts=10, now=5, latest=14)) == _NOT_MET
    assert update(begin, nobody_waits, until=7, now=1, mistaken=14) == {"until": {"N": "7"}}
    assert rows.get(key) == {**key, "until": {"N": "7"}}


@check("dynamodb")
def a_full_page_says_where_to_go_on_even_if_nothing_follows(account: Account) -> None:
    """Source: DynamoDB developer guide, paginating table query results, 2026-11."""
    rows, keys = _Rows(account), [_key(account, sort) for sort in ("a", "b")]
    for key in keys:
        rows.put(key)
    first = rows.of(account, Limit=1)
    assert (first["Items"], first["LastEvaluatedKey"]) == ([keys[0]], keys[0])
    second = rows.of(account, Limit=1, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert (second["Items"], second["LastEvaluatedKey"]) == ([keys[1]], keys[1])
    third = rows.of(account, Limit=1, ExclusiveStartKey=second["LastEvaluatedKey"])
    assert (third["Items"], "LastEvaluatedKey" in third) == ([], False)


@check("dynamodb")
def rows_come_in_the_order_of_their_sort_key_or_backwards(account: Account) -> None:
    """Source: DynamoDB API reference, Query, ScanIndexForward, 2026-11."""
    rows = _Rows(account)
    for sort in ("deployment#000010", "head", "deployment#000009"):
        rows.put(_key(account, sort))
    asked = {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {":pk": {"S": account.name}, ":sk": {"S": "deployment#"}},
    }
    found = [[row["sk"]["S"] for row in rows.query(**asked, ScanIndexForward=way)["Items"]] for way in (True, False)]
    assert found[0] == found[1][::-1] == ["deployment#000009", "deployment#000010"]


@check("dynamodb")
def an_item_has_400_kilobytes_at_most(account: Account) -> None:
    """Source: DynamoDB developer guide, quotas, 2026-11."""
    rows, key = _Rows(account), _key(account)
    status, code, text = refusal_of(lambda: rows.put({**key, "text": {"S": "x" * 420_000}}))
    assert (status, code) == (400, "ValidationException")
    assert "Item size has exceeded the maximum allowed size" in text
    rows.put({**key, "text": {"S": "x" * 400_000}})


@check("dynamodb")
def another_table_is_not_there(account: Account) -> None:
    """400. Source: botocore's model, ResourceNotFoundException, 1.43.106."""
    client = account.client("dynamodb")
    found = refusal_of(lambda: client.get_item(TableName=f"{account.table}-gone", Key=_key(account)))
    assert found[:2] == (400, "ResourceNotFoundException")
