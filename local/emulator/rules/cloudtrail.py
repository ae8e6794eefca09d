"""What CloudTrail records of a call, and tells EventBridge if a trail of the account logs management events.

Sources: CloudTrail user guide, record contents and userIdentity element; EventBridge user guide, AWS service events
delivered via AWS CloudTrail; Lambda developer guide, logging API calls with CloudTrail (an event's name has the API's
date), 2026-11.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DETAIL_TYPE = "AWS API Call via CloudTrail"
_LAMBDA_API = "20150331"


@dataclass(frozen=True, slots=True)
class Call:
    """A call to Lambda about an alias. ``caller`` is an ARN, ``error`` the code of a refused call, else empty."""

    action: str
    parameters: Mapping[str, Any]
    caller: str
    at: datetime
    region: str
    error: str = ""


def record(call: Call) -> dict[str, Any]:
    """Returns CloudTrail's record of the call: the ``detail`` of the event."""
    account = call.caller.split(":")[4]
    refused = {"errorCode": call.error, "errorMessage": f"refused: {call.error}"} if call.error else {}
    return {
        "eventVersion": "1.11",
        "userIdentity": _identity(call, account),
        "eventTime": _written(call.at),
        "eventSource": "lambda.amazonaws.com",
        "eventName": f"{call.action}{_LAMBDA_API}",
        "awsRegion": call.region,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0",
        **refused,
        "requestParameters": _in_camel_case(call.parameters),
        "responseElements": None,
        "requestID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"request of {call}")),
        "eventID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"event of {call}")),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def _identity(call: Call, account: str) -> dict[str, Any]:
    resource = call.caller.split(":", 5)[5]
    kind, _, name = resource.partition("/")
    found = {"arn": call.caller, "accountId": account, "accessKeyId": "ASIAEXAMPLE"}
    if kind == "root":
        return {"type": "Root", "principalId": account, **found}
    if kind != "assumed-role":
        return {"type": "IAMUser", "principalId": "AIDAEXAMPLE", **found, "userName": name.rpartition("/")[2]}
    role, _, session = name.partition("/")
    issuer = {
        "type": "Role",
        "principalId": "AROAEXAMPLE",
        "arn": f"arn:aws:iam::{account}:role/{role}",
        "accountId": account,
        "userName": role,
    }
    attributes = {"creationDate": _written(call.at), "mfaAuthenticated": "false"}
    context = {"sessionIssuer": issuer, "attributes": attributes}
    return {"type": "AssumedRole", "principalId": f"AROAEXAMPLE:{session}", **found, "sessionContext": context}


def _in_camel_case(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members as CloudTrail spells them: ``functionName``, ``routingConfig``."""
    return {
        f"{name[0].lower()}{name[1:]}": _in_camel_case(value) if isinstance(value, Mapping) else value
        for name, value in parameters.items()
    }


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
