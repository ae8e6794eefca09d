"""Converts JSON-like values to DynamoDB items and back. Whole numbers only: a record has no fractions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

Item = Mapping[str, Mapping[str, object]]
_SERIALIZER = TypeSerializer()
_DESERIALIZER = TypeDeserializer()


def to_item(row: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """Returns the item of a JSON-like object, without keys whose value is None."""
    return {name: _SERIALIZER.serialize(value) for name, value in row.items() if value is not None}


def from_item(item: Item) -> dict[str, object]:
    return {name: _whole(_DESERIALIZER.deserialize(value)) for name, value in item.items()}


def _whole(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case dict():
            return {name: _whole(each) for name, each in value.items()}
        case list():
            return [_whole(each) for each in value]
    return value
