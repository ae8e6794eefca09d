"""Deployments that are under way in an AWS in memory: put there and not played, so that a test is short.

cloud = Cloud()
under_way(cloud, "checkout")                                # deployment 42 has 10 % on version 3 over version 2
fails(cloud, "UpdateAlias", Fault.DENIED, about="checkout")
cloud.cloudwatch.move(own_alarm("checkout"), "ALARM")
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from controller.aws.dynamodb import rows
from controller.aws.dynamodb.items import from_item, to_item
from controller.core.lifecycle.admission import Head
from controller.core.model import Artifact, Deployment, Phase, Routing, Target
from tests.builders import NOW, ROUTINGS, armed, artifact, confirmed, deployment, manifest
from tests.cloud.cloud import Cloud
from tests.cloud.faults import Call, Fault
from tests.cloud.lambda_state import sha256_of
from tests.cloud.snapshot import Remembered, Seen
from tests.cloud.steps import BUCKET, ROLE
from tests.cloud.table import TABLE
from tests.cloud.zips import zipped

NUMBER = 42
STABLE, SPLIT, HALF = Routing("2"), Routing("2", "3", 1000), Routing("2", "3", 5000)
"""What an alias carries after a rollback, in the first step, and in the second."""


def live(function: str) -> Target:
    return Target(function, "live")


def own_alarm(function: str) -> str:
    return f"slipway/{function}/live/{NUMBER}"


def with_versions(cloud: Cloud, function: str, count: int) -> None:
    """Puts a function with the versions 1 to ``count``, each of other code."""
    cloud.lambda_.make(function, zipped("v1"), Role=ROLE)
    for number in range(1, count + 1):
        latest = cloud.lambda_.functions[function].latest
        latest.code = zipped(f"v{number}")
        latest.configuration = {**latest.configuration, "CodeSha256": sha256_of(latest.code)}
        cloud.lambda_.publish(function)


def under_way(
    cloud: Cloud,
    function: str = "checkout",
    phase: Phase = Phase.SHIFTING,
    *,
    due: datetime | None = NOW,
    carries: Routing | None = None,
    **changes: Any,
) -> Deployment:
    """Puts deployment 42 of a function: version 3 over version 2, as far as ``phase``. Returns its record.

    ``carries`` None: its alias carries what the phase wants, and was seen to at NOW. ``due`` None: no tick looks at it.
    ``changes`` are fields of the record, and ``alarms`` those that its manifest names. Its zip is in the bucket.
    """
    target = live(function)
    gates = {"alarms": changes.pop("alarms", []), "errors": False, "min_invocations": 0}
    known: dict[str, Any] = {
        "target": target, "own": own_alarm(function), "manifest": manifest(gates=gates), "revision": 1,
        "artifact": _dropped(cloud, function), "sha256": sha256_of(zipped("v3")),
    }  # fmt: skip
    if phase is Phase.PREPARING:
        del known["sha256"]
    make = confirmed if phase in ROUTINGS and carries is None else deployment
    made = make(phase, **{**known, **changes})
    with_versions(cloud, function, 3)
    _point(cloud, function, carries or ROUTINGS.get(phase, Routing("2")))
    for name in made.alarm_names:
        if name not in cloud.cloudwatch.alarms:
            cloud.cloudwatch.put(name)
    head = Head(NUMBER, None if phase.is_terminal else NUMBER, made.artifact)
    write(cloud, rows.head_row(target, head), rows.deployment_row(made, 1, due, NOW))
    write(cloud, *(rows.alarm_row(name, made) for name in made.manifest.gates.alarms))
    return made


def waits(cloud: Cloud, number: int, function: str = "checkout") -> Deployment:
    """Puts a deployment that waits until the open one has ended."""
    gates = {"alarms": [], "errors": False, "min_invocations": 0}
    made = deployment(
        number=number, target=live(function), artifact=_dropped(cloud, function, f"v{number}"), queued=True,
        own=f"slipway/{function}/live/{number}", manifest=manifest(gates=gates), revision=1,
    )  # fmt: skip
    write(cloud, rows.deployment_row(made, 1, None, NOW))
    return made


def step_over(cloud: Cloud) -> None:
    """The hold of the first step is over."""
    cloud.advance(timedelta(minutes=5))


def fires(cloud: Cloud, function: str = "checkout") -> None:
    """The deployment's own alarm fires, and nobody has heard of it yet."""
    cloud.cloudwatch.move(own_alarm(function), "ALARM")


def write(cloud: Cloud, *some: rows.Row) -> None:
    """Puts rows into the table by nobody's call."""
    for row in some:
        cloud.table.answer("PutItem", {}, json.dumps({"TableName": TABLE, "Item": to_item(row)}).encode())


def saved_by_another(cloud: Cloud, deployment: Deployment) -> None:
    """Another controller saves the record."""
    write(cloud, rows.deployment_row(deployment, deployment.revision + 1, NOW, NOW))


def stored(cloud: Cloud, function: str = "checkout", number: int = NUMBER) -> Deployment:
    """Returns a record as it is in the table."""
    return rows.read_deployment(from_item(cloud.table.rows[str(live(function)), rows.deployment_key(number)]))


def routing(cloud: Cloud, function: str = "checkout") -> Routing | None:
    """Returns what the alias carries, None where there is none."""
    return Seen(cloud, Remembered()).routing(live(function))


def operations(cloud: Cloud) -> list[str]:
    """Returns the operations of all calls so far."""
    return [call.operation for call in cloud.calls]


def fails(cloud: Cloud, operation: str, how: Fault, about: str = "") -> None:
    """From now on every call of that operation goes wrong; with ``about``, those whose parameters have that text."""

    def is_meant(call: Call) -> bool:
        return call.operation == operation and about in repr(call.parameters)

    cloud.fail(is_meant, how, times=None)


def breaks(cloud: Cloud, operation: str, problem: Exception, about: str = "") -> None:
    """The controller breaks by a fault of its own, in the place of every call of that operation from now on."""

    def break_down(call: Call) -> None:
        if call.operation == operation and about in repr(call.parameters):
            raise problem

    cloud.plan.before_each = break_down


def somebody_saves(cloud: Cloud, times: int) -> None:
    """Another controller saves checkout's record just before each of the next writes of a record."""

    def save() -> None:
        record = stored(cloud)
        write(cloud, rows.deployment_row(record, record.revision + 1, NOW, NOW))

    _before_each(cloud, "PutItem", times, save)


def somebody_moves(cloud: Cloud, times: int) -> None:
    """Another controller writes what checkout's alias carries once more, just before each of the next writes of it."""
    function = cloud.lambda_.functions["checkout"]

    def move() -> None:
        function.aliases["live"] = {**function.aliases["live"], "RevisionId": cloud.lambda_.revision()}

    _before_each(cloud, "UpdateAlias", times, move)


def _before_each(cloud: Cloud, operation: str, times: int, do: Callable[[], object]) -> None:
    first = cloud.wire.made[operation] + 1
    for nth in range(first, first + times):
        cloud.meanwhile(partial(_is, (operation, nth)), do)


def _is(named: tuple[str, int], call: Call) -> bool:
    return (call.operation, call.nth) == named


def _dropped(cloud: Cloud, function: str, code: str = "v3") -> Artifact:
    key = f"{function}/{code}.zip"
    cloud.storage.put(BUCKET, key, zipped(code))
    version = cloud.storage.buckets[BUCKET][key][-1].version_id
    return replace(artifact(), bucket=BUCKET, key=key, version_id=version)


def _point(cloud: Cloud, function: str, carried: Routing) -> None:
    weights = {carried.canary: carried.weight / 10_000} if carried.canary else {}
    cloud.lambda_.point(function, "live", carried.version, weights, armed())
