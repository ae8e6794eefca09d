"""Payloads as they come in, and what a controller that handles them says."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from controller.dispatch import Dispatcher, Outcome
from tests.cloud.cloud import Cloud
from tests.cloud.steps import BUCKET, ROLE
from tests.cloud.zips import zipped

TICK = {"source": "aws.events", "detail-type": "Scheduled Event"}
PLENTY = timedelta(minutes=5)


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


def notification(cloud: Cloud, *functions: str) -> dict[str, Any]:
    """S3's direct notification of a zip for each function, which is there to be read."""
    document = {"function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE}, "gates": {"alarms": []}}
    for function in functions:
        cloud.storage.put(BUCKET, f"{function}/1.zip", zipped("v1", document))
    return {"Records": [record(function, cloud) for function in functions]}


def record(function: str, cloud: Cloud) -> dict[str, Any]:
    """One record of a notification."""
    key = f"{function}/1.zip"
    version = cloud.storage.buckets[BUCKET][key][-1].version_id
    found = {"key": key, "versionId": version, "sequencer": "0A", "size": 1}
    s3 = {"bucket": {"name": BUCKET}, "object": found}
    return {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": "2026-11-24T10:00:00Z", "s3": s3}
