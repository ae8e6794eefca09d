"""PutMetricAlarm, DescribeAlarms, SetAlarmState and templates, as CloudWatch answers them.

MiniStack drops ``Metrics``, accepts alarms that CloudWatch refuses, and tells nobody but SNS of a state set
by hand. Source: CloudWatch API reference, PutMetricAlarm and SetAlarmState, 2026-11: an update replaces the
whole configuration and leaves the state as it is; a state set by hand lasts until the next evaluation.

Note: a template's alarm comes past the handler of PutMetricAlarm, by functions of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from local.emulator.patches.cloudwatch import alarm_states
from local.emulator.patches.cloudwatch.wire import PARAMETERS, Answer, Handler, answer, in_json, refusal
from local.emulator.patches.patching import replace
from local.emulator.rules.cloudwatch.alarm_events import AlarmState
from local.emulator.rules.cloudwatch.alarm_rule import RuleError, read_rule
from local.emulator.rules.cloudwatch.queries import read_queries, written

_MOST_NAMES = 100
"""Source: botocore's service model, AlarmNames, 1.43.106."""
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


def replace_requests(set_by_hand: Callable[[str], None]) -> None:
    """``set_by_hand`` is called with the ARN of an alarm whose state a request has set."""
    replace(cloudwatch, "_put_metric_alarm", PARAMETERS, _put)
    replace(cloudwatch, "_describe_alarms", PARAMETERS, _describe)
    replace(cloudwatch, "_set_alarm_state", PARAMETERS, in_json(_set_state(set_by_hand)))
    replace(provisioners, "_cw_metric_alarm_record", ("name", "props"), _record_of_template)
    replace(cloudwatch, "cloudformation_put_metric_alarm", ("alarm",), _put_of_template)


def _put(original: Handler) -> Handler:
    def put(asked: Mapping[str, Any]) -> Answer:
        try:
            read_rule(asked)
        except RuleError as refused:
            return refusal("ValidationError", str(refused))
        with alarm_states.writing:
            name = asked.get("AlarmName", "")
            before = cloudwatch._alarms.get(name)
            answered = original({}, asked, False, True)
            if answered[0] == 200:
                _complete(cloudwatch._alarms[name], asked, before)
        return answered

    return in_json(put)(original)


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


def _describe(original: Handler) -> Handler:
    def describe(asked: Mapping[str, Any]) -> Answer:
        if len(asked.get("AlarmNames", ())) > _MOST_NAMES:
            text = f"The collection AlarmNames must not have more than {_MOST_NAMES} elements"
            return refusal("ValidationError", text)
        return original({}, asked, False, True)

    return in_json(describe)(original)


def _set_state(set_by_hand: Callable[[str], None]) -> Callable[[Mapping[str, Any]], Answer]:
    def set_state(asked: Mapping[str, Any]) -> Answer:
        name, value = asked.get("AlarmName", ""), asked.get("StateValue", "")
        if value not in _STATES:
            return refusal("ValidationError", f"StateValue must be one of {', '.join(_STATES)}")
        with alarm_states.writing:
            alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
            if alarm is None:
                return refusal("ResourceNotFound", f"Alarm {name} does not exist", 404)
            previous = alarm_states.write(alarm, _asked_state(asked))
            set_by_hand(alarm["AlarmArn"])
            cloudwatch._composite_triggers.pop(name, None)
        if previous.value != value:
            alarm_states.tell(alarm, previous)
        return answer({})

    return set_state


def _asked_state(asked: Mapping[str, Any]) -> AlarmState:
    return AlarmState(
        asked["StateValue"], asked.get("StateReason", ""), asked.get("StateReasonData") or None, time.time()
    )


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
        with alarm_states.writing:
            _keep_state(alarm, cloudwatch._alarms.get(alarm["AlarmName"]))
            original(alarm)

    return put
