"""PutMetricAlarm, DescribeAlarms, SetAlarmState and templates, as CloudWatch answers them.

MiniStack drops ``Metrics``, accepts alarms that CloudWatch refuses, and tells nobody but SNS of a state set
by hand. Source: CloudWatch API reference, PutMetricAlarm and SetAlarmState, 2026-11: an update replaces the
whole configuration and leaves the state as it is; a state set by hand lasts until the next evaluation.

What a newcomer would get wrong: boto3 speaks JSON to CloudWatch, other clients CBOR or the Query protocol, so
each handler is called with ``params`` or ``cbor_data`` filled, never both; ``cbor_data`` is JSON's, too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local.gaps import alarms_states
from local.gaps.alarms_events import AlarmState
from local.gaps.alarms_rules import RuleError, read_rule
from local.gaps.metric_queries import read_queries, written
from local.gaps.metric_wire import Answer, Timestamp, answer, nested, refusal, request
from local.patching import replace

_HANDLER = ("params", "cbor_data", "is_cbor", "is_json")
_MOST_NAMES = 100
"""Source: botocore's service model, AlarmNames, 1.43.106."""
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
_Handler = Callable[..., Answer]


def replace_requests(set_by_hand: Callable[[str], None]) -> None:
    """``set_by_hand`` is called with the ARN of an alarm whose state a request has set."""
    replace(cloudwatch, "_put_metric_alarm", _HANDLER, _put)
    replace(cloudwatch, "_describe_alarms", _HANDLER, _describe)
    replace(cloudwatch, "_set_alarm_state", _HANDLER, lambda _: _set_state(set_by_hand))
    replace(provisioners, "_cw_metric_alarm_record", ("name", "props"), _record_of_template)
    replace(cloudwatch, "cloudformation_put_metric_alarm", ("alarm",), _put_of_template)


def _put(original: _Handler) -> _Handler:
    def put(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Answer:
        asked = request(params, cbor_data, is_cbor, is_json)
        try:
            read_rule(asked)
        except RuleError as refused:
            return refusal("ValidationError", str(refused), is_cbor, is_json)
        with alarms_states.writing:
            name = asked.get("AlarmName", "")
            before = cloudwatch._alarms.get(name)
            answered = original(params, cbor_data, is_cbor, is_json)
            if answered[0] == 200:
                _complete(cloudwatch._alarms[name], asked, before)
        return answered

    return put


def _complete(alarm: dict[str, Any], asked: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Adds what MiniStack left out of the alarm that it has just stored."""
    if asked.get("Metrics"):
        alarm["Metrics"] = [written(query) for query in read_queries(asked["Metrics"])]
        alarm |= {"MetricName": None, "Namespace": None, "Statistic": None, "Period": None}
    elif asked.get("ExtendedStatistic"):
        alarm["Statistic"] = None
    _keep_state(alarm, before)


def _keep_state(alarm: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    if before is None:
        alarm["StateUpdatedTimestamp"] = alarm["StateTransitionedTimestamp"] = time.time()
        return
    for member in ("StateUpdatedTimestamp", "StateTransitionedTimestamp", "StateReasonData"):
        if member in before:
            alarm[member] = before[member]


def _describe(original: _Handler) -> _Handler:
    def describe(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Answer:
        if len(request(params, cbor_data, is_cbor, is_json).get("AlarmNames", ())) > _MOST_NAMES:
            text = f"The collection AlarmNames must not have more than {_MOST_NAMES} elements"
            return refusal("ValidationError", text, is_cbor, is_json)
        if is_cbor or is_json:
            return original(params, cbor_data, is_cbor, is_json)
        status, _, body = original({}, nested(params), False, True)
        if status != 200:
            return original(params, cbor_data, is_cbor, is_json)
        result = json.loads(body)
        for alarm in [*result["MetricAlarms"], *result["CompositeAlarms"]]:
            times = [member for member in alarm if member.endswith("Timestamp")]
            alarm |= {member: Timestamp(alarm[member]) for member in times}
        return answer("DescribeAlarms", result, is_cbor, is_json)

    return describe


def _set_state(set_by_hand: Callable[[str], None]) -> _Handler:
    def set_state(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Answer:
        asked = request(params, cbor_data, is_cbor, is_json)
        name, value = asked.get("AlarmName", ""), asked.get("StateValue", "")
        if value not in _STATES:
            return refusal("ValidationError", f"StateValue must be one of {', '.join(_STATES)}", is_cbor, is_json)
        with alarms_states.writing:
            alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
            if alarm is None:
                return refusal("ResourceNotFound", f"Alarm {name} does not exist", is_cbor, is_json, 404)
            previous = alarms_states.write(alarm, _asked_state(asked))
            set_by_hand(alarm["AlarmArn"])
            cloudwatch._composite_triggers.pop(name, None)
        if previous.value != value:
            alarms_states.tell(alarm, previous)
        return _nothing("SetAlarmState", is_cbor, is_json)

    return set_state


def _asked_state(asked: Mapping[str, Any]) -> AlarmState:
    return AlarmState(
        asked["StateValue"], asked.get("StateReason", ""), asked.get("StateReasonData") or None, time.time()
    )


def _nothing(operation: str, is_cbor: bool, is_json: bool) -> Answer:
    return answer(operation, {}, is_cbor, is_json)


def _record_of_template(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """MiniStack refuses a template's alarm on an expression; it is read as one on a metric, then given its
    ``Metrics``.
    """

    def record(name: str, props: dict[str, Any]) -> dict[str, Any]:
        read_rule({"Statistic": "Average", "Period": 60, **props})
        if not props.get("Metrics"):
            return original(name, props)
        alarm = original(name, {**props, "Metrics": None, "MetricName": "-", "Namespace": "-"})
        _complete(alarm, props, None)
        return alarm

    return record


def _put_of_template(original: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def put(alarm: dict[str, Any]) -> None:
        with alarms_states.writing:
            _keep_state(alarm, cloudwatch._alarms.get(alarm["AlarmName"]))
            original(alarm)

    return put
