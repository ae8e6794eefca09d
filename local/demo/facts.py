"""What happened, read back from the AWS APIs after the story, with what the traffic and the watch of the alias counted.

What a newcomer would get wrong: the alarm of v3's deployment is deleted when that deployment ends. Its history stays. Source:
CloudWatch API reference, DescribeAlarmHistory: "CloudWatch retains the history of an alarm even if you delete the alarm", 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.demo.controller import Controller, Deployment
from local.demo.sightings import Routing, Sighting, read
from local.demo.traffic import Answer
from local.demo.versions import ALIAS, FUNCTION
from local.server import EmbeddedAws
from local.stack import Stack


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm changed to ALARM at ``at``, in seconds since 1970."""

    alarm: str
    at: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the verdict is about.

    ``deployments`` are oldest first. ``versions`` are the function's published versions. ``fired`` are the alarms of the stack
    that fired, and ``heard`` those whose event the controller says, in its log, to have handled. ``lost`` are requests that got
    no answer of the function. ``seconds`` is how long the story took.
    """

    deployments: tuple[Deployment, ...]
    live: Routing | None
    previous: Routing | None
    versions: tuple[str, ...]
    fired: tuple[Fired, ...]
    heard: frozenset[str]
    sightings: tuple[Sighting, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted while the story ran."""

    sightings: tuple[Sighting, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    seconds: float


def gather(aws: EmbeddedAws, stack: Stack, counted: Counted) -> Facts:
    """Reads the end state. It changes nothing."""
    functions = aws.client("lambda")
    return Facts(
        deployments=Controller(functions, stack.controller).history(),
        live=read(functions, FunctionName=FUNCTION, Name=ALIAS),
        previous=read(functions, FunctionName=FUNCTION, Name="previous"),
        versions=tuple(_versions(functions)),
        fired=tuple(_fired(aws.client("cloudwatch"), f"{stack.name}/")),
        heard=frozenset(_heard(aws.client("logs"), f"/aws/lambda/{stack.controller}")),
        sightings=counted.sightings,
        answers=counted.answers,
        lost=counted.lost,
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


def _heard(logs: Any, group: str) -> Iterator[str]:
    """Reads the controller's summary lines: {"message": "handled", "event": "alarm", "alarm": "slipway/checkout/live/3", ...}."""
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for message in (one["message"] for one in page["events"] if '"alarm"' in one["message"]):
            line = json.loads(message)
            if line.get("event") == "alarm":
                yield line["alarm"]
