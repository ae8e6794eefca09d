"""The quarantine in DynamoDB: bytes that were rolled back, by target, and those that somebody let go again.

    pk                 sk                  contents
    FUNCTION:ALIAS     quarantine#SHA256   cause, text, by, at, key
    FUNCTION:ALIAS     lifted#AT#SHA256    the same, and lifted_at, who, why, expires_at

Note: a quarantine is lifted in two calls, the trace first. Killed in between, both rows are there, and lifting once
more writes the same trace and deletes the quarantine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol, cast

from controller.aws.dynamodb.items import Item, from_item, to_item
from controller.aws.errors import translating
from controller.core.lifecycle.quarantine import Lifted, Quarantined
from controller.core.model import Cause, Conflict, Deployment, Reason, Target, cause_of

_HELD, _LIFTED = "quarantine#", "lifted#"
_KEEP_LIFTED = timedelta(days=400)


class DynamoDB(Protocol):
    """The botocore DynamoDB client's calls used here."""

    def get_item(self, **parameters: object) -> Mapping[str, object]: ...
    def put_item(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_item(self, **parameters: object) -> Mapping[str, object]: ...
    def query(self, **parameters: object) -> Mapping[str, object]: ...


class Quarantines:
    """The bytes that are refused."""

    def __init__(self, client: DynamoDB, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, deployment: Deployment, sha256: str, reason: Reason, now: datetime) -> None:
        """Remembers rolled-back bytes. The first reason stays, so repeating changes nothing."""
        row = {
            **_key(deployment.target, sha256),
            "cause": reason.cause.value,
            "text": reason.text,
            "by": str(deployment),
            "at": now.isoformat(),
            "key": deployment.artifact.key,
        }
        try:
            with translating(f"quarantining the bytes of {deployment}"):
                self._client.put_item(
                    TableName=self._table, Item=to_item(row), ConditionExpression="attribute_not_exists(pk)"
                )
        except Conflict:
            return

    def problem(self, target: Target, sha256: str) -> Reason | None:
        """Returns why bytes are refused, None for bytes without quarantine."""
        row = self._row(target, sha256)
        if row is None:
            return None
        text = (
            f"these bytes are quarantined: {row['by']} was rolled back because {row['text']};"
            " to deploy them all the same, send deploy with lift_quarantine"
        )
        return Reason(Cause.QUARANTINED, text)

    def held(self, target: Target) -> tuple[Quarantined, ...]:
        """Returns the target's quarantined bytes, the newest first."""
        return self._all(target, _HELD)

    def lifted(self, target: Target) -> tuple[Quarantined, ...]:
        """Returns the target's bytes whose quarantine was lifted in the last 400 days, the newest quarantine first."""
        return self._all(target, _LIFTED)

    def lift(self, target: Target, sha256: str, lifted: Lifted) -> None:
        """Allows bytes to be deployed again, and remembers who did. Bytes without quarantine are no error.

        Raises Conflict if the bytes were quarantined anew meanwhile.
        """
        row = self._row(target, sha256)
        if row is None:
            return
        trace = {
            **row,
            "sk": f"{_LIFTED}{row['at']}#{sha256}",
            "lifted_at": lifted.at.isoformat(),
            "who": lifted.who,
            "why": lifted.why,
            "expires_at": int((lifted.at + _KEEP_LIFTED).timestamp()),
        }
        with translating(f"lifting a quarantine of {target}"):
            self._client.put_item(TableName=self._table, Item=to_item(trace))
            self._client.delete_item(
                TableName=self._table,
                Key=to_item(_key(target, sha256)),
                ConditionExpression="#at = :read",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues=to_item({":read": row["at"]}),
            )

    def _row(self, target: Target, sha256: str) -> dict[str, object] | None:
        with translating(f"reading the quarantine of {target}"):
            answer = self._client.get_item(
                TableName=self._table, Key=to_item(_key(target, sha256)), ConsistentRead=True
            )
        item = answer.get("Item")
        return from_item(cast("Item", item)) if item else None

    def _all(self, target: Target, prefix: str) -> tuple[Quarantined, ...]:
        found = (_read(row) for row in self._rows(target, prefix))
        return tuple(sorted(found, key=lambda each: each.at, reverse=True))

    def _rows(self, target: Target, prefix: str) -> Iterator[dict[str, object]]:
        start: Mapping[str, object] = {}
        while True:
            with translating(f"reading the quarantine of {target}"):
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                    ExpressionAttributeValues=to_item({":pk": str(target), ":sk": prefix}),
                    ConsistentRead=True,
                    **start,
                )
            yield from (from_item(item) for item in cast("list[Item]", answer.get("Items", [])))
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _key(target: Target, sha256: str) -> dict[str, object]:
    return {"pk": str(target), "sk": f"{_HELD}{sha256}"}


def _read(row: Mapping[str, object]) -> Quarantined:
    at, lifted_at = datetime.fromisoformat(str(row["at"])), row.get("lifted_at")
    return Quarantined(
        sha256=str(row["sk"]).rpartition("#")[2],
        by=str(row["by"]),
        at=at,
        reason=Reason(cause_of(str(row["cause"])), str(row["text"])),
        key=str(row.get("key", "")),
        lifted=Lifted(datetime.fromisoformat(str(lifted_at)), str(row["who"]), str(row["why"])) if lifted_at else None,
    )
