"""CloudWatch's alarms: kept, evaluated once a minute from what was counted, and told to EventBridge when they change.

The rules of evaluation are ``local.emulator.rules.cloudwatch``, which the embedded AWS follows too.

Note: an alarm is evaluated when somebody looks, minute by minute up to now. So a pause of an hour brings every change
of state of that hour, each with its own time, in order.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from local.emulator.rules.cloudwatch.alarm_evaluation import Datapoint, evaluation_times, judge
from local.emulator.rules.cloudwatch.alarm_events import DETAIL_TYPE, SOURCE, AlarmState, event_detail, reason
from local.emulator.rules.cloudwatch.alarm_rule import AlarmRule, RuleError, read_rule
from local.emulator.rules.cloudwatch.queries import Range, compute, read_queries, written
from local.emulator.rules.cloudwatch.series import Grid
from tests.cloud.clock import Clock
from tests.cloud.faults import Json, Refusal
from tests.cloud.metrics import MINUTE, Metrics
from tests.cloud.wire import ACCOUNT, REGION, unknown

_CREATED = "Unchecked: Initial alarm creation"
_MOST_NAMES = 100
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
_KINDS = ("MetricAlarm", "CompositeAlarm", "LogAlarm")


@dataclass
class Alarm:
    """A metric alarm: the request that made it, its state, and the minute up to which it was evaluated.

    ``rule`` None is an alarm that only a test moves.
    """

    asked: Json
    state: AlarmState
    evaluated: int
    rule: AlarmRule | None
    history: list[AlarmState] = field(default_factory=list)


class CloudWatch:
    """Alarms and metrics as the client asks for them. ``moved`` are the alarms that a test has moved by hand."""

    def __init__(self, clock: Clock, metrics: Metrics, events: list[Json]) -> None:
        self._clock, self._metrics, self._events = clock, metrics, events
        self.alarms: dict[str, Alarm] = {}
        self.moved: set[str] = set()

    def answer(self, operation: str, parameters: Json, _body: bytes) -> Json:
        if operation not in _CALLS:
            raise unknown("cloudwatch", operation, _CALLS)
        self.catch_up()
        found: Json = _CALLS[operation](self, parameters)
        return found

    def put(self, name: str, state: str = "OK") -> None:
        """Somebody has an alarm of that name, on nothing that is known here; only a test moves it."""
        asked = {"AlarmName": name, "AlarmRule": "a rule of theirs"}
        since = self._clock.now.timestamp()
        self.alarms[name] = Alarm(asked, AlarmState(state, _CREATED, None, since), self._minute(), None)

    def move(self, name: str, state: str) -> None:
        """An alarm changes its state; nothing happens where it has it already."""
        self.moved.add(name)
        self._become(self.alarms[name], AlarmState(state, "moved by a test", None, self._clock.now.timestamp()))

    def catch_up(self) -> None:
        """Evaluates every alarm for every minute that has ended since."""
        for alarm in self.alarms.values():
            for minute in range(alarm.evaluated + 1, self._minute() + 1):
                alarm.evaluated = minute
                self._evaluate(alarm, minute * MINUTE)

    def state(self, name: str) -> str | None:
        """Returns the state of an alarm now, None where there is none."""
        self.catch_up()
        return self.alarms[name].state.value if name in self.alarms else None

    def _put_metric_alarm(self, asked: Json) -> Json:
        try:
            rule = read_rule(asked)
        except RuleError as refused:
            raise Refusal(400, "ValidationError", str(refused)) from None
        name, created = asked["AlarmName"], AlarmState("INSUFFICIENT_DATA", _CREATED, None, self._clock.now.timestamp())
        before = self.alarms.get(name)
        # A name that exists keeps its state. Source: facts 2.2.
        state = before.state if before else created
        self.alarms[name] = Alarm(copy.deepcopy(asked), state, self._minute(), rule, before.history if before else [])
        return {}

    def _describe_alarms(self, asked: Json) -> Json:
        names, kinds = asked.get("AlarmNames"), asked.get("AlarmTypes", ["MetricAlarm"])
        if names is not None and len(names) > _MOST_NAMES:
            raise Refusal(
                400, "ValidationError", f"The collection AlarmNames must not have more than {_MOST_NAMES} elements"
            )
        found = [alarm for name, alarm in sorted(self.alarms.items()) if names is None or name in names]
        most = asked.get("MaxRecords", 50)
        start = int(asked.get("NextToken", 0))
        page: dict[str, list[Json]] = {f"{kind}s": [] for kind in _KINDS}
        for alarm in found[start : start + most]:
            kind = "CompositeAlarm" if "AlarmRule" in alarm.asked else "MetricAlarm"
            if kind in kinds:
                page[f"{kind}s"].append(_described(alarm))
        return {**page, **({"NextToken": str(start + most)} if start + most < len(found) else {})}

    def _delete_alarms(self, asked: Json) -> Json:
        """One that is not there is no error. Source: cloudformation-cli issue 456, 2020-06; facts have none."""
        for name in asked["AlarmNames"]:
            self.alarms.pop(name, None)
        return {}

    def _set_alarm_state(self, asked: Json) -> Json:
        alarm = self.alarms.get(asked["AlarmName"])
        if alarm is None:
            raise Refusal(404, "ResourceNotFound", f"Alarm {asked['AlarmName']} does not exist")
        if asked["StateValue"] not in _STATES:
            raise Refusal(400, "ValidationError", f"StateValue must be one of {', '.join(_STATES)}")
        now = self._clock.now.timestamp()
        self._become(alarm, AlarmState(asked["StateValue"], asked["StateReason"], asked.get("StateReasonData"), now))
        return {}

    def _get_metric_data(self, asked: Json) -> Json:
        return self._metrics.data(asked)

    def _evaluate(self, alarm: Alarm, now: float) -> None:
        if alarm.rule is None:
            return
        until = datetime.fromtimestamp(now, UTC)
        # What is not counted yet is not looked at: the newest window that is looked at has ended a lag ago.
        times = evaluation_times(alarm.rule, alarm.rule.period, now - self._metrics.lag.total_seconds())
        grid = Grid(MINUTE, max(alarm.rule.period // MINUTE, 1), round(times[0] / MINUTE))
        seen = Range(lambda metric: self._metrics.points(metric, grid, until), lambda _: times)
        with self._metrics.as_of(until):
            found = compute(alarm.rule.queries, seen)[alarm.rule.watched]
        verdict = judge(alarm.rule, [Datapoint(time, found.get(time)) for time in times])
        if verdict is not None and verdict.state.value != alarm.state.value:
            self._become(alarm, AlarmState(verdict.state.value, reason(alarm.rule, verdict), None, now))

    def _become(self, alarm: Alarm, state: AlarmState) -> None:
        before, alarm.state = alarm.state, state
        if before.value == state.value:
            return
        alarm.history.append(state)
        self._events.append(_event(alarm, before))

    def _minute(self) -> int:
        return math.floor(self._clock.now.timestamp() / MINUTE)


def _described(alarm: Alarm) -> Json:
    asked, state = alarm.asked, alarm.state
    since = datetime.fromtimestamp(state.since, UTC)
    about = {
        "AlarmArn": _arn(asked["AlarmName"]), "StateValue": state.value, "StateReason": state.reason,
        "StateUpdatedTimestamp": since, "StateTransitionedTimestamp": since,
        **({"StateReasonData": state.reason_data} if state.reason_data else {}),
    }  # fmt: skip
    shown = {name: value for name, value in asked.items() if name != "Tags"}
    if "Metrics" in shown:
        shown["Metrics"] = [written(query) for query in read_queries(shown["Metrics"])]
    return {**shown, **about}


def _event(alarm: Alarm, before: AlarmState) -> Json:
    """Returns EventBridge's event of a change of state. Source: facts 3.1."""
    arn = _arn(alarm.asked["AlarmName"])
    at = datetime.fromtimestamp(alarm.state.since, UTC) + timedelta(seconds=1)
    return {
        "version": "0", "id": f"{arn}/{alarm.state.since}", "detail-type": DETAIL_TYPE, "source": SOURCE,
        "account": ACCOUNT, "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "region": REGION, "resources": [arn],
        "detail": event_detail({**alarm.asked, "AlarmArn": arn}, before, alarm.state),
    }  # fmt: skip


def _arn(name: str) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


_CALLS = {
    "DeleteAlarms": CloudWatch._delete_alarms,
    "DescribeAlarms": CloudWatch._describe_alarms,
    "GetMetricData": CloudWatch._get_metric_data,
    "PutMetricAlarm": CloudWatch._put_metric_alarm,
    "SetAlarmState": CloudWatch._set_alarm_state,
}
