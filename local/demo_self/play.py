"""Drops a release of the function and a new controller beside it, and looks on until both have ended.

Rules of the file:
- nobody helps: once both are dropped, nothing is sent to the controller but questions, and those to ``previous``, which
  carries a good version all the time;
- here is decided only whether to go on; ``outcome`` says whether what came of it is right.

Note: both controllers deploy the function, the old one and the new. They share the records, and which of the two is at
work is drawn for every event.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.asking.answers import Deployment, Routing
from cli.showing.display import Lines
from local.demo.alias import AliasWatch, percents_of, read
from local.demo.controller import Controller, ControllerFailed
from local.demo.releases import ALIAS, FUNCTION, artifact, order
from local.demo.traffic import Traffic
from local.demo_self.changes import LICENCE, STOPS_STARTING, changed, quick
from local.demo_self.drops import DROPS, Drop
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

RATE = 10
"""Requests to the function a second."""
LONGEST_DROP = 90.0
BETWEEN_LOOKS = 0.6
ASKED_BEFORE = 20
"""Requests that the controller has had in the hour before a drop. With fewer its own alarm knows too little to compare
with, and fires only where nearly all requests fail; one that has run for an hour has had sixty ticks.
"""
BETWEEN_READS = 0.2


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a drop. ``together``: the function's deployment was open when the controller's was dropped.

    ``shares`` are the percents of events that the new controller was seen to get, in order. ``live`` is what the
    controller's alias carries afterwards, and ``answered`` the version that answers through it; None where none does.
    """

    drop: Drop
    controller: Deployment | None
    function: Deployment | None
    together: bool
    shares: tuple[float, ...]
    live: Routing | None
    answered: str | None
    seconds: float


class Watched:
    """The deployments of one function, of which the newest is that of ``upload``."""

    def __init__(self, controller: Controller, display: Lines) -> None:
        self._controller = controller
        self._display = display
        self.upload = ""
        self.seen: Deployment | None = None

    def look(self) -> Deployment | None:
        """Returns the deployment of the upload, None before it was taken in, and says what is new of it."""
        found = self._controller.status()
        self.seen = found if found and found.artifact_version == self.upload else None
        if self.seen:
            self._display.tell(self.seen)
        return self.seen

    @property
    def phase(self) -> str:
        return self.seen.phase if self.seen else ""


class Demo:
    """One play of all drops. ``package`` is the controller's zip, ``role`` the ARN of the function's role."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, role: str, package: Path, display: Lines) -> None:
        self._aws, self._stack, self._role, self._package, self._display = aws, stack, role, package, display
        self._lambda = aws.client("lambda")
        asked = [Controller(self._lambda, stack.controller, each, "previous") for each in (FUNCTION, stack.controller)]
        self._function, self._own = (Watched(each, display) for each in asked)
        self._alias = {"FunctionName": stack.controller, "Name": ALIAS}
        self._watch = AliasWatch(self._lambda, stack.controller, ALIAS, BETWEEN_READS)
        self._said = 0

    def play(self) -> tuple[Played, ...]:
        """Drops all in order, up to the first after which no controller answers."""
        played: list[Played] = []
        with self._watch:
            for drop in DROPS:
                played.append(self._play(drop))
                if played[-1].answered is None:
                    break
        return tuple(played)

    def _play(self, drop: Drop) -> Played:
        began = time.monotonic()
        self._prepare(drop)
        together = self._drop_both(drop)
        with suppress(NotInTime), Traffic(self._lambda, FUNCTION, ALIAS, order, RATE) as traffic:
            eventually(lambda: self._looked(drop, traffic), LONGEST_DROP, BETWEEN_LOOKS)
        live, answered = read(self._lambda, **self._alias), self._answered()
        self._display.say(f"  {self._stack.controller}:{ALIAS}  version {answered} answers status")
        seconds = time.monotonic() - began
        return Played(drop, self._own.seen, self._function.seen, together, self._shares(), live, answered, seconds)

    def _drop_both(self, drop: Drop) -> bool:
        """Drops both, the function's first; returns whether that was open when the other one was dropped."""
        change, release = drop.change, drop.release
        self._display.say(f"drop {FUNCTION}/{change.name}.zip: it {release.does}")
        self._function.upload = self._put(FUNCTION, f"{change.name}.zip", artifact(release, self._role))
        eventually(self._function.look, LONGEST_DROP, BETWEEN_LOOKS)
        together = self._function.seen is not None and not self._function.seen.has_ended
        self._display.say(f"drop {self._stack.controller}/{change.name}.zip: it {change.does}")
        source = change.source.replace("{bucket}", self._stack.bucket).replace("{key}", self._licence)
        content = changed(self._package, source, quick(change.steps, change.bake))
        self._own.upload = self._put(self._stack.controller, f"{change.name}.zip", content)
        return together

    def _looked(self, drop: Drop, traffic: Traffic) -> bool:
        """Looks once, says what there is to see, and lets happen what happens then; returns whether both are over."""
        function, own = self._function.look(), self._own.look()
        self._say_changes()
        if self._function.phase in ("SHIFTING", "BAKING") and (not drop.customers_wait or self._own.phase == "BAKING"):
            traffic.start()
        if drop.change is STOPS_STARTING and self._own.phase == "BAKING":
            self._delete_licence()
        return all(each is not None and each.has_ended for each in (function, own))

    def _say_changes(self) -> None:
        for change in self._watch.changes[self._said :]:
            self._display.say(f"  {self._stack.controller}:{ALIAS}  carries {change.routing or 'nothing'}")
            self._said += 1

    def _shares(self) -> tuple[float, ...]:
        canary = self._own.seen.canary if self._own.seen else None
        return percents_of(canary, self._watch.changes) if canary else ()

    def _answered(self) -> str | None:
        try:
            return Controller(self._lambda, self._stack.controller).version()
        except ControllerFailed:
            return None

    # -- what happens beside the drops --------------------------------------------------------------------------------

    @property
    def _licence(self) -> str:
        return f"{self._stack.controller}/{LICENCE}"

    def _prepare(self, drop: Drop) -> None:
        for _ in range(ASKED_BEFORE):
            self._answered()
        if drop.change is STOPS_STARTING:
            self._put(self._stack.controller, LICENCE, b"valid")
        for name in drop.release.alarms:
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
