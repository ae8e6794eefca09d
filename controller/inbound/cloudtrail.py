"""Reads CloudTrail's record of a call about an alias.

    {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateAlias20150331", "eventTime": "2026-11-23T10:20:48Z",
     "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/alice"},
     "requestParameters": {"functionName": "checkout", "name": "live", "functionVersion": "3"}}

``functionName`` is what the caller wrote: a name, or an ARN. A refused call has ``errorCode``. Sources: Lambda
developer guide, logging API calls with CloudTrail (event names carry the API's date), and CloudTrail user guide, record
contents, 2026-11.
"""

from __future__ import annotations

import re
from datetime import datetime

from controller.core.model import ALIAS_NAME, FUNCTION_NAME, Target
from controller.core.model.events import AliasChanged, Ignored
from controller.core.model.person import one_line
from controller.inbound.payload import moment, shown, text

_ACTION = re.compile(r"(?P<action>(?:Create|Update|Delete)Alias)(?:[0-9]{8}(?:v[0-9]+)?)?")
_MAX_WHO = 200


def alias_changed(record: object, now: datetime) -> AliasChanged | Ignored:
    """Returns the change of an alias, Ignored for any other call and for one that Lambda refused."""
    name, error = text(record, "eventName"), text(record, "errorCode")
    found = _ACTION.fullmatch(name)
    if text(record, "eventSource") != "lambda.amazonaws.com" or found is None:
        return Ignored(f"not a change of an alias: {shown(name)}")
    if error:
        return Ignored(f"Lambda refused this {found['action']}: {shown(error)}")
    function = _function(text(record, "requestParameters", "functionName"))
    alias = text(record, "requestParameters", "name")
    if not (FUNCTION_NAME.fullmatch(function) and ALIAS_NAME.fullmatch(alias)):
        return Ignored(f"an {found['action']} of what is no alias: {shown(f'{function}:{alias}')}")
    return AliasChanged(
        Target(function, alias),
        found["action"],
        moment(text(record, "eventTime"), now),
        one_line(_who(record))[:_MAX_WHO],
        text(record, "requestParameters", "functionVersion") or None,
    )


def _function(named: str) -> str:
    """Returns the name in "checkout", "123456789012:function:checkout", or the ARN."""
    return named.rpartition("function:")[2].partition(":")[0]


def _who(record: object) -> str:
    """Returns the caller's ARN, and for callers without one the service or the account."""
    members = ("arn", "invokedBy", "principalId", "accountId")
    return next((found for each in members if (found := text(record, "userIdentity", each))), "")
