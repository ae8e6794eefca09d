"""Changes the state of a stored alarm and tells everybody: EventBridge, actions, composites.

Rules of the file:
- a state is written under ``writing``, so an evaluation and a request never mix; the telling happens outside
  of it, because a target may call CloudWatch back;
- every change of the value is one event on the default bus, whether evaluated or set by hand, with or without
  actions.

Note: MiniStack tells SNS topics and composites by itself once asked (``_dispatch_alarm_actions``,
``_evaluate_parent_alarms``). The event and the Lambda actions are ours.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, eventbridge

from local.emulator.patches.lambda_invocations.asynchronous import invoke_asynchronously
from local.emulator.rules.cloudwatch.alarm_events import DETAIL_TYPE, SOURCE, AlarmState, action_payload, event_detail

writing = threading.RLock()

_logger = logging.getLogger(__name__)
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


def state_of(alarm: dict[str, Any]) -> AlarmState:
    """Returns the state that is stored in the alarm."""
    return AlarmState(
        alarm["StateValue"],
        alarm.get("StateReason") or "",
        alarm.get("StateReasonData"),
        float(alarm["StateUpdatedTimestamp"]),
    )


def write(alarm: dict[str, Any], state: AlarmState) -> AlarmState:
    """Writes the state into the alarm and returns the one it had. Call it under ``writing``."""
    previous = state_of(alarm)
    alarm["StateValue"], alarm["StateReason"] = state.value, state.reason
    alarm["StateUpdatedTimestamp"] = state.since
    alarm.pop("StateReasonData", None)
    if state.reason_data is not None:
        alarm["StateReasonData"] = state.reason_data
    if previous.value != state.value:
        alarm["StateTransitionedTimestamp"] = state.since
    return previous


def tell(alarm: dict[str, Any], previous: AlarmState) -> None:
    """Tells everybody that the alarm left ``previous``. Call it outside of ``writing``."""
    current = state_of(alarm)
    tell_event_and_functions(alarm, previous, current)
    cloudwatch._dispatch_alarm_actions(alarm, previous.value, current.value, current.reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def tell_event_and_functions(alarm: dict[str, Any], previous: AlarmState, current: AlarmState) -> None:
    """Sends the event and invokes the functions that are actions of the new state."""
    _send_event(alarm, previous, current)
    if not alarm.get("ActionsEnabled", True):
        return
    payload = action_payload(alarm, previous, current, get_account_id(), get_region())
    for action in alarm.get(_ACTIONS[current.value]) or ():
        if ":lambda:" in action:
            _invoke(action, payload)


def _send_event(alarm: dict[str, Any], previous: AlarmState, current: AlarmState) -> None:
    event = {
        "EventId": new_uuid(),
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(event_detail(alarm, previous, current)),
        "EventBusName": "default",
        "Time": int(current.since),
        "Resources": [alarm["AlarmArn"]],
        "Account": get_account_id(),
        "Region": get_region(),
    }
    eventbridge._dispatch_event(event)
    eventbridge._archive_event(event)


def _invoke(function: str, payload: dict[str, Any]) -> None:
    try:
        invoke_asynchronously(function, payload)
    except LookupError as absent:
        _logger.warning("alarm %s: its action %s was not invoked: %s", payload["alarmArn"], function, absent)
