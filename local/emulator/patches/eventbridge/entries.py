"""Takes the entries of PutEvents that EventBridge takes, and says of each other one why it is not taken.

MiniStack takes an entry whose detail is no JSON, and an entry without a source.
The rules are in ``rules.eventbridge.entries``.

Note: events of AWS's own services come the same way. MiniStack lets them pass by a parameter, and so does this.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import eventbridge

from local.emulator.patches.patching import replace
from local.emulator.rules.eventbridge.entries import untaken
from local.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
_Put = Callable[..., Answer]


def install(settings: Settings) -> None:
    replace(eventbridge, "_put_events", ("data", "allow_aws_source"), _put)


def _put(original: _Put) -> _Put:
    @wraps(original)
    def put(data: Mapping[str, Any], allow_aws_source: bool = False) -> Answer:
        entries = data.get("Entries", [])
        errors = [None if allow_aws_source else untaken(entry) for entry in entries]
        if not any(errors):
            return original(data, allow_aws_source)
        taken = [entry for entry, error in zip(entries, errors, strict=True) if error is None]
        status, headers, body = original({**data, "Entries": taken}, allow_aws_source)
        if status != 200:
            return status, headers, body
        results = iter(json.loads(body)["Entries"])
        whole = [error or next(results) for error in errors]
        failed = sum("ErrorCode" in each for each in whole)
        return status, headers, json.dumps({"FailedEntryCount": failed, "Entries": whole}).encode()

    return put
