"""One DynamoDB table in memory that keeps AWS's rules; boto3's own client talks to it in DynamoDB's own JSON.

Rules of the fake (Source: DynamoDB API reference and developer guide, 2026-11):
- it knows the conditions that the store uses and no other, so a new one cannot pass by being ignored;
- a key, of the table or of the index ``open``, is text and not empty;
- a transaction has at most 100 items, each another, and writes all of them or nothing;
- a page that reached its limit names where to go on even if nothing follows; the index cannot be read consistently.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from tests.adapters.fake_wire import Json, Refusal

TABLE = "slipway"
NOT_MET = "The conditional request failed"
_NO_TABLE = ("Requested resource not found", "ResourceNotFoundException")
_TEXT_KEYS = {"pk": "key", "sk": "key", "open": "Index Key", "due_at": "Index Key"}
_LARGEST_ITEM = 400 * 1024
_MOST_IN_A_TRANSACTION = 100
_CONDITIONS: dict[str, tuple[set[str], Callable[[Json | None, Json], bool]]] = {
    "attribute_not_exists(pk)": (set(), lambda found, _: found is None),
    "revision = :read": ({":read"}, lambda found, values: bool(found) and found.get("revision") == values[":read"]),  # type: ignore[union-attr]
}
_KEY_CONDITIONS: dict[tuple[str | None, str], tuple[set[str], set[str], Callable[[Json, Json], bool]]] = {
    ("open", "#open = :open"): ({"#open"}, {":open"}, lambda row, values: row.get("open") == values[":open"]),
    (None, "pk = :pk"): (set(), {":pk"}, lambda row, values: row["pk"] == values[":pk"]),
    (None, "pk = :pk AND begins_with(sk, :sk)"): (
        set(),
        {":pk", ":sk"},
        lambda row, values: row["pk"] == values[":pk"] and row["sk"]["S"].startswith(values[":sk"]["S"]),
    ),
}


class FakeDynamoDB:
    """``refusals`` are answered first, one for each call; ``before`` happens once, just before its call is answered.

    ``page`` is how many items one answer of Query holds at most.
    """

    def __init__(self, page: int = 100) -> None:
        self.page = page
        self.rows: dict[tuple[str, str], Json] = {}
        self.refusals: dict[str, list[Refusal]] = defaultdict(list)
        self.before: dict[str, Callable[[], None]] = {}
        self.calls: list[tuple[str, Json]] = []
        self._alone = threading.Lock()

    def client(self) -> Any:
        client = boto3.client("dynamodb", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
        client.meta.events.register_first("before-send.dynamodb.*", self._answer)
        return client

    def asked(self, call: str) -> list[Json]:
        """Returns what every ``call`` so far sent."""
        return [sent for name, sent in self.calls if name == call]

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        name, sent = event_name.rpartition(".")[2], json.loads(request.body)
        self.before.pop(name, lambda: None)()
        with self._alone:
            self.calls.append((name, sent))
            try:
                if self.refusals[name]:
                    raise self.refusals[name].pop(0)
                _require(sent.get("TableName", TABLE) == TABLE, *_NO_TABLE)
                status, answer = 200, _ANSWERS[name](self, sent)
            except _Cancelled as cancelled:
                status, answer = 400, cancelled.answer
            except Refusal as refusal:
                status, answer = refusal.status, {"__type": f"com.amazon#{refusal.code}", "message": refusal.message}
        return AWSResponse(request.url, status, {"x-amzn-requestid": "1"}, _Body(json.dumps(answer).encode()))

    def _get(self, sent: Json) -> Json:
        found = self.rows.get(_key(sent["Key"]))
        return {"Item": found} if found else {}

    def _put(self, sent: Json) -> Json:
        _require_item(sent["Item"])
        _require(self._holds(sent), NOT_MET, "ConditionalCheckFailedException")
        self.rows[_key(sent["Item"])] = sent["Item"]
        return {}

    def _delete(self, sent: Json) -> Json:
        self.rows.pop(_key(sent["Key"]), None)
        return {}

    def _transact(self, sent: Json) -> Json:
        puts = [each["Put"] for each in sent["TransactItems"]]
        _require(len(puts) <= _MOST_IN_A_TRANSACTION, "Member must have length less than or equal to 100")
        same = len({_key(put["Item"]) for put in puts}) < len(puts)
        _require(not same, "Transaction request cannot include multiple operations on one item")
        _require(all(put["TableName"] == TABLE for put in puts), *_NO_TABLE)
        reasons = [self._reason(put) for put in puts]
        if any(reasons):
            raise _Cancelled(reasons)
        for put in puts:
            self.rows[_key(put["Item"])] = put["Item"]
        return {}

    def _query(self, sent: Json) -> Json:
        index = sent.get("IndexName")
        consistent_index = index is not None and sent.get("ConsistentRead")
        _require(not consistent_index, "Consistent reads are not supported on global secondary indexes")
        order = partial(_place, index=index)
        backwards = sent.get("ScanIndexForward", True) is False
        found = sorted(filter(_key_condition(sent), self.rows.values()), key=order, reverse=backwards)
        if "ExclusiveStartKey" in sent:
            start = order(sent["ExclusiveStartKey"])
            found = [row for row in found if (order(row) < start if backwards else order(row) > start)]
        limit = min(sent.get("Limit", self.page), self.page)
        page = found[:limit]
        if len(page) < limit:
            return {"Items": page, "Count": len(page)}
        names = ("pk", "sk", "open", "due_at") if index else ("pk", "sk")
        return {"Items": page, "Count": len(page), "LastEvaluatedKey": {name: page[-1][name] for name in names}}

    def _reason(self, put: Json) -> Json | None:
        try:
            _require_item(put["Item"])
        except Refusal as refusal:
            return {"Code": "ValidationError", "Message": refusal.message}
        return None if self._holds(put) else {"Code": "ConditionalCheckFailed", "Message": NOT_MET}

    def _holds(self, put: Json) -> bool:
        values = put.get("ExpressionAttributeValues", {})
        if "ConditionExpression" not in put:
            _require(not values, "ExpressionAttributeValues can only be specified when using expressions")
            return True
        _known(put["ConditionExpression"] in _CONDITIONS, put["ConditionExpression"])
        used, holds = _CONDITIONS[put["ConditionExpression"]]
        _require(values.keys() == used, "Value unused, or not defined, in expressions")
        return holds(self.rows.get(_key(put["Item"])), values)


class _Cancelled(Exception):
    """A transaction that was not carried out, with a reason for each of its items."""

    def __init__(self, reasons: list[Json | None]) -> None:
        codes = ", ".join(reason["Code"] if reason else "None" for reason in reasons)
        text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        self.answer = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": text,
            "CancellationReasons": [reason or {"Code": "None"} for reason in reasons],
        }


class _Body:
    """The bytes of an answer, as urllib3 gives them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Any:
        yield self._content


def _require(allowed: bool, text: str, code: str = "ValidationException") -> None:
    if not allowed:
        raise Refusal(400, code, text)


def _known(known: bool, expression: str) -> None:
    assert known, f"the fake does not know the expression {expression!r}"


def _require_item(item: Json) -> None:
    for name in item.keys() & _TEXT_KEYS.keys() | {"pk", "sk"}:
        kind = next(iter(item.get(name, {"nothing": ""})))
        text = f"One or more parameter values were invalid: Type mismatch for {_TEXT_KEYS[name]} {name}"
        _require(kind == "S", f"{text} Expected: S Actual: {kind}")
        _require(bool(item[name]["S"]), f"{text}: an empty string value is not supported")
    _require(len(item["pk"]["S"].encode()) <= 2048 and len(item["sk"]["S"].encode()) <= 1024, "key too long")
    _require(len(json.dumps(item)) <= _LARGEST_ITEM, "Item size has exceeded the maximum allowed size")


def _key(item: Json) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _place(row: Json, *, index: str | None) -> tuple[str, str, str]:
    return (row["due_at"]["S"] if index else row["sk"]["S"], *_key(row))


def _key_condition(sent: Json) -> Callable[[Json], bool]:
    asked = (sent.get("IndexName"), sent["KeyConditionExpression"])
    _known(asked in _KEY_CONDITIONS, str(asked))
    names, values, holds = _KEY_CONDITIONS[asked]
    given = (sent.get("ExpressionAttributeNames", {}).keys(), sent["ExpressionAttributeValues"].keys())
    _require(given == (names, values), "Value unused, or not defined, in expressions")
    return lambda row: holds(row, sent["ExpressionAttributeValues"]) and (asked[0] is None or "due_at" in row)


_ANSWERS: dict[str, Callable[[FakeDynamoDB, Json], Json]] = {
    "GetItem": FakeDynamoDB._get,
    "PutItem": FakeDynamoDB._put,
    "DeleteItem": FakeDynamoDB._delete,
    "TransactWriteItems": FakeDynamoDB._transact,
    "Query": FakeDynamoDB._query,
}
