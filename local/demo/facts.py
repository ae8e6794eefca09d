"""What happened, read back from the AWS APIs after the story, with what the traffic and the watch of the alias counted.

What a newcomer would get wrong: the alarm of v3's deployment is deleted when that deployment ends. Its history stays.
Source: CloudWatch API reference, DescribeAlarmHistory, 2026-11: the history is retained even if the alarm is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.demo.controller import Controller, Deployment
from local.demo.evidence import Evidence
from local.demo.notices import Notice, Notices
from local.demo.sightings import Routing, Sighting, read
from local.demo.traffic import Answer
from local.demo.versions import ALIAS, FUNCTION
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

LATEST_NOTICE = 5.0
"""Seconds that the last notices may take after the record they are about."""


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm changed to ALARM at ``at``, in seconds since 1970."""

    alarm: str
    at: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the verdict is about.

    ``deployments`` are oldest first. ``versions`` are the function's published versions. ``fired`` are the deployments'
    alarms that fired, ``heard`` those whose event the controller says, in its log, to have handled, and ``alarms_left``
    those that still exist. ``lost`` are requests that got no answer of the function. ``judged`` is the evidence that
    the controller told of while it judged, by the deployment's name, oldest first. ``seconds`` is how long the story
    took.
    """

    deployments: tuple[Deployment, ...]
    live: Routing | None
    previous: Routing | None
    versions: tuple[str, ...]
    fired: tuple[Fired, ...]
    heard: frozenset[str]
    alarms_left: tuple[str, ...]
    notices: frozenset[Notice]
    sightings: tuple[Sighting, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    judged: Mapping[str, tuple[Evidence, ...]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted while the story ran."""

    sightings: tuple[Sighting, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    judged: Mapping[str, tuple[Evidence, ...]]
    seconds: float


def gather(aws: EmbeddedAws, stack: Stack, notices: Notices, counted: Counted) -> Facts:
    """Reads the end state, and waits a little for the last notices. It changes nothing."""
    functions, alarms = aws.client("lambda"), aws.client("cloudwatch")
    deployments = Controller(functions, stack.controller).history()
    return Facts(
        deployments=deployments,
        live=read(functions, FunctionName=FUNCTION, Name=ALIAS),
        previous=read(functions, FunctionName=FUNCTION, Name="previous"),
        versions=tuple(_versions(functions)),
        fired=tuple(_fired(alarms, f"{stack.name}/")),
        heard=frozenset(_heard(aws.client("logs"), f"/aws/lambda/{stack.controller}")),
        alarms_left=tuple(_alarms_left(alarms, f"{stack.name}/")),
        notices=_announced(notices, deployments),
        sightings=counted.sightings,
        answers=counted.answers,
        lost=counted.lost,
        judged=counted.judged,
        seconds=counted.seconds,
    )


def changed_at(history_data: str) -> float:
    """Returns when an alarm changed its state, in seconds since 1970, from a StateUpdate's HistoryData.

    Its ``newState.stateReasonData.queryDate`` is to the millisecond: "2026-11-23T10:20:48.551+0000".
    """
    reason = json.loads(history_data)["newState"]["stateReasonData"]
    return datetime.strptime(reason["queryDate"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def _versions(functions: Any) -> Iterator[str]:
    for page in functions.get_paginator("list_versions_by_function").paginate(FunctionName=FUNCTION):
        yield from (one["Version"] for one in page["Versions"] if one["Version"] != "$LATEST")


def _fired(alarms: Any, prefix: str) -> Iterator[Fired]:
    pages = alarms.get_paginator("describe_alarm_history").paginate(
        HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )
    for item in (item for page in pages for item in page["AlarmHistoryItems"]):
        became = json.loads(item["HistoryData"])["newState"]["stateValue"]
        if became == "ALARM" and item["AlarmName"].startswith(prefix):
            yield Fired(item["AlarmName"], changed_at(item["HistoryData"]))


def _alarms_left(alarms: Any, prefix: str) -> Iterator[str]:
    for page in alarms.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix):
        yield from (alarm["AlarmName"] for alarm in page["MetricAlarms"])


def _announced(notices: Notices, deployments: Iterable[Deployment]) -> frozenset[Notice]:
    ends = {(one.name, one.phase) for one in deployments}
    with suppress(NotInTime):
        eventually(lambda: ends <= set(notices.read()), within=LATEST_NOTICE)
    return frozenset(notices.read())


def _heard(logs: Any, group: str) -> Iterator[str]:
    """Reads the controller's log: {"message": "handled", "event": "alarm", "alarm": "slipway/checkout/live/3"}."""
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for message in (one["message"] for one in page["events"] if one["message"].startswith("{")):
            line = json.loads(message)
            if line.get("event") == "alarm":
                yield line["alarm"]
