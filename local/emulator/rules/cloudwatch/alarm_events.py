"""Builds what a changed alarm sends: the detail of its event and the payload of its Lambda actions. Pure.

Source: CloudWatch user guide "Alarm events and EventBridge" and "Invoke a Lambda function from an alarm",
2023-06 and 2026-11.

Note: an alarm is stored in the API's spelling (``MetricName``, a list of dimensions) and told in another one (``name``,
a dict of dimensions). ``reasonData`` is a JSON text inside the JSON.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.emulator.rules.cloudwatch.alarm_evaluation import State, Verdict
from local.emulator.rules.cloudwatch.alarm_rule import AlarmRule, read_rule
from local.emulator.rules.cloudwatch.queries import Query

DETAIL_TYPE = "CloudWatch Alarm State Change"
SOURCE = "aws.cloudwatch"


@dataclass(frozen=True, slots=True)
class AlarmState:
    """A state with its reason. ``reason_data`` is None but where somebody set the state by hand, and gave some."""

    value: str
    reason: str
    reason_data: str | None
    since: float


def reason(rule: AlarmRule, verdict: Verdict) -> str:
    """Returns why an evaluated alarm has its state: "Threshold Crossed: [45.0] against the threshold (5.0)".

    CloudWatch says more, and adds a StateReasonData; nobody here reads either.
    """
    if verdict.state is State.INSUFFICIENT_DATA:
        return "Insufficient Data"
    values = [point.value for point in reversed(verdict.values)]
    return f"Threshold Crossed: {values} against the threshold ({rule.threshold})"


def timestamp(time: float) -> str:
    """Returns a time as CloudWatch writes it in events: ``2026-11-23T10:20:48.551+0000``, without a colon in
    the offset.
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def event_detail(alarm: Mapping[str, Any], previous: AlarmState, current: AlarmState) -> dict[str, Any]:
    """Returns the ``detail`` of the event; ``alarm`` is a stored alarm, metric or composite."""
    return {
        "alarmName": alarm["AlarmName"],
        "state": _state(current),
        "previousState": _state(previous),
        "configuration": _configuration(alarm),
    }


def action_payload(
    alarm: Mapping[str, Any], previous: AlarmState, current: AlarmState, account: str, region: str
) -> dict[str, Any]:
    """Returns what a Lambda function named as an action is invoked with."""
    return {
        "source": SOURCE,
        "alarmArn": alarm["AlarmArn"],
        "accountId": account,
        "time": timestamp(current.since),
        "region": region,
        "alarmData": event_detail(alarm, previous, current),
    }


def _state(state: AlarmState) -> dict[str, Any]:
    content = {"value": state.value, "reason": state.reason, "timestamp": timestamp(state.since)}
    return content if state.reason_data is None else content | {"reasonData": state.reason_data}


def _configuration(alarm: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if alarm.get("AlarmDescription"):
        content["description"] = alarm["AlarmDescription"]
    if "AlarmRule" in alarm:
        return content | {"alarmRule": alarm["AlarmRule"]}
    rule = read_rule(alarm)
    if alarm.get("Metrics"):
        return content | {"metrics": [_metric(query, query.id) for query in rule.queries]}
    return content | {"metrics": [_metric(query, _id_of(alarm)) for query in rule.queries]}


def _id_of(alarm: Mapping[str, Any]) -> str:
    """An alarm on one metric has no id of its own for it; CloudWatch makes up a UUID, the same one each
    time.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, alarm["AlarmArn"]))


def _metric(query: Query, identifier: str) -> dict[str, Any]:
    content: dict[str, Any] = {"id": identifier, "returnData": query.return_data}
    if query.label is not None:
        content["label"] = query.label
    if query.metric is None:
        return content | {"expression": query.expression}
    metric = query.metric
    stat: dict[str, Any] = {
        "metric": {"namespace": metric.namespace, "name": metric.name, "dimensions": dict(metric.dimensions)},
        "period": metric.period,
        "stat": metric.stat,
    }
    return content | {"metricStat": stat | ({"unit": metric.unit} if metric.unit else {})}
