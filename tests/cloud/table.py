"""One DynamoDB table that keeps AWS's rules; it is asked in DynamoDB's own JSON.

Rules of the fake (Source: DynamoDB API reference and developer guide, 2026-11):
- it knows the conditions that the store uses and no other, so a new one cannot pass by being ignored;
- a key, of the table or of the index ``open``, is text and not empty;
- a transaction has at most 100 items, each another, and writes all of them or nothing;
- a transaction that comes again under its token within ten minutes was done, and is not done again;
- a batch names the keys that it left out, gives the others in any order, and refuses a key that comes twice;
- a page that reached its limit names where to go on even if nothing follows; the index cannot be read consistently;
- the index holds what the template projects into it, and may be behind the table for as long as ``index_lag``;
- a row whose time is over is still there for two days.

Note: the index that lags shows a row as it was, or not at all, never half of it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.cloud.clock import Clock
from tests.cloud.faults import Json, NotModelled, Refusal
from tests.cloud.table_expressions import CONDITIONS, KEY_CONDITIONS, UPDATES
from tests.cloud.wire import unknown

TABLE = "slipway"
NOT_MET = "The conditional request failed"
_NO_TABLE = ("Requested resource not found", "ResourceNotFoundException")
_TEXT_KEYS = {"pk": "key", "sk": "key", "open": "Index Key", "due_at": "Index Key"}
_PROJECTED = ("pk", "sk", "open", "due_at", "alarms", "phase")
"""Source: template.yaml, the index ``open``."""
_LARGEST_ITEM = 400 * 1024
_MOST_IN_A_TRANSACTION = 100
_MOST_IN_A_BATCH = 100
_EXPIRED_ROWS_STAY = timedelta(days=2)
"""Source: DynamoDB developer guide, time to live: within a few days of their expiration, 2026-11."""
_TOKENS_LAST = timedelta(minutes=10)
_Key = tuple[str, str]


class Table:
    """The table. ``page`` is how many items one answer of Query holds at most, ``batch`` likewise of BatchGetItem."""

    def __init__(self, clock: Clock, page: int = 100) -> None:
        self._clock = clock
        self.page = page
        self.batch = _MOST_IN_A_BATCH
        self.index_lag = timedelta(0)
        self._size = 0
        self.rows: dict[_Key, Json] = {}
        self._tokens: dict[str | None, tuple[datetime | None, Any]] = {}
        self._index: dict[_Key, Json] = {}
        self._on_the_way: list[tuple[datetime, _Key, Json | None]] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        """Rows are replaced and never changed, so a copy may share them."""
        made = Table(copy.deepcopy(self._clock, memo), self.page)
        made.batch = self.batch
        made.index_lag, made.rows, made._index = self.index_lag, dict(self.rows), dict(self._index)
        made._tokens, made._on_the_way = dict(self._tokens), list(self._on_the_way)
        return made

    def forget(self, pk: str) -> None:
        """All rows under that key are gone, by nobody's call."""
        for key in [key for key in self.rows if key[0] == pk]:
            self._write(key, None)

    def answer(self, operation: str, _parameters: Json, body: bytes) -> Json:
        if operation not in _CALLS:
            raise unknown("dynamodb", operation, _CALLS)
        sent = json.loads(body)
        _require(sent.get("TableName", TABLE) == TABLE, *_NO_TABLE)
        self._size = len(body)
        self._expire()
        answer: Json = _CALLS[operation](self, sent)
        return answer

    def _require_size(self, item: Json) -> None:
        small = self._size <= _LARGEST_ITEM or len(json.dumps(item)) <= _LARGEST_ITEM
        _require(small, "Item size has exceeded the maximum allowed size")

    def _get(self, sent: Json) -> Json:
        found = self.rows.get(_key(sent["Key"]))
        return {"Item": found} if found else {}

    def _batch_get(self, sent: Json) -> Json:
        (asked,) = sent["RequestItems"].values()
        _require(sent["RequestItems"].keys() == {TABLE}, *_NO_TABLE)
        keys = list(map(_key, asked["Keys"]))
        _require(1 <= len(keys) <= _MOST_IN_A_BATCH, "Too many items requested for the BatchGetItem call")
        _require(len({*keys}) == len(keys), "Provided list of item keys contains duplicates")
        left_out = asked["Keys"][self.batch :]
        found = [self.rows[key] for key in keys[: self.batch] if key in self.rows]
        more = {"UnprocessedKeys": {TABLE: {**asked, "Keys": left_out}}} if left_out else {"UnprocessedKeys": {}}
        return {"Responses": {TABLE: found[::-1]}, **more}

    def _put(self, sent: Json) -> Json:
        _require_item(sent["Item"])
        self._require_size(sent["Item"])
        _require(self._holds(sent), NOT_MET, "ConditionalCheckFailedException")
        self._write(_key(sent["Item"]), sent["Item"])
        return {}

    def _delete(self, sent: Json) -> Json:
        _require(self._holds({**sent, "Item": sent["Key"]}), NOT_MET, "ConditionalCheckFailedException")
        self._write(_key(sent["Key"]), None)
        return {}

    def _update(self, sent: Json) -> Json:
        asked = sent["UpdateExpression"], sent["ConditionExpression"]
        _known(asked in UPDATES, str(asked))
        used, holds, becomes = UPDATES[asked]
        values, ((placeholder, name),) = sent["ExpressionAttributeValues"], sent["ExpressionAttributeNames"].items()
        _require(values.keys() == used, "Value unused, or not defined, in expressions")
        _require(placeholder == "#until", "Name unused, or not defined, in expressions")
        found: Json = self.rows.get(_key(sent["Key"])) or sent["Key"]
        before = int(found[name]["N"]) if name in found else None
        _require(holds(before, values), NOT_MET, "ConditionalCheckFailedException")
        changed = {name: {"N": str(becomes(before or 0, values))}}
        self._write(_key(sent["Key"]), {**found, **changed})
        return {"Attributes": changed} if sent.get("ReturnValues") == "UPDATED_NEW" else {}

    def _transact(self, sent: Json) -> Json:
        if self._was_done(sent):
            return {}
        puts = [each["Put"] for each in sent["TransactItems"]]
        _require(len(puts) <= _MOST_IN_A_TRANSACTION, "Member must have length less than or equal to 100")
        same = len({_key(put["Item"]) for put in puts}) < len(puts)
        _require(not same, "Transaction request cannot include multiple operations on one item")
        _require(all(put["TableName"] == TABLE for put in puts), *_NO_TABLE)
        reasons = [self._reason(put) for put in puts]
        if any(reasons):
            raise _cancelled(reasons)
        for put in puts:
            self._write(_key(put["Item"]), put["Item"])
        self._tokens[sent.get("ClientRequestToken")] = (self._clock.now, sent["TransactItems"])
        return {}

    def _was_done(self, sent: Json) -> bool:
        """A transaction that comes again under its token was done. botocore gives every call a token of its own, and
        its attempts the same one. Source: DynamoDB API reference, TransactWriteItems, ClientRequestToken, 2026-11.
        """
        at, items = self._tokens.get(sent.get("ClientRequestToken"), (None, None))
        if at is None or self._clock.now - at > _TOKENS_LAST:
            return False
        _require(items == sent["TransactItems"], "the parameters differ", "IdempotentParameterMismatchException")
        return True

    def _query(self, sent: Json) -> Json:
        index = sent.get("IndexName")
        consistent_index = index is not None and sent.get("ConsistentRead")
        _require(not consistent_index, "Consistent reads are not supported on global secondary indexes")
        order = partial(_place, index=index)
        backwards = sent.get("ScanIndexForward", True) is False
        rows = self._indexed() if index else self.rows
        found = sorted(filter(_key_condition(sent), rows.values()), key=order, reverse=backwards)
        if "ExclusiveStartKey" in sent:
            start = order(sent["ExclusiveStartKey"])
            found = [row for row in found if (order(row) < start if backwards else order(row) > start)]
        limit = min(sent.get("Limit", self.page), self.page)
        page = found[:limit]
        if index:
            page = [{name: row[name] for name in _PROJECTED if name in row} for row in page]
        if len(page) < limit:
            return {"Items": page, "Count": len(page)}
        names = ("pk", "sk", "open", "due_at") if index else ("pk", "sk")
        return {"Items": page, "Count": len(page), "LastEvaluatedKey": {name: page[-1][name] for name in names}}

    def _write(self, key: _Key, row: Json | None) -> None:
        _apply(self.rows, key, row)
        indexed = row if row and {"open", "due_at"} <= row.keys() else None
        self._on_the_way.append((self._clock.now + self.index_lag, key, indexed))

    def _indexed(self) -> dict[_Key, Json]:
        arrived = [each for each in self._on_the_way if each[0] <= self._clock.now]
        self._on_the_way = [each for each in self._on_the_way if each[0] > self._clock.now]
        for _, key, row in arrived:
            _apply(self._index, key, row)
        return self._index

    def _expire(self) -> None:
        gone_before = (self._clock.now - _EXPIRED_ROWS_STAY).timestamp()
        for key in [
            key for key, row in self.rows.items() if "expires_at" in row and float(row["expires_at"]["N"]) < gone_before
        ]:
            self._write(key, None)

    def _reason(self, put: Json) -> Json | None:
        try:
            _require_item(put["Item"])
            self._require_size(put["Item"])
        except Refusal as refusal:
            return {"Code": "ValidationError", "Message": refusal.message}
        return None if self._holds(put) else {"Code": "ConditionalCheckFailed", "Message": NOT_MET}

    def _holds(self, put: Json) -> bool:
        values = put.get("ExpressionAttributeValues", {})
        if "ConditionExpression" not in put:
            _require(not values, "ExpressionAttributeValues can only be specified when using expressions")
            return True
        _known(put["ConditionExpression"] in CONDITIONS, put["ConditionExpression"])
        used, holds = CONDITIONS[put["ConditionExpression"]]
        _require(values.keys() == used, "Value unused, or not defined, in expressions")
        names = set(re.findall(r"#\w+", put["ConditionExpression"]))
        _require(put.get("ExpressionAttributeNames", {}).keys() == names, "Name unused, or not defined, in expressions")
        return holds(self.rows.get(_key(put["Item"])), values)


def _apply(rows: dict[_Key, Json], key: _Key, row: Json | None) -> None:
    if row is None:
        rows.pop(key, None)
    else:
        rows[key] = row


def _cancelled(reasons: list[Json | None]) -> Refusal:
    """A transaction that was not carried out, with a reason for each of its items."""
    codes = ", ".join(reason["Code"] if reason else "None" for reason in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    more = {"CancellationReasons": [reason or {"Code": "None"} for reason in reasons]}
    return Refusal(400, "TransactionCanceledException", text, more)


def _require(allowed: bool, text: str, code: str = "ValidationException") -> None:
    if not allowed:
        raise Refusal(400, code, text)


def _known(known: bool, expression: str) -> None:
    if not known:
        raise NotModelled(f"the table does not know the expression {expression!r}")


def _require_item(item: Json) -> None:
    for name in item.keys() & _TEXT_KEYS.keys() | {"pk", "sk"}:
        kind = next(iter(item.get(name, {"nothing": ""})))
        text = f"One or more parameter values were invalid: Type mismatch for {_TEXT_KEYS[name]} {name}"
        _require(kind == "S", f"{text} Expected: S Actual: {kind}")
        _require(bool(item[name]["S"]), f"{text}: an empty string value is not supported")
    _require(len(item["pk"]["S"].encode()) <= 2048 and len(item["sk"]["S"].encode()) <= 1024, "key too long")


def _key(item: Json) -> _Key:
    return item["pk"]["S"], item["sk"]["S"]


def _place(row: Json, *, index: str | None) -> tuple[str, str, str]:
    return (row["due_at"]["S"] if index else row["sk"]["S"], *_key(row))


def _key_condition(sent: Json) -> Callable[[Json], bool]:
    asked = (sent.get("IndexName"), sent["KeyConditionExpression"])
    _known(asked in KEY_CONDITIONS, str(asked))
    names, values, holds = KEY_CONDITIONS[asked]
    given = (sent.get("ExpressionAttributeNames", {}).keys(), sent["ExpressionAttributeValues"].keys())
    _require(given == (names, values), "Value unused, or not defined, in expressions")
    return lambda row: holds(row, sent["ExpressionAttributeValues"])


_CALLS: dict[str, Any] = {
    "GetItem": Table._get,
    "BatchGetItem": Table._batch_get,
    "PutItem": Table._put,
    "DeleteItem": Table._delete,
    "UpdateItem": Table._update,
    "TransactWriteItems": Table._transact,
    "Query": Table._query,
}
