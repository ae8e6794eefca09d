"""What CloudTrail tells EventBridge of calls about aliases, in AWS's own shape, once the account has a trail.

    event = changes(story, "UpdateAlias", FunctionVersion="1")     # alice moves the alias; returns the event

Sources: EventBridge user guide, AWS service events delivered via AWS CloudTrail; CloudTrail user guide, record contents
and userIdentity element; Lambda developer guide, logging API calls with CloudTrail (names, ``requestParameters``),
2026-11.

Note: the controller's own writes are such calls, too. The rule of template.yaml leaves them out by the role.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Json
from tests.cloud.steps import is_theirs
from tests.cloud.story import Story
from tests.cloud.wire import ACCOUNT, REGION

ALICE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"
CONTROLLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/slipway-ControllerRole-1A2B3C/slipway-controller"
_API = "20150331"
"""The date behind the names of these calls."""


def changes(story: Story, action: str, *, who: str = ALICE, **parameters: Any) -> Json:
    """Somebody else changes the alias of checkout, under Lambda's rules; returns the event, which nobody has heard."""
    asked = {"FunctionName": CHECKOUT.function, "Name": CHECKOUT.alias, **parameters}
    story.cloud.lambda_.answer(action, asked, b"")
    if story.routing:
        is_theirs(story)
    return event(action, asked, who, story.cloud.clock.now)


def of_call(call: Call) -> Json:
    """Returns the event of a call that the controller made."""
    return event(call.operation, call.parameters, CONTROLLER, call.at, call.error)


def event(action: str, asked: Json, who: str, at: datetime, error: str = "") -> Json:
    """Returns the event of one call; ``error`` is the code of one that Lambda refused."""
    when = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    role = who.split("/")[1]
    issuer = {
        "type": "Role", "principalId": "AROAEXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "accountId": ACCOUNT, "userName": role,
    }  # fmt: skip
    refused = {"errorCode": error, "errorMessage": f"refused: {error}"} if error else {}
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{who.rpartition('/')[2]}", "arn": who,
            "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {
                "sessionIssuer": issuer, "attributes": {"creationDate": when, "mfaAuthenticated": "false"},
            },
        },
        "eventTime": when, "eventSource": "lambda.amazonaws.com", "eventName": f"{action}{_API}",
        "awsRegion": REGION, "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31.0", **refused,
        "requestParameters": {f"{name[0].lower()}{name[1:]}": value for name, value in asked.items()},
        "responseElements": None,
        "requestID": "a2198ecc-cda1-11e4-aaa2-e356da31e4ff", "eventID": "20b84ce5-730f-482e-b2b2-e8fcc87ceb22",
        "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }  # fmt: skip
    return {
        "version": "0", "id": "36eb8523-97d0-4518-b33d-ee3579ff19f0", "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.lambda", "account": ACCOUNT, "time": when, "region": REGION, "resources": [], "detail": detail,
    }  # fmt: skip
