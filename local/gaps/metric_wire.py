"""Reads requests to CloudWatch and writes answers in its wire protocols: JSON (boto3's), CBOR and Query.

Inside, a request is one nested dict in AWS's spelling and an answer is another one whose times are
``Timestamp``.

What a newcomer would get wrong: each protocol has its own form of a time. CBOR wants tag 1, JSON a number,
XML a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]


class Timestamp(float):
    """Seconds since 1970 that are a time to AWS, not a number."""


def nested(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the nested form of a Query request: ``{"Dimensions.member.1.Name": "a"}`` is ``{"Dimensions":
    [{"Name": "a"}]}``.

    All values stay text. A value may come as a list of one, as form parsers give it.
    """
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        *path, last = name.split(".")
        place = tree
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value[0] if isinstance(value, list) else value
    return {name: _with_lists(value) for name, value in tree.items()}


def request(parameters: Mapping[str, Any], body: Mapping[str, Any], is_cbor: bool, is_json: bool) -> Mapping[str, Any]:
    """Returns the request as a nested dict, whatever protocol it came by."""
    return body if is_cbor or is_json else nested(parameters)


def answer(operation: str, result: Mapping[str, Any], is_cbor: bool, is_json: bool) -> Answer:
    """Returns the answer of an operation in the protocol of its request."""
    from ministack.services import cloudwatch

    if is_cbor:
        tagged = _rendered(result, cloudwatch._cbor_timestamp)
        return cast(Answer, cloudwatch._cbor_ok(tagged))
    if is_json:
        return (
            200,
            {"Content-Type": "application/x-amz-json-1.0"},
            json.dumps(_rendered(result, float)).encode(),
        )
    content = xml(_rendered(result, _iso))
    wrapped = f"<{operation}Result>{content}</{operation}Result>"
    return cast(Answer, cloudwatch._xml(200, f"{operation}Response", wrapped))


def refusal(code: str, message: str, is_cbor: bool, is_json: bool, status: int = 400) -> Answer:
    """Returns an error in the protocol of its request."""
    from ministack.services import cloudwatch

    return cast(Answer, cloudwatch._error(code, message, status, use_json=is_json, use_cbor=is_cbor))


def xml(value: Any) -> str:
    """Returns the Query protocol's XML of a nested value; absent members (None) are left out."""
    if isinstance(value, Mapping):
        return "".join(_element(name, inner) for name, inner in value.items() if inner is not None)
    if isinstance(value, list | tuple):
        return "".join(f"<member>{xml(inner)}</member>" for inner in value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


_MAPS = ("ExtendedStatistics",)
"""Members that are maps, not structures: the Query protocol writes those as entries of a key and a value."""


def _element(name: str, value: Any) -> str:
    if name not in _MAPS:
        return f"<{name}>{xml(value)}</{name}>"
    entries = (f"<entry><key>{escape(key)}</key><value>{xml(inner)}</value></entry>" for key, inner in value.items())
    return f"<{name}>{''.join(entries)}</{name}>"


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"} and isinstance(value["member"], dict):
        numbered = sorted(value["member"].items(), key=lambda item: int(item[0]))
        return [_with_lists(inner) for _, inner in numbered]
    return {name: _with_lists(inner) for name, inner in value.items()}


def _rendered(value: Any, time: Callable[[Timestamp], Any]) -> Any:
    if isinstance(value, Timestamp):
        return time(value)
    if isinstance(value, Mapping):
        return {name: _rendered(inner, time) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_rendered(inner, time) for inner in value]
    return value


def _iso(time: Timestamp) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
