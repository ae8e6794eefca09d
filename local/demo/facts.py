"""What happened, read back from the AWS APIs after the story, with what the traffic and the watch of the alias counted.

Note: the alarm of v3's deployment is deleted when that deployment ends. That it fired is known by its event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from local.demo.controller import Controller, Deployment
from local.demo.evidence import Evidence
from local.demo.notices import Fired, Notice, Notices
from local.demo.sightings import Routing, Sighting, read
from local.demo.traffic import Answer
from local.demo.versions import ALIAS, FUNCTION
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

LATEST_NOTICE = 5.0
"""Seconds that the last notices may take after the record they are about."""


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
        fired=tuple(one for one in notices.fired() if one.alarm.startswith(f"{stack.name}/")),
        heard=frozenset(_heard(aws.client("logs"), f"/aws/lambda/{stack.controller}")),
        alarms_left=tuple(_alarms_left(alarms, f"{stack.name}/")),
        notices=_announced(notices, deployments),
        sightings=counted.sightings,
        answers=counted.answers,
        lost=counted.lost,
        judged=counted.judged,
        seconds=counted.seconds,
    )


def _versions(functions: Any) -> Iterator[str]:
    for page in functions.get_paginator("list_versions_by_function").paginate(FunctionName=FUNCTION):
        yield from (one["Version"] for one in page["Versions"] if one["Version"] != "$LATEST")


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
