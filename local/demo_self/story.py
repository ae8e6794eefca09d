"""Plays the acts: drops a release of the function and a new controller beside it, and looks on until both have ended.

Rules of the file:
- nobody helps: once both are dropped, nothing is sent to the controller but questions, and those to ``previous``, which
  carries a good version all the time;
- the story judges nothing but whether it can go on; ``verdict`` judges what came of it.

Note: both controllers deploy the function, the old one and the new. They share the records, and which of the two is at
work is drawn for every event.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.demo.controller import Controller, ControllerFailed, Deployment
from local.demo.scene import routing_in_words
from local.demo.sightings import AliasWatch, Routing, percents_of, read
from local.demo.timelines import Timelines
from local.demo.traffic import Traffic
from local.demo.versions import ALIAS, FUNCTION, artifact, order
from local.demo.view import View
from local.demo_self.acts import ACTS, Act
from local.demo_self.changes import LICENCE, STOPS_STARTING, changed, quick
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

RATE = 10
"""Requests to the function a second."""
LONGEST_ACT = 90.0
BETWEEN_LOOKS = 0.6
ASKED_BEFORE = 20
"""Requests that the controller has had in the hour before a drop. With fewer its own alarm knows too little to compare
with, and fires only where nearly all requests fail; one that has run for an hour has had sixty ticks.
"""
BETWEEN_SIGHTINGS = 0.2


@dataclass(frozen=True, slots=True)
class Played:
    """What came of an act. ``together``: the function's deployment was open when the controller's was dropped.

    ``shares`` are the percents of events that the new controller was seen to get, in order. ``live`` is what the
    controller's alias carries afterwards, and ``answered`` the version that answers through it; None where none does.
    """

    act: Act
    controller: Deployment | None
    function: Deployment | None
    together: bool
    shares: tuple[float, ...]
    live: Routing | None
    answered: str | None
    seconds: float


class Watched:
    """The deployments of one function, of which the newest is that of ``upload``."""

    def __init__(self, controller: Controller, timelines: Timelines) -> None:
        self._controller = controller
        self._timelines = timelines
        self.upload = ""
        self.seen: Deployment | None = None

    def look(self) -> Deployment | None:
        """Returns the deployment of the upload, None before it was taken in, and says what is new of it."""
        found = self._controller.status()
        self.seen = found if found and found.artifact_version == self.upload else None
        if self.seen:
            self._timelines.tell(self.seen)
        return self.seen

    @property
    def phase(self) -> str:
        return self.seen.phase if self.seen else ""


class Story:
    """One play of all acts. ``package`` is the controller's zip, ``role`` the ARN of the function's role."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, role: str, package: Path, view: View) -> None:
        self._aws, self._stack, self._role, self._package, self._view = aws, stack, role, package, view
        self._lambda = aws.client("lambda")
        timelines = Timelines(view)
        asked = [Controller(self._lambda, stack.controller, each, "previous") for each in (FUNCTION, stack.controller)]
        self._function, self._own = (Watched(each, timelines) for each in asked)
        self._alias = {"FunctionName": stack.controller, "Name": ALIAS}
        self._watch = AliasWatch(self._lambda, stack.controller, ALIAS, BETWEEN_SIGHTINGS)
        self._sighted = 0

    def play(self) -> tuple[Played, ...]:
        """Plays the acts in order, up to the first that does not come to its end."""
        played: list[Played] = []
        with self._watch:
            for act in ACTS:
                played.append(self._play(act))
                if played[-1].answered is None:
                    break
        return tuple(played)

    def _play(self, act: Act) -> Played:
        began = time.monotonic()
        self._prepare(act)
        together = self._drop(act)
        with suppress(NotInTime), Traffic(self._lambda, FUNCTION, ALIAS, order, RATE) as traffic:
            eventually(lambda: self._looked(act, traffic), LONGEST_ACT, BETWEEN_LOOKS)
        live, answered = read(self._lambda, **self._alias), self._answered()
        self._view.say(f"  {self._stack.controller}:{ALIAS}  version {answered} answers status")
        seconds = time.monotonic() - began
        return Played(act, self._own.seen, self._function.seen, together, self._shares(), live, answered, seconds)

    def _drop(self, act: Act) -> bool:
        """Drops both, the function's first; returns whether that was open when the other one was dropped."""
        change, release = act.change, act.release
        self._view.say(f"drop {FUNCTION}/{change.name}.zip: it {release.does}")
        self._function.upload = self._put(FUNCTION, f"{change.name}.zip", artifact(release, self._role))
        eventually(self._function.look, LONGEST_ACT, BETWEEN_LOOKS)
        together = self._function.seen is not None and not self._function.seen.has_ended
        self._view.say(f"drop {self._stack.controller}/{change.name}.zip: it {change.does}")
        source = change.source.replace("{bucket}", self._stack.bucket).replace("{key}", self._licence)
        content = changed(self._package, source, quick(change.steps, change.bake))
        self._own.upload = self._put(self._stack.controller, f"{change.name}.zip", content)
        return together

    def _looked(self, act: Act, traffic: Traffic) -> bool:
        """Looks once, says what there is to see, and lets happen what happens then; returns whether both are over."""
        function, own = self._function.look(), self._own.look()
        self._say_sightings()
        if self._function.phase in ("SHIFTING", "BAKING") and (not act.customers_wait or self._own.phase == "BAKING"):
            traffic.start()
        if act.change is STOPS_STARTING and self._own.phase == "BAKING":
            self._delete_licence()
        return all(each is not None and each.has_ended for each in (function, own))

    def _say_sightings(self) -> None:
        for sighting in self._watch.sightings[self._sighted :]:
            self._view.say(f"  {self._stack.controller}:{ALIAS}  carries {routing_in_words(sighting.routing)}")
            self._sighted += 1

    def _shares(self) -> tuple[float, ...]:
        canary = self._own.seen.canary if self._own.seen else None
        return percents_of(canary, self._watch.sightings) if canary else ()

    def _answered(self) -> str | None:
        try:
            return Controller(self._lambda, self._stack.controller).version()
        except ControllerFailed:
            return None

    # -- what happens beside the drops --------------------------------------------------------------------------------

    @property
    def _licence(self) -> str:
        return f"{self._stack.controller}/{LICENCE}"

    def _prepare(self, act: Act) -> None:
        for _ in range(ASKED_BEFORE):
            self._answered()
        if act.change is STOPS_STARTING:
            self._put(self._stack.controller, LICENCE, b"valid")
        for name in act.release.alarms:
            self._put_alarm(name)

    def _put(self, folder: str, file: str, content: bytes) -> str:
        answer = self._aws.client("s3").put_object(Bucket=self._stack.bucket, Key=f"{folder}/{file}", Body=content)
        return str(answer["VersionId"])

    def _put_alarm(self, name: str) -> None:
        dimensions = {"FunctionName": FUNCTION, "Resource": f"{FUNCTION}:{ALIAS}"}
        self._aws.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": each, "Value": value} for each, value in dimensions.items()],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )

    def _delete_licence(self) -> None:
        """Deletes what the new version needs to start, and Lambda ends the processes that run already."""
        self._aws.client("s3").delete_object(Bucket=self._stack.bucket, Key=self._licence)
        self._aws.recycle(self._stack.controller)
