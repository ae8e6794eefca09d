"""DynamoDB's items in what a client says and hears: botocore checks their types and passes them on as they are.

So what botocore makes of a call with one item it makes of the same call with another, and ``remembered`` need not see
each of them: a record changes with every save.
"""

from __future__ import annotations

from typing import Any

from tests.cloud.faults import Json

_ONE = ("Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey", "LastEvaluatedKey")
_LEFT_OUT = b"an item"
_PLAIN = {"S": str, "N": str, "BOOL": bool, "NULL": bool}


def without_items(said: Json) -> Json:
    """Returns the parameters, or the answer, with a word in the place of each item that botocore lets pass."""
    return {name: _without(name, value) for name, value in said.items()}


def items_in(answer: Json) -> tuple[str, ...]:
    """Returns the members of an answer that are such items, or lists of them."""
    return tuple(name for name, value in answer.items() if _without(name, value) is _LEFT_OUT)


def _without(name: str, value: Any) -> Any:
    if name in _ONE:
        return _LEFT_OUT if _is_item(value) else value
    if name == "Items":
        return _LEFT_OUT if all(map(_is_item, value)) else value
    if name == "TransactItems":
        return [{kind: without_items(each) for kind, each in one.items()} for one in value]
    return value


def _is_item(value: Any) -> bool:
    return type(value) is dict and all(type(name) is str for name in value) and all(map(_passes, value.values()))


def _passes(value: Any) -> bool:
    """Is it an attribute value as botocore takes it? Not all that it takes: no bytes and no sets."""
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, held),) = value.items()
    if kind == "M":
        return _is_item(held)
    if kind == "L":
        return type(held) is list and all(map(_passes, held))
    return type(held) is _PLAIN.get(kind)
