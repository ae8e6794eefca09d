"""What CloudTrail tells EventBridge of calls about aliases, once the account has a trail.

    event = changes(story, "UpdateAlias", FunctionVersion="1")     # alice moves the alias; returns the event

Note: the controller's own writes are such calls, too. The rule of template.yaml leaves them out by the role.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.emulator.rules import cloudtrail
from tests.builders import CHECKOUT
from tests.cloud.faults import Call, Json
from tests.cloud.steps import is_theirs
from tests.cloud.story import Story
from tests.cloud.wire import ACCOUNT, REGION

ALICE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"
CONTROLLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/slipway-ControllerRole-1A2B3C/slipway-controller"


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
    detail = cloudtrail.record(cloudtrail.Call(action, asked, who, at, REGION, error))
    return {
        "version": "0", "id": detail["eventID"], "detail-type": cloudtrail.DETAIL_TYPE, "source": "aws.lambda",
        "account": ACCOUNT, "time": detail["eventTime"], "region": REGION, "resources": [], "detail": detail,
    }  # fmt: skip
