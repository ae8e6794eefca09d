"""Gives S3's events on EventBridge their ``version-id``, and makes direct notifications asynchronous.

MiniStack knows the version in the direct notification and leaves it out of the EventBridge event; it writes
that event's time with milliseconds, which AWS does not; and it runs a notified function without its alias.
Source: S3 user guide "EventBridge event message structure", 2023-06: ``version-id`` is there for objects of
versioned buckets only.

Note: the key is plain in the EventBridge event and form-encoded in the direct notification.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, s3

from local.emulator.patches.lambda_invocations.asynchronous import invoke_asynchronously
from local.emulator.patches.patching import replace
from local.settings import Settings

_FIRE = (
    "bucket_name",
    "key",
    "event_name",
    "size",
    "etag",
    "deletion_type",
    "restore_event_data",
    "version_id",
    "sequencer",
    "object_extra",
    "record_extra",
)
_logger = logging.getLogger(__name__)
_version_id: ContextVar[str | None] = ContextVar("version of the object whose event is being sent", default=None)


def install(settings: Settings) -> None:
    replace(s3, "_fire_s3_event", _FIRE, _with_version_at_hand)
    replace(eventbridge, "_dispatch_event", ("event", "view"), _with_version_in_event)
    replace(s3, "_deliver_event_to_lambda", ("arn", "event_payload", "bucket_region"), lambda _: _to_lambda)


def _with_version_at_hand(original: Callable[..., None]) -> Callable[..., None]:
    def fire(*arguments: Any, version_id: str | None = None, **named: Any) -> None:
        token = _version_id.set(version_id)
        try:
            original(*arguments, version_id=version_id, **named)
        finally:
            _version_id.reset(token)

    return fire


def _with_version_in_event(original: Callable[..., None]) -> Callable[..., None]:
    def dispatch(event: dict[str, Any], view: Any = None) -> None:
        if event.get("Source") == "aws.s3" and view is None:
            event = completed(event, _version_id.get())
        original(event, view)

    return dispatch


def completed(event: dict[str, Any], version_id: str | None) -> dict[str, Any]:
    """Returns MiniStack's record of an S3 event with the object's version and its time in whole seconds."""
    detail = json.loads(event["Detail"])
    if version_id and version_id != "null":
        detail["object"]["version-id"] = version_id
    return {**event, "Detail": json.dumps(detail), "Time": _in_whole_seconds(event["Time"])}


def _in_whole_seconds(time: Any) -> Any:
    return f"{time.partition('.')[0].removesuffix('Z')}Z" if isinstance(time, str) else time


def _to_lambda(arn: str, event_payload: dict[str, Any], bucket_region: str) -> None:
    try:
        invoke_asynchronously(arn, event_payload)
    except LookupError as absent:
        _logger.warning("a notification of S3 was not delivered: %s", absent)
