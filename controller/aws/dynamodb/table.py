"""One DynamoDB table: rows in, rows out. ``store.py`` knows what the rows mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from controller.aws.dynamodb.items import Item, from_item, to_item
from controller.aws.errors import translating
from controller.core.model import Transient

MAX_IN_A_BATCH = 100
"""Source: DynamoDB API reference, BatchGetItem, 2026-11."""
_BATCHES_AGAIN = 4
"""How often the rest of a batch is asked for again: AWS leaves rows out over 16 MB and under throttling."""


class DynamoDB(Protocol):
    """The botocore DynamoDB client's calls used here."""

    def get_item(self, **parameters: object) -> Mapping[str, object]: ...
    def batch_get_item(self, **parameters: object) -> Mapping[str, object]: ...
    def put_item(self, **parameters: object) -> Mapping[str, object]: ...
    def query(self, **parameters: object) -> Mapping[str, object]: ...
    def transact_write_items(self, **parameters: object) -> Mapping[str, object]: ...


class Table:
    """A table by its name; a put is a part of a transaction, too."""

    def __init__(self, client: DynamoDB, table: str) -> None:
        self._client = client
        self._table = table

    def _put(
        self, row: Mapping[str, object], *, absent: bool = False, revision: int | None = None
    ) -> dict[str, dict[str, object]]:
        put: dict[str, object] = {"TableName": self._table, "Item": to_item(row)}
        if absent:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        elif revision is not None:
            put["ConditionExpression"] = "revision = :read"
            put["ExpressionAttributeValues"] = to_item({":read": revision})
        return {"Put": put}

    def _get(self, pk: str, sk: str) -> dict[str, object] | None:
        with translating(f"reading {sk} of {pk}"):
            answer = self._client.get_item(
                TableName=self._table, Key=to_item({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        item = answer.get("Item")
        return from_item(cast("Item", item)) if item else None

    def _batch(self, keys: Sequence[Item]) -> Iterator[dict[str, object]]:
        asked: object = {self._table: {"Keys": keys, "ConsistentRead": True}}
        for _ in range(1 + _BATCHES_AGAIN):
            with translating(f"reading {len(keys)} deployments"):
                answer = self._client.batch_get_item(RequestItems=asked)
            found = cast("Mapping[str, list[Item]]", answer["Responses"])
            yield from map(from_item, found.get(self._table, []))
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return
        raise Transient(f"the table left deployments out {1 + _BATCHES_AGAIN} times; it is throttled, so ask again")

    def _query(self, **parameters: object) -> Iterator[dict[str, object]]:
        start: Mapping[str, object] = {}
        while True:
            with translating("asking the table"):
                answer = self._client.query(TableName=self._table, **{**parameters, **start})
            for item in cast("list[Item]", answer.get("Items", [])):
                yield from_item(item)
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
