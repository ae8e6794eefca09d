"""Reservations of calls to Lambda: one queue for all controllers, so that together they keep to one budget.

    pk       sk       until
    budget   lambda   1795600000000    milliseconds since 1970: calls are reserved up to here

A controller reserves a handful of calls at a time. At 5 calls a second, 5 calls move ``until`` on by a second, and may
be made from where it was. So turns are given in order, with one write, and nobody asks twice.

Note: clocks of controllers differ by milliseconds. A turn minutes from now is the mistake of a clock, and counts as
none, or one wrong write would stop every controller for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from controller.aws.dynamodb.items import to_item
from controller.aws.errors import translating
from controller.core.model import Conflict

_KEY = to_item({"pk": "budget", "sk": "lambda"})
_NOBODY_WAITS = "attribute_not_exists(#until) OR #until < :now OR #until > :mistaken"
_OTHERS_WAIT = "#until BETWEEN :now AND :latest"
_MISTAKEN = timedelta(minutes=5)
"""Nobody waits for a turn as long as this: an invocation is over by then."""
_ATTEMPTS = 3
"""Between two attempts somebody else may reserve the first turn; then this one is behind theirs."""


class DynamoDB(Protocol):
    """The botocore DynamoDB client's call used here."""

    def update_item(self, **parameters: object) -> Mapping[str, Mapping[str, Mapping[str, str]]]: ...


class Reservations:
    """The calls that all controllers of the stack may begin, ``calls_per_second`` together."""

    def __init__(self, client: DynamoDB, table: str, calls_per_second: int) -> None:
        self._client = client
        self._table = table
        self._calls_per_second = calls_per_second
        self._others_wait = False

    def reserve(self, calls: int, now: datetime, within: timedelta) -> timedelta | None:
        """Reserves calls, and returns the wait until they may be made; None if that is longer than ``within``."""
        for _ in range(_ATTEMPTS):
            try:
                return self._behind_others(calls, now, within) if self._others_wait else self._first(calls, now)
            except Conflict:
                self._others_wait = not self._others_wait
        return None

    def _first(self, calls: int, now: datetime) -> timedelta:
        until = _milliseconds(now) + self._lasts(calls)
        self._update(
            "SET #until = :until",
            _NOBODY_WAITS,
            {":until": until, ":now": _milliseconds(now), ":mistaken": _milliseconds(now + _MISTAKEN)},
        )
        return timedelta(0)

    def _behind_others(self, calls: int, now: datetime, within: timedelta) -> timedelta:
        until = self._update(
            "ADD #until :lasts",
            _OTHERS_WAIT,
            {":lasts": self._lasts(calls), ":now": _milliseconds(now), ":latest": _milliseconds(now + within)},
        )
        return timedelta(milliseconds=until - self._lasts(calls) - _milliseconds(now))

    def _update(self, expression: str, condition: str, values: Mapping[str, int]) -> int:
        with translating("reserving calls to Lambda"):
            answer = self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues=to_item(values),
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"]["until"]["N"])

    def _lasts(self, calls: int) -> int:
        return round(1000 * calls / self._calls_per_second)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
