"""Evaluates alarms: by periods, with exact dimensions, M out of N, missing data and metric math.

MiniStack looks at an alarm only when a request writes a metric, ignores dimensions and periods, and sends no
event. Here one thread looks at every alarm a few times a minute of the embedded AWS; only complete periods
count. The rules are in ``rules.cloudwatch.alarm_evaluation``, the telling is in ``alarm_states``.

Note: a state set by hand is real (event, actions) and is left alone for one minute of the embedded AWS, then the alarm
returns to what its metric says.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator.patches.cloudwatch import alarm_requests, alarm_states
from local.emulator.patches.cloudwatch.metric_reads import samples_of, window_of
from local.emulator.patches.patching import replace
from local.emulator.rules.cloudwatch.alarm_evaluation import Datapoint, Verdict, evaluation_times, judge
from local.emulator.rules.cloudwatch.alarm_events import AlarmState, reason
from local.emulator.rules.cloudwatch.alarm_rule import AlarmRule, RuleError, read_rule
from local.emulator.rules.cloudwatch.math import Series
from local.emulator.rules.cloudwatch.queries import Range, compute
from local.emulator.rules.cloudwatch.series import Grid, MetricStat, series
from local.settings import Settings

LONGEST_BETWEEN_LOOKS = 0.3
LOOKS_PER_MINUTE = 6

_logger = logging.getLogger(__name__)


def install(settings: Settings) -> None:
    """Replaces MiniStack's alarm functions and starts the thread that looks at alarms."""
    watch = _Watch(settings)
    replace(cloudwatch, "_evaluate_alarm", ("alarm",), lambda _: _nothing)
    replace(cloudwatch, "_evaluate_all_alarms", (), lambda _: _nothing)
    transition = ("alarm", "new_state", "reason", "triggers", "seen")
    replace(cloudwatch, "_transition_composite", transition, _told_composite)
    alarm_requests.replace_requests(watch.leave_alone)
    threading.Thread(target=watch.run, name="cloudwatch-alarms", daemon=True).start()


def _nothing(*_: object) -> None:
    """Where MiniStack would evaluate an alarm: the thread does."""


class _Watch:
    """The thread and what it remembers.

    An alarm is evaluated twice in each minute of the embedded AWS (or in each period, where that is shorter):
    CloudWatch does it once, but a value that comes a little late need not wait for the next. It is also
    evaluated as soon as it is new, changed, or no longer left alone.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._left_alone: dict[str, float] = {}
        self._evaluated_at: dict[str, object] = {}

    def run(self) -> None:
        pause = min(LONGEST_BETWEEN_LOOKS, self._settings.minute / LOOKS_PER_MINUTE)
        while True:
            time.sleep(pause)
            alarms = cloudwatch._alarms.all_items()
            for (account, region, _), alarm in alarms:
                with request_scope(account, region):
                    self._look(alarm)
            self._forget_all_but({alarm["AlarmArn"] for _, alarm in alarms})

    def leave_alone(self, arn: str) -> None:
        self._left_alone[arn] = time.time() + self._settings.minute

    def _look(self, alarm: dict[str, Any]) -> None:
        try:
            previous = self._evaluated(alarm, time.time())
            if previous is not None:
                alarm_states.tell(alarm, previous)
        except Exception:
            _logger.exception("the alarm %s was not evaluated", alarm.get("AlarmName"))

    def _evaluated(self, alarm: dict[str, Any], now: float) -> AlarmState | None:
        """Evaluates the alarm where it is time to, and returns the state it has left; None where it has not
        changed.
        """
        with alarm_states.writing:
            rule = self._rule_due(alarm, now)
            if rule is None:
                return None
            verdict = judge(rule, self._range(rule, now))
            changes = verdict is not None and verdict.state.value != alarm["StateValue"]
            previous = alarm_states.write(alarm, _state(rule, verdict, now)) if verdict and changes else None
            self._evaluated_at[alarm["AlarmArn"]] = self._mark(alarm, rule, now)
            return previous

    def _rule_due(self, alarm: dict[str, Any], now: float) -> AlarmRule | None:
        arn = alarm["AlarmArn"]
        if cloudwatch._alarms.get(alarm["AlarmName"]) is not alarm or now < self._left_alone.get(arn, 0.0):
            return None
        try:
            rule = read_rule(alarm)
        except RuleError:
            return None  # another part of MiniStack stored it, in a form that PutMetricAlarm would refuse
        return None if self._evaluated_at.get(arn) == self._mark(alarm, rule, now) else rule

    def _mark(self, alarm: dict[str, Any], rule: AlarmRule, now: float) -> object:
        """Equal as long as there is nothing new to evaluate: the same alarm and state in the same half of a
        minute.
        """
        window = min(window_of(rule.period, self._settings), self._settings.minute)
        return id(alarm), alarm["StateValue"], int(now // (window / 2))

    def _forget_all_but(self, arns: set[str]) -> None:
        for remembered in (self._left_alone, self._evaluated_at):
            for gone in [arn for arn in list(remembered) if arn not in arns]:
                remembered.pop(gone, None)

    def _range(self, rule: AlarmRule, now: float) -> list[Datapoint]:
        window = window_of(rule.period, self._settings)
        times = evaluation_times(rule, window, now)

        def inside(metric: MetricStat) -> Series:
            points = series(samples_of(metric, times[0]), metric, Grid(window))
            return {time: points[time] for time in times if time in points}

        values = compute(rule.queries, Range(inside, lambda _: times))[rule.watched]
        return [Datapoint(time, values.get(time)) for time in times]


def _state(rule: AlarmRule, verdict: Verdict, now: float) -> AlarmState:
    return AlarmState(verdict.state.value, reason(rule, verdict), None, now)


def _told_composite(original: Callable[..., None]) -> Callable[..., None]:
    """MiniStack moves composite alarms and tells SNS; the event and the Lambda actions are added."""

    def transition(alarm: dict[str, Any], new_state: str, reason: str, triggers: Any, seen: Any = frozenset()) -> None:
        previous = alarm_states.state_of(alarm)
        original(alarm, new_state, reason, triggers, seen)
        alarm["StateUpdatedTimestamp"] = alarm["StateTransitionedTimestamp"] = time.time()
        alarm_states.tell_event_and_functions(alarm, previous, alarm_states.state_of(alarm))

    return transition
