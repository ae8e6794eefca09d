"""Tells EventBridge of calls that make, move or delete an alias, as CloudTrail does if a trail of the account logs.

MiniStack records calls only for LookupEvents, and not with their parameters. The record is of ``rules.cloudtrail``.

Note: AWS tells minutes later, here the event comes at once. CloudFormation's calls are left out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from ministack.core.iam_evaluator import caller_arn
from ministack.core.responses import get_region
from ministack.services import cloudtrail, eventbridge, lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.cloudtrail import DETAIL_TYPE, Call, record
from local.emulator.rules.lambda_.answers import Answer, refused
from local.emulator.runtime import invocation
from local.settings import Settings


def install(_settings: Settings) -> None:
    replace(lambda_svc, "_create_alias", ("func_name", "data"), _told("CreateAlias"))
    replace(lambda_svc, "_update_alias", ("func_name", "alias_name", "data"), _told("UpdateAlias"))
    replace(lambda_svc, "_delete_alias", ("func_name", "alias_name"), _told("DeleteAlias"))


def _told(action: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    def make(original: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(original)
        def call(func_name: str, *rest: Any) -> Answer:
            answer = original(func_name, *rest)
            if invocation.through_the_api() and _a_trail_logs():
                _tell(action, _parameters(func_name, *rest), answer)
            return answer

        return call

    return make


def _a_trail_logs() -> bool:
    return any(trail.get("IsLogging") for _, _, trail in cloudtrail._visible_trail_items())


def _parameters(func_name: str, *rest: str | Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters of a call: the alias's name is a part of the path, or a member of the body."""
    found: dict[str, Any] = {"FunctionName": func_name}
    for part in rest:
        found |= {"Name": part} if isinstance(part, str) else part
    return found


def _tell(action: str, parameters: Mapping[str, Any], answer: Answer) -> None:
    error = json.loads(answer[2]).get("__type", "ServiceException") if refused(answer) else ""
    call = Call(action, parameters, caller_arn(), datetime.now(UTC), get_region(), error)
    detail = {**record(call), "eventID": str(uuid.uuid4())}
    entry = {"Source": "aws.lambda", "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
