"""Decides which entries of PutEvents EventBridge takes. Pure.

Source: botocore's service model, PutEventsResultEntry, ErrorCode, 1.43.106; the texts are not recorded anywhere.

Note: an entry that is not taken is a successful call. The others are taken, and the answer has an error in that one's
place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_REQUIRED = ("Source", "DetailType", "Detail")


def untaken(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """Returns what the answer has in the place of an entry that is not taken, None for one that is."""
    lacking = [name for name in _REQUIRED if not entry.get(name)]
    if lacking:
        text = f"Parameter {lacking[0]} is not valid. Reason: {lacking[0]} is a required argument."
        return _error("InvalidArgument", text)
    if entry["Source"].startswith("aws."):
        return _error("NotAuthorizedForSourceException", "Not authorized for the source.")
    return None if _is_object(entry["Detail"]) else _error("MalformedDetail", "Detail is malformed.")


def _is_object(detail: str) -> bool:
    try:
        return isinstance(json.loads(detail), dict)
    except ValueError:
        return False


def _error(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
