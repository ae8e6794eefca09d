"""Converts JSON-like values to DynamoDB items and back. Whole numbers only: a record has no fractions.

    {"pk": "checkout:live", "step": 1}  <->  {"pk": {"S": "checkout:live"}, "step": {"N": "1"}}

boto3 has such a converter, but a cold start that loads boto3 beside botocore takes a tenth longer.
Source: DynamoDB API reference, AttributeValue, 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Mapping[str, object]]


def to_item(row: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """Returns the item of a JSON-like object, without keys whose value is None."""
    return {name: _typed(value) for name, value in row.items() if value is not None}


def from_item(item: Item) -> dict[str, object]:
    return {name: _untyped(value) for name, value in item.items()}


def _typed(value: object) -> dict[str, object]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list() | tuple():
            return {"L": [_typed(each) for each in value]}
        case Mapping():
            return {"M": {name: _typed(each) for name, each in value.items()}}
    raise TypeError(f"a {type(value).__name__} has no place in a record: {value!r}")


def _untyped(value: Mapping[str, Any]) -> object:
    ((kind, content),) = value.items()
    match kind:
        case "NULL":
            return None
        case "N":
            number = Decimal(content)
            return int(number) if number == number.to_integral_value() else number
        case "L":
            return [_untyped(each) for each in content]
        case "M":
            return {name: _untyped(each) for name, each in content.items()}
    return content
