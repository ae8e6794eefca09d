"""Refuses the messages that SNS refuses. The rules are in ``rules.sns``; MiniStack publishes any.

Note: the Query protocol drops a member that is empty, so an empty subject is none here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ministack.services import sns

from local.emulator.patches.patching import replace
from local.emulator.rules.sns import malformed
from local.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
_Publish = Callable[[Mapping[str, Any]], Answer]


def install(settings: Settings) -> None:
    replace(sns, "_publish", ("params",), _publish)


def _publish(original: _Publish) -> _Publish:
    @wraps(original)
    def publish(params: Mapping[str, Any]) -> Answer:
        found = malformed(sns._p(params, "Message"), sns._p(params, "Subject") or None)
        answer: Answer = original(params) if found is None else sns._error("InvalidParameter", found, 400)
        return answer

    return publish
