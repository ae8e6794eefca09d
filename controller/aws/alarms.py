"""CloudWatch: the state of alarms, and the alarm that each deployment gets for itself.

The deployment's own alarm is loose on purpose: it is for gross failures, within a minute or two, through
EventBridge. It fires when the canary had at least three errors in a minute and its error rate is over ten points
above twice the stable version's. Where the stable version itself fails on 45 % or more it cannot fire.

What a newcomer would get wrong: its name is new for every deployment. PutMetricAlarm on a name that exists keeps the
old state, and an alarm that is in ALARM already sends no event. Source: CloudWatch API reference, PutMetricAlarm,
2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from controller.aws.errors import translating
from controller.core.model import Deployment, Target
from controller.core.observation import AlarmState

_NAMES_PER_CALL = 100
"""Source: CloudWatch API reference, DescribeAlarms, AlarmNames and MaxRecords at most 100, 2026-11."""
_KINDS = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]
_MINUTE = 60
_LEAST_ERRORS = 3
_POINTS_OVER = 10
_TIMES_STABLE = 2
# The stable version's series are filled, because in the bake it serves nothing; the canary's are not, so a minute
# without canary requests has no point. A function error is counted in the minute in which the invocation began.
_EXPRESSION = (
    f"IF(canary_errors >= {_LEAST_ERRORS}, 100 * canary_errors / canary_invocations - {_TIMES_STABLE} *"
    " IF(FILL(stable_invocations, 0) > 0, 100 * FILL(stable_errors, 0) / FILL(stable_invocations, 0), 0), 0)"
)


class CloudWatchAlarms(Protocol):
    """The calls of a boto3 CloudWatch client that are made here."""

    def describe_alarms(self, **parameters: object) -> Mapping[str, object]: ...
    def put_metric_alarm(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_alarms(self, **parameters: object) -> Mapping[str, object]: ...


class Alarms:
    """Reads alarms, and makes and deletes those of deployments."""

    def __init__(self, client: CloudWatchAlarms) -> None:
        self._client = client

    def states(self, names: Iterable[str]) -> dict[str, AlarmState]:
        """Returns the state of each alarm, MISSING where there is none of that name; one call for each hundred."""
        wanted = sorted(set(names))
        states = dict.fromkeys(wanted, AlarmState.MISSING)
        for start in range(0, len(wanted), _NAMES_PER_CALL):
            states.update(self._states(wanted[start : start + _NAMES_PER_CALL]))
        return states

    def make(self, deployment: Deployment, stable: str | None, canary: str) -> None:
        """Makes the deployment's own alarm; putting it again changes nothing."""
        target = deployment.target
        series = [
            _metric("canary_errors", "Errors", target, canary),
            _metric("canary_invocations", "Invocations", target, canary),
            _metric("stable_errors", "Errors", target, stable or canary),
            _metric("stable_invocations", "Invocations", target, stable or canary),
        ]
        judged = {
            "Id": "excess",
            "Expression": _EXPRESSION,
            "Label": f"error % of version {canary} above twice that of {stable}",
            "ReturnData": True,
        }
        with translating(f"making the alarm {deployment.own_alarm}"):
            self._client.put_metric_alarm(
                AlarmName=deployment.own_alarm,
                AlarmDescription=(
                    f"Made by Slipway for {deployment}, deleted at its end. When it fires, {target} goes back to"
                    f" version {stable} by itself. First thing to do: read the logs of version {canary}."
                ),
                ActionsEnabled=False,
                Metrics=[judged, *series],
                EvaluationPeriods=1,
                DatapointsToAlarm=1,
                Threshold=_POINTS_OVER,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="missing",
            )

    def delete(self, name: str) -> None:
        """Deletes an alarm; deleting an absent one is no error."""
        with translating(f"deleting the alarm {name}"):
            self._client.delete_alarms(AlarmNames=[name])

    def _states(self, names: list[str]) -> dict[str, AlarmState]:
        with translating(f"reading the state of {len(names)} alarms"):
            answer = self._client.describe_alarms(AlarmNames=names, AlarmTypes=_KINDS, MaxRecords=_NAMES_PER_CALL)
        found = [alarm for kind in _KINDS for alarm in _listed(answer, f"{kind}s")]
        return {str(alarm["AlarmName"]): AlarmState(alarm["StateValue"]) for alarm in found}


def alias_dimensions(target: Target, version: str | None) -> list[dict[str, str]]:
    """Returns the dimensions of what one version served through the alias, and nothing else; None is every version.

    Source: Lambda developer guide, metrics for a function's aliases: FunctionName, Resource, ExecutedVersion, 2026-11.
    """
    executed = [{"Name": "ExecutedVersion", "Value": version}] if version else []
    return [
        {"Name": "FunctionName", "Value": target.function},
        {"Name": "Resource", "Value": str(target)},
        *executed,
    ]


def _metric(name: str, metric: str, target: Target, version: str) -> dict[str, object]:
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
