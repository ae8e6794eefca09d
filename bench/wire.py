"""AWS in memory, where boto3's own clients hand over the finished request: one alias, the table, alarms that are OK.

The clients are real. They build, sign and would send; ``before-send`` is botocore's last event before the network, so
what is counted here is what AWS would be asked, retries included. Source: botocore.endpoint, 1.43.106.

What a newcomer would get wrong: at the write of the alias the wire ends the invocation with ``AliasIsBack``, as a crash
of the process would. What a rollback does after that is not what is counted.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name
from botocore.awsrequest import AWSResponse

from bench.environment import ENVIRONMENT
from controller.aws.dynamodb.items import to_item
from controller.aws.dynamodb.rows import Row

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

Json = dict[str, Any]
_ALIAS = re.compile(r"/functions/(?P<FunctionName>[^/]+)/aliases/(?P<Name>[^/?]+)")
_KEYS = ("pk", "sk")
_INDEX_KEYS = ("open", "due_at", *_KEYS)
_PAGE = 1024 * 1024
"""Bytes in a page of a Query. Source: DynamoDB developer guide, paginating query results, 2026-11."""
_NAMES_PER_CALL = 100
"""Source: CloudWatch API reference, DescribeAlarms, 2026-11."""


class AliasIsBack(BaseException):
    """The alias is written: nothing after this line of the controller happens."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: "lambda", "GetAlias", and the parameters that were given to the client."""

    service: str
    operation: str
    parameters: Json

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"

    @property
    def is_read(self) -> bool:
        """Does the call change nothing?"""
        return self.operation.startswith(("Get", "List", "Query", "Describe", "BatchGet", "Scan"))


class Raw(io.BytesIO):
    """What urllib3 gives botocore: a body that can be streamed."""

    def stream(self) -> list[bytes]:
        return [self.read()]


class Wire:
    """Answers what an alarm or a tick asks; every other request is an error, and loud."""

    def __init__(self, rows: Iterable[Row] = (), alias: Mapping[str, Any] | None = None) -> None:
        self.items = {(row["pk"], row["sk"]): to_item(row) for row in rows}
        self.alias = alias
        self.calls: list[Call] = []
        self.alias_back_at = 0
        """When the write of the alias arrived, in nanoseconds of ``time.perf_counter_ns``."""

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Makes every client that boto3 makes inside the block one of this wire, for as long as the client lives."""
        outer = boto3.DEFAULT_SESSION
        boto3.setup_default_session(
            region_name=ENVIRONMENT["AWS_DEFAULT_REGION"],
            aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        )
        boto3.DEFAULT_SESSION.events.register_first("before-send", self._answer)
        try:
            yield
        finally:
            boto3.DEFAULT_SESSION = outer

    def pages(self, items: Iterable[Json]) -> Iterator[list[Json]]:
        """Yields items by the page, as a Query would return them."""
        page, size = [], 0
        for item in items:
            page.append(item)
            size += sum(len(name) + _size(value) for name, value in item.items())
            if size >= _PAGE:
                yield page
                page, size = [], 0
        yield page

    def open_items(self) -> list[Json]:
        """Returns what the sparse index holds, by when it is due."""
        found = (item for item in self.items.values() if "open" in item)
        return sorted(found, key=lambda item: str(item["due_at"]["S"]))

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        arrived = time.perf_counter_ns()
        _before_send, service, operation = event_name.split(".")
        named = _ALIAS.search(request.url)
        parameters = {**(named.groupdict() if named else {}), **json.loads(request.body or "{}")}
        self.calls.append(Call(service, operation, parameters))
        if operation == "UpdateAlias":
            self.alias_back_at = arrived
            raise AliasIsBack
        status, answer = getattr(self, f"_{xform_name(operation)}")(parameters)
        return AWSResponse(request.url, status, {}, Raw(json.dumps(answer).encode()))

    def _get_alias(self, parameters: Json) -> tuple[int, object]:
        found = self.alias is not None and self.alias["Name"] == parameters["Name"]
        return (200, self.alias) if found else (404, {"__type": "ResourceNotFoundException"})

    def _get_item(self, parameters: Json) -> tuple[int, object]:
        item = self.items.get((parameters["Key"]["pk"]["S"], parameters["Key"]["sk"]["S"]))
        return 200, {"Item": item} if item else {}

    def _put_item(self, parameters: Json) -> tuple[int, object]:
        item = parameters["Item"]
        key = item["pk"]["S"], item["sk"]["S"]
        read = parameters["ExpressionAttributeValues"][":read"]
        if parameters["ConditionExpression"] != "revision = :read" or self.items[key]["revision"] != read:
            return 400, {"__type": "ConditionalCheckFailedException"}
        self.items[key] = item
        return 200, {}

    def _query(self, parameters: Json) -> tuple[int, object]:
        values = parameters["ExpressionAttributeValues"]
        if parameters.get("IndexName") == "open":
            found = self.open_items()
        else:
            found = [item for (pk, _sk), item in self.items.items() if pk == values[":pk"]["S"]]
        start = parameters.get("ExclusiveStartKey")
        if start:
            found = found[1 + next(at for at, item in enumerate(found) if start.items() <= item.items()) :]
        page = next(self.pages(found))
        keys = _INDEX_KEYS if parameters.get("IndexName") else _KEYS
        more = {"LastEvaluatedKey": {name: page[-1][name] for name in keys}} if len(page) < len(found) else {}
        return 200, {"Items": page, "Count": len(page), **more}

    def _describe_alarms(self, parameters: Json) -> tuple[int, object]:
        names = parameters["AlarmNames"]
        if len(names) > _NAMES_PER_CALL:
            return 400, {"__type": "ValidationError"}
        return 200, {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"} for name in names]}


def _size(value: Mapping[str, Any]) -> int:
    """Returns the bytes of an attribute's value. Source: DynamoDB developer guide, item sizes and formats, 2026-11."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 1
        case "L":
            return 3 + sum(1 + _size(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name) + _size(each) for name, each in content.items())
    return 1
