"""Reads alarms in CloudWatch, and makes each deployment's own alarm.

``core/gates/own_alarm`` decides when the own alarm fires; this file writes the rule in CloudWatch's metric math. Each
deployment's alarm has a new name, because PutMetricAlarm keeps an existing alarm's state, and an alarm already in ALARM
sends no event. Source: CloudWatch API reference, PutMetricAlarm, 2026-11.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol, cast

from botocore.exceptions import ClientError

from controller.aws.errors import translating
from controller.core.gates.own_alarm import (
    BAD_MINUTES,
    MIN_ERRORS,
    POINTS_OVER,
    SURELY_BAD,
    TIMES_STABLE,
    least_errors,
)
from controller.core.model import Deployment, Target
from controller.core.model.observation import AlarmState
from controller.core.statistics.before_after import ServedBefore

_NAMES_PER_CALL = 100
"""Source: CloudWatch API reference, DescribeAlarms, AlarmNames and MaxRecords at most 100, 2026-11."""
_CALLS_PER_SECOND = 8
"""One less than AWS allows an account. Source: CloudWatch user guide, service quotas, DescribeAlarms 9, 2026-11."""
_KINDS = ["MetricAlarm", "CompositeAlarm"]
_LATER_KINDS = ["LogAlarm"]
"""New on 2026-06-29: a Region or partition without log alarms refuses the whole call. Source: botocore's model,
AlarmType, 1.43.106.
"""
_MINUTE = 60
# Note: in an expression CloudWatch counts a missing point as 0 if another operand has a point: "missing + 0" is 0. So
# the value is divided by "all four points exist", since a division by zero has no value. Sources:
# compiler-explorer/infra #1661, 2025-06; CloudWatch user guide, metric math, 2023-06.
_STABLE_RATE = "stable_errors / stable_invocations"


class CloudWatchAlarms(Protocol):
    """The botocore CloudWatch client's calls used here."""

    def describe_alarms(self, **parameters: object) -> Mapping[str, object]: ...
    def put_metric_alarm(self, **parameters: object) -> Mapping[str, object]: ...
    def set_alarm_state(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_alarms(self, **parameters: object) -> Mapping[str, object]: ...


class Alarms:
    """Reads alarms; makes and deletes deployments' own alarms. ``sleep`` takes seconds."""

    def __init__(self, client: CloudWatchAlarms, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def states(self, names: Iterable[str]) -> dict[str, AlarmState]:
        """Returns the state of each alarm, MISSING for an unknown name.

        Every hundred names take one call, and every hundred not found take another: they may be log alarms.
        """
        wanted = sorted(set(names))
        found = self._states(wanted, _KINDS)
        found |= self._states([name for name in wanted if name not in found], _LATER_KINDS)
        return {name: found.get(name, AlarmState.MISSING) for name in wanted}

    def make(
        self, deployment: Deployment, stable: str, canary: str, minutes: int, before: ServedBefore | None = None
    ) -> None:
        """Makes the deployment's own alarm on the newest ``minutes``; putting it again changes only the rule.

        ``before`` is the stable version's traffic before the promotion, None while both versions serve.
        """
        target = deployment.target
        label = f"error % of version {canary} above twice that of {stable}"
        if before:
            label = f"{label} before, {100 * before.rate:.1f} %"
        least = least_errors(deployment.evidence.shift.past.history if deployment.evidence.shift.past else None)
        judged = _expression("excess", _excess_in_bake(least, before) if before else _excess_beside_stable(least))
        judged |= {"Label": label, "ReturnData": True}
        series = [*_counted("canary", target, canary), *_counted("stable", target, stable)]
        if before:
            series += [*_counted("alias", target, None), *_in_the_bake(before, deployment.phase_since)]
        with translating(f"making the alarm {deployment.alarms.own}"):
            self._client.put_metric_alarm(
                AlarmName=deployment.alarms.own,
                AlarmDescription=(
                    f"Made by Slipway for {deployment}, deleted at its end. When it fires, {target} goes back to"
                    f" version {stable} by itself. First thing to do: read the logs of version {canary}."
                ),
                ActionsEnabled=False,
                Metrics=[judged, *series],
                EvaluationPeriods=minutes,
                DatapointsToAlarm=BAD_MINUTES,
                Threshold=POINTS_OVER,
                ComparisonOperator="GreaterThanThreshold",
                # Note: with "missing" a single bad minute, two minutes old and without a later value, fires the alarm
                # in spite of DatapointsToAlarm. Source: CloudWatch user guide, how alarm state is evaluated when data
                # is missing, "premature transitions", 2023-06.
                TreatMissingData="notBreaching",
            )

    def fire(self, name: str, why: str) -> None:
        """Sets an alarm to ALARM. CloudWatch sends the event of any change of state, and evaluates the alarm anew
        within a minute or so, which ends the state. Source: CloudWatch API reference, SetAlarmState, 2026-11.
        """
        with translating(f"setting the alarm {name}"):
            self._client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason=why)

    def delete(self, name: str) -> None:
        """Deletes an alarm; an absent alarm is no error."""
        with translating(f"deleting the alarm {name}"):
            self._client.delete_alarms(AlarmNames=[name])

    def _states(self, names: list[str], kinds: list[str]) -> dict[str, AlarmState]:
        states = {}
        for start in range(0, len(names), _NAMES_PER_CALL):
            if start >= _CALLS_PER_SECOND * _NAMES_PER_CALL:
                self._sleep(1 / _CALLS_PER_SECOND)
            states.update(self._described(names[start : start + _NAMES_PER_CALL], kinds))
        return states

    def _described(self, names: list[str], kinds: list[str]) -> dict[str, AlarmState]:
        with translating(f"reading the state of {len(names)} alarms"):
            try:
                answer = self._client.describe_alarms(AlarmNames=names, AlarmTypes=kinds, MaxRecords=_NAMES_PER_CALL)
            except ClientError as error:
                if kinds == _LATER_KINDS and error.response["Error"]["Code"] == "ValidationError":
                    return {}
                raise
        found = [alarm for kind in kinds for alarm in _listed(answer, f"{kind}s")]
        return {str(alarm["AlarmName"]): AlarmState(alarm["StateValue"]) for alarm in found}


def alias_dimensions(target: Target, version: str | None) -> list[dict[str, str]]:
    """Returns the dimensions of one version's traffic through the alias; None stands for all versions.

    Source: Lambda developer guide, metrics for a function's aliases: FunctionName, Resource, ExecutedVersion, 2026-11.
    """
    executed = [{"Name": "ExecutedVersion", "Value": version}] if version else []
    return [
        {"Name": "FunctionName", "Value": target.function},
        {"Name": "Resource", "Value": str(target)},
        *executed,
    ]


def _excess(errors: str, invocations: str, rate: str, least: int) -> str:
    over = f"{errors} - {TIMES_STABLE} * {rate} * {invocations}"
    enough = f"{over} >= {least}"
    if least > MIN_ERRORS:
        enough += f" || ({over} >= {MIN_ERRORS} && {over} >= {SURELY_BAD} * {invocations})"
    return f"IF({enough}, 100 * {errors} / {invocations} - {100 * TIMES_STABLE} * {rate}, 0)"


def _excess_beside_stable(least: int) -> str:
    is_there = "canary_errors >= 0 && canary_invocations > 0 && stable_errors >= 0 && stable_invocations > 0"
    return f"{_excess('canary_errors', 'canary_invocations', _STABLE_RATE, least)} / ({is_there})"


_EXPRESSION = _excess_beside_stable(MIN_ERRORS)
"""The rule if errors come one by one."""


def _excess_in_bake(least: int, before: ServedBefore) -> str:
    excess = _excess("errors", "invocations", "rate", least)
    if not before.is_enough:
        # The assumed rate is high, so the alarm fires only for near-total failure, if only of a few requests.
        excess = f"IF(errors >= {MIN_ERRORS}, 100 * errors / invocations - {100 * TIMES_STABLE} * rate, 0)"
    return f"{excess} / (alias_errors >= 0 && alias_invocations > 0)"


def _in_the_bake(before: ServedBefore, promoted_at: datetime) -> list[dict[str, object]]:
    """Returns the canary's counts, and the rate to compare them with, for the bake and the shift's minutes still
    watched.

    All of the alias's traffic is the canary's in minutes that began after the promotion and have no requests of the
    stable version. In other minutes the canary's own series count, because an earlier deployment's version may have
    served alone. AWS does not document whether an alias without weights has series of its version. The rate is the
    stable version's before the promotion, or in the minute itself if higher.

    EPOCH is the second at which each minute of the range began, with or without a point. MAX and SUM of several series
    use, in each minute, the series with a point. An array may hold no plain number, hence the product. Sources: Lambda
    developer guide, metrics for aliases; CloudWatch user guide, metric math, functions on arrays and EPOCH, 2023-06.
    """
    after_promotion = f"EPOCH(alias_invocations) >= {math.ceil(promoted_at.timestamp())}"
    is_alone = f"{after_promotion} && SUM([0 * alias_invocations, stable_invocations]) == 0"
    return [
        *(
            _expression(name, f"IF({is_alone}, alias_{name}, SUM([0 * alias_{name}, canary_{name}]))")
            for name in ("errors", "invocations")
        ),
        _expression("rate", f"MAX([{before.rate:.6f} * (alias_invocations > 0), {_STABLE_RATE}])"),
    ]


def _counted(whose: str, target: Target, version: str | None) -> list[dict[str, object]]:
    errors, invocations = (f"{whose}_errors", "Errors"), (f"{whose}_invocations", "Invocations")
    return [_metric(*errors, target, version), _metric(*invocations, target, version)]


def _expression(name: str, expression: str) -> dict[str, object]:
    return {"Id": name, "Expression": expression, "ReturnData": False}


def _metric(name: str, metric: str, target: Target, version: str | None) -> dict[str, object]:
    return {
        "Id": name,
        "ReturnData": False,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": alias_dimensions(target, version),
            },
            "Period": _MINUTE,
            "Stat": "Sum",
        },
    }


def _listed(answer: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    return cast("list[Mapping[str, object]]", answer.get(name, []))
