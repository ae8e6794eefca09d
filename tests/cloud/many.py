"""Many functions in one AWS in memory, each with deployment 42 at its first step, and one tick over all of them.

Version 3 has 10 % over version 2, and the hold of the step is over.

Note: nothing is played here, as in a story; functions, aliases and rows are put there, so that hundreds of them cost a
second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from controller.aws.dynamodb import rows
from controller.aws.dynamodb.items import to_item
from controller.aws.lambda_.budget import COUNTED
from controller.core.lifecycle.admission import Head
from controller.core.model import Deployment, Phase, Target
from controller.dispatch import Dispatcher
from tests.builders import NOW, ROUTINGS, after, armed, confirmed, deployment, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.controllers import TODAY, dispatcher
from tests.cloud.faults import Call, Json
from tests.cloud.lambda_state import sha256_of
from tests.cloud.steps import ROLE
from tests.cloud.story import INVOCATION_LASTS, SETTINGS
from tests.cloud.table import TABLE
from tests.cloud.zips import zipped

_DUE = after(minutes=5)
"""All at the same time, those that roll back too: nobody is first because of that."""
_COUNTED = frozenset(name.replace("_", "") for name in COUNTED)


def shifting(functions: Iterable[str], rolling_back: Iterable[str] = ()) -> Cloud:
    """Returns an AWS with these functions. The record of those that are ``rolling_back`` says so; nobody has written
    their aliases yet.
    """
    cloud = Cloud()
    cloud.callers.clear()
    for function in functions:
        _put(cloud, function, Phase.SHIFTING)
    for function in rolling_back:
        _put(cloud, function, Phase.ROLLING_BACK)
    cloud.advance(timedelta(minutes=5))
    return cloud


def controller(cloud: Cloud, calls_per_second: int = SETTINGS.lambda_calls_per_second) -> Dispatcher:
    """Returns a controller that has just started and has that budget."""
    made: Dispatcher = dispatcher(TODAY, cloud, replace(SETTINGS, lambda_calls_per_second=calls_per_second))
    return made


def hears(cloud: Cloud, event: Json, by: Dispatcher | None = None) -> list[Call]:
    """A controller handles an event; returns the calls that count for its budget. Raises what the controller raises.

    ``by`` None is one that has just started.
    """
    first, ends_at = len(cloud.calls), cloud.clock.now + INVOCATION_LASTS
    cloud.clock.ends_at = ends_at
    try:
        (by or controller(cloud)).dispatch(event, lambda: ends_at - cloud.clock.now)
    finally:
        cloud.clock.ends_at = None
    return counted(cloud.calls[first:])


def counted(calls: Iterable[Call]) -> list[Call]:
    """Returns those of the calls that share the control plane's 15 a second."""
    return [call for call in calls if call.service == "lambda" and call.operation.lower() in _COUNTED]


def in_busiest_second(calls: Iterable[Call]) -> int:
    """Returns how many calls began in the second in which the most did."""
    began = [call.at for call in calls]
    second = timedelta(seconds=1) - timedelta(milliseconds=1)  # the clock is read and set to the microsecond
    return max((sum(at <= other < at + second for other in began) for at in began), default=0)


def with_versions(cloud: Cloud, function: str, count: int) -> None:
    """Puts a function with the versions 1 to ``count``, each of other code."""
    cloud.lambda_.make(function, zipped("v1"), Role=ROLE)
    for number in range(1, count + 1):
        latest = cloud.lambda_.functions[function].latest
        latest.code = zipped(f"v{number}")
        latest.configuration = {**latest.configuration, "CodeSha256": sha256_of(latest.code)}
        cloud.lambda_.publish(function)


def _put(cloud: Cloud, function: str, phase: Phase) -> None:
    target, carried = Target(function, "live"), ROUTINGS[Phase.SHIFTING]
    with_versions(cloud, function, 3)
    cloud.lambda_.point(function, "live", carried.version, {str(carried.canary): carried.weight / 10_000}, armed())
    made = _deployment(target, phase)
    cloud.cloudwatch.put(made.own_alarm)
    for row in (rows.head_row(target, Head(42, 42)), rows.deployment_row(made, 1, _DUE, NOW)):
        cloud.client("dynamodb").put_item(TableName=TABLE, Item=to_item(row))


def _deployment(target: Target, phase: Phase) -> Deployment:
    make = confirmed if phase is Phase.SHIFTING else deployment
    gates = {"alarms": [], "errors": False, "min_invocations": 0}
    return make(phase, target=target, own_alarm=f"slipway/{target.function}/live/42", manifest=manifest(gates=gates))
