"""Gives ranged reads of object versions the range that was asked for, as S3 does.

MiniStack looks at Range only where no version is named: with one it sends the whole object. And it answers a
range of an empty object with 206 and nothing. Source: S3 API reference GetObject and Error responses, 2026-11:
Range and versionId go together, and a range that no byte satisfies is InvalidRange, 416.

Note: S3 sends no checksum of the whole object with a part of it; boto3 would refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import s3

from local.emulator.patches.patching import replace
from local.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
_REFUSAL = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidRange</Code>'
    b"<Message>The requested range is not satisfiable</Message></Error>"
)


def install(settings: Settings) -> None:
    parameters = ("bucket_name", "key", "headers", "query_params")
    replace(s3, "_get_object", parameters, _with_range)


def _with_range(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def get_object(bucket_name: str, key: str, headers: Mapping[str, str], query_params: Any = None) -> Answer:
        answer = original(bucket_name, key, headers, query_params)
        return ranged(headers.get("range", ""), answer)

    return get_object


def ranged(asked: str, answer: Answer) -> Answer:
    """Returns the part of a whole object that was asked for; every other answer as it is."""
    status, headers, body = answer
    if not asked or status not in (200, 206):
        return answer
    if not body:
        return 416, {"Content-Type": "application/xml", "Content-Range": "bytes */0"}, _REFUSAL
    if status == 206:
        return answer
    span = s3._parse_range(asked, len(body))
    if span is None:
        return 416, {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}, _REFUSAL
    first, last = span
    part = body[first : last + 1]
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum-")}
    described = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
    return 206, {**kept, **described}, part
