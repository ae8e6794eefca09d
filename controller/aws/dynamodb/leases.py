"""Leases: work that one controller does at a time, for as long as its lease lasts.

    pk      sk                      contents
    lease   target#FUNCTION:ALIAS   holder, held_until, expires_at
    lease   alarm#NAME              the same

Note: a lease saves calls and is no lock. Every write is still a compare-and-swap, so two holders at once, after a pause
longer than the lease, do no harm.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from controller.aws.dynamodb.items import to_item
from controller.aws.errors import translating
from controller.core.model import Conflict

_IS_FREE = "attribute_not_exists(pk) OR held_until <= :now OR holder = :holder"
_KEPT = timedelta(days=1)


class DynamoDB(Protocol):
    """The botocore DynamoDB client's call used here."""

    def put_item(self, **parameters: object) -> Mapping[str, object]: ...


class Leases:
    """The leases of one controller."""

    def __init__(self, client: DynamoDB, table: str) -> None:
        self._client = client
        self._table = table
        self._holder = uuid.uuid4().hex

    def take(self, name: str, now: datetime, lasts: timedelta) -> bool:
        """Takes a lease, or renews this controller's own; returns False while another controller holds it."""
        until = now + lasts
        row = {
            "pk": "lease",
            "sk": name,
            "holder": self._holder,
            "held_until": _text(until),
            "expires_at": int((until + _KEPT).timestamp()),
        }
        values = {":now": _text(now), ":holder": self._holder}
        try:
            with translating(f"taking the lease {name}"):
                self._client.put_item(
                    TableName=self._table,
                    Item=to_item(row),
                    ConditionExpression=_IS_FREE,
                    ExpressionAttributeValues=to_item(values),
                )
        except Conflict:
            return False
        return True

    def give_back(self, name: str, now: datetime) -> None:
        """Ends this controller's lease now; another one's stays."""
        self.take(name, now, timedelta(0))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
