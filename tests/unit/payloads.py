"""Payloads as they come in, and what a controller that handles them says."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from controller.dispatch import Dispatcher, Outcome
from tests.fakes import ROLE, World, Zip
from tests.unit.worlds import PLENTY


def hears(controller: Dispatcher, payload: object, *left: timedelta) -> list[Outcome]:
    """The controller handles a payload; ``left`` is the time that it has, each time that it looks."""
    times = iter(left)
    return controller.dispatch(payload, lambda: next(times) if left else PLENTY)


def line(controller: Dispatcher, payload: object, *left: timedelta) -> dict[str, Any]:
    (outcome,) = hears(controller, payload, *left)
    return json.loads(json.dumps(outcome.line))  # type: ignore[no-any-return]


def looked_at(told: dict[str, Any]) -> list[str]:
    return [each["deployment"].partition(":")[0] for each in told["deployments"]]


def alarm(name: str, function: str = "", version: str = "3") -> dict[str, Any]:
    """The event of an alarm on what a version of ``function`` serves; without one: on something that is no alias."""
    dimensions = {"FunctionName": function, "Resource": f"{function}:live", "ExecutedVersion": version}
    metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": dimensions if function else {"Queue": "q"}}
    detail = {
        "alarmName": name,
        "state": {"value": "ALARM", "timestamp": "2026-11-24T10:00:30.000+0000"},
        "configuration": {"metrics": [{"id": "m", "metricStat": {"metric": metric, "period": 60, "stat": "Sum"}}]},
    }
    return {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}


def notification(world: World, *functions: str) -> dict[str, Any]:
    """S3's direct notification of a zip for each function, which is there to be read."""
    document = {"function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}, "gates": {"alarms": []}}
    for function in functions:
        world.zips[f"{function}/1.zip"] = Zip(json.dumps(document), world.now)
    return {"Records": [record(function) for function in functions]}


def record(function: str) -> dict[str, Any]:
    """One record of a notification."""
    found = {"key": f"{function}/1.zip", "versionId": "v1", "sequencer": "0A", "size": 1}
    s3 = {"bucket": {"name": "drop"}, "object": found}
    return {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": "2026-11-24T10:00:00Z", "s3": s3}
