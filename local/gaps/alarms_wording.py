"""Says why an alarm has its state: StateReason, CloudWatch's words, and StateReasonData, its JSON. Pure.

    Threshold Crossed: 1 out of the last 1 datapoints [45.0 (23/11/26 10:19:00)] was greater than the
    threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).

Source: the events of CloudWatch user guide "Alarm events and EventBridge", 2023-06, and published alarm
records of 2018-2026.

What a newcomer would get wrong: the words differ by whether the alarm was given DatapointsToAlarm. Without
it, it is "2 datapoints [...] were ..." and no minimum. The datapoints named are those that agree with the
state, newest first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from local.gaps.alarms_evaluation import Datapoint, State, Verdict
from local.gaps.alarms_rules import AlarmRule, MissingData


def reason(rule: AlarmRule, verdict: Verdict) -> str:
    """Returns the StateReason."""
    if verdict.state is State.INSUFFICIENT_DATA:
        unknown = rule.evaluation_periods
        return f"Insufficient Data: {_datapoints(unknown)} {_were(unknown)} unknown."
    clauses = [clause for clause in (_crossed(rule, verdict), _treated(rule, verdict)) if clause]
    minimum = _minimum_clause(rule, verdict) if verdict.values else ""
    return f"Threshold Crossed: {' and '.join(clauses)}{minimum}."


def reason_data(rule: AlarmRule, verdict: Verdict, now: float) -> str:
    """Returns the StateReasonData, a JSON text::

    {"version":"1.0","queryDate":"2026-11-23T10:20:48.551+0000","startDate":"2026-11-23T10:19:00.000+0000",
     "statistic":"Sum","period":60,"recentDatapoints":[45.0],"threshold":5.0,
     "evaluatedDatapoints":[{"timestamp":"2026-11-23T10:19:00.000+0000","sampleCount":9.0,"value":45.0}]}
    """
    content: dict[str, Any] = {"version": "1.0", "queryDate": timestamp(now)}
    if verdict.values:
        content["startDate"] = timestamp(verdict.values[0].time)
    if rule.statistic:
        content["statistic"] = rule.statistic
    content["period"] = rule.period
    content["recentDatapoints"] = [point.value for point in verdict.values]
    content["threshold"] = rule.threshold
    content["evaluatedDatapoints"] = [_evaluated(point) for point in _deciding(rule, verdict)]
    return json.dumps(content, separators=(",", ":"))


def timestamp(time: float) -> str:
    """Returns a time as CloudWatch writes it in events: ``2026-11-23T10:20:48.551+0000``, without a colon in
    the offset.
    """
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def _crossed(rule: AlarmRule, verdict: Verdict) -> str:
    agreeing = _agreeing(rule, verdict)
    if not verdict.values:
        return f"no datapoints were received for {_counted(rule.evaluation_periods, 'period')}"
    if not agreeing:
        return ""
    shown = ", ".join(f"{point.value} ({_clock(point.time)})" for point in agreeing)
    of = _datapoints(len(agreeing))
    if rule.datapoints_to_alarm is not None:
        of = f"{len(agreeing)} out of the last {rule.evaluation_periods} datapoints"
    negation = "" if verdict.state is State.ALARM else "not "
    crossed = f"{negation}{rule.comparison.words} the threshold ({rule.threshold})"
    return f"{of} [{shown}] {_were(len(agreeing))} {crossed}"


def _clock(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%d/%m/%y %H:%M:%S")


def _treated(rule: AlarmRule, verdict: Verdict) -> str:
    name = {MissingData.BREACHING: "Breaching", MissingData.NOT_BREACHING: "NonBreaching"}.get(rule.missing_data)
    count = len(verdict.filled)
    if not count or name is None:
        return ""
    return f"{count} missing {'datapoint' if count == 1 else 'datapoints'} {_were(count)} treated as [{name}]"


def _minimum_clause(rule: AlarmRule, verdict: Verdict) -> str:
    if rule.datapoints_to_alarm is None:
        return ""
    transition = "OK -> ALARM" if verdict.state is State.ALARM else "ALARM -> OK"
    return f" (minimum {_datapoints(_minimum(rule, verdict))} for {transition} transition)"


def _minimum(rule: AlarmRule, verdict: Verdict) -> int:
    """How many datapoints the state needs to agree with it."""
    return rule.needed if verdict.state is State.ALARM else rule.evaluation_periods - rule.needed + 1


def _deciding(rule: AlarmRule, verdict: Verdict) -> Sequence[Datapoint]:
    """Newest first. Those with a value that agrees with the state, where there are any; else the missing
    ones.
    """
    if verdict.state is State.INSUFFICIENT_DATA:
        return tuple(reversed(verdict.filled))
    return (_agreeing(rule, verdict) or tuple(reversed(verdict.filled)))[: _minimum(rule, verdict)]


def _agreeing(rule: AlarmRule, verdict: Verdict) -> tuple[Datapoint, ...]:
    alarming = verdict.state is State.ALARM
    values = reversed(verdict.values)
    return tuple(point for point in values if point.value is not None and rule.breached(point.value) == alarming)


def _evaluated(point: Datapoint) -> dict[str, Any]:
    content: dict[str, Any] = {"timestamp": timestamp(point.time)}
    if point.value is not None and point.samples is not None:
        content["sampleCount"] = point.samples
    return content if point.value is None else content | {"value": point.value}


def _datapoints(count: int) -> str:
    return _counted(count, "datapoint")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
