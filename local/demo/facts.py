"""What happened, read back from the AWS APIs after the story, with what was counted while it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.demo.alarms import Alarms, Fired
from local.demo.controller import Controller, Deployment
from local.demo.evidence import Evidence
from local.demo.sightings import Routing, Sighting, read
from local.demo.traffic import Answer
from local.demo.versions import ALIAS, FUNCTION
from local.server import EmbeddedAws
from local.stack import Stack


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted while the story ran.

    ``lost`` are requests that got no answer of the function. ``judged`` is the evidence that the controller told of
    while it judged, by the deployment's name, oldest first. ``seconds`` is how long the story took.
    """

    sightings: tuple[Sighting, ...]
    answers: tuple[Answer, ...]
    lost: tuple[str, ...]
    judged: Mapping[str, tuple[Evidence, ...]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the verdict is about. ``deployments`` are oldest first, ``fired`` those of their own alarms that
    fired.
    """

    deployments: tuple[Deployment, ...]
    live: Routing | None
    previous: Routing | None
    fired: tuple[Fired, ...]
    counted: Counted


def gather(aws: EmbeddedAws, stack: Stack, alarms: Alarms, counted: Counted) -> Facts:
    """Reads the end state. It changes nothing."""
    functions = aws.client("lambda")
    return Facts(
        deployments=Controller(functions, stack.controller).history(),
        live=read(functions, FunctionName=FUNCTION, Name=ALIAS),
        previous=read(functions, FunctionName=FUNCTION, Name="previous"),
        fired=tuple(one for one in alarms.fired() if one.alarm.startswith(f"{stack.name}/")),
        counted=counted,
    )
