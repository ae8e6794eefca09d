"""Drops one zip after another, waits for the end of each deployment, and returns what came of them.

Everything is waited for by asking AWS; nothing sleeps for as long as something probably takes.

Note: a deployment is recognized by the object version that S3 gave to the upload, not by its key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from cli.asking.answers import Deployment, Evidence
from cli.showing.display import Lines
from cli.showing.panel import Moment
from local.demo.alarms import Alarms
from local.demo.alias import AliasWatch, read
from local.demo.controller import Controller
from local.demo.outcome import LONGEST_SECONDS, Outcome
from local.demo.releases import ALIAS, DROPS, FUNCTION, Drop, artifact, order
from local.demo.traffic import RATE, Traffic, counts
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

BETWEEN_LOOKS = 0.5

Found = TypeVar("Found")


class Demo:
    """One play of all drops. ``role`` is the ARN of the role that the function gets."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, role: str, display: Lines) -> None:
        self._lambda = aws.client("lambda")
        self._s3 = aws.client("s3")
        self._stack = stack
        self._role = role
        self._display = display
        self._alarms = Alarms(aws, f"{stack.name}/")
        self._controller = Controller(self._lambda, stack.controller)
        self._watch = AliasWatch(self._lambda, FUNCTION, ALIAS)
        self._traffic = Traffic(self._lambda, FUNCTION, ALIAS, order)
        self._evidence: dict[str, Evidence] = {}
        self._began = time.monotonic()

    def play(self) -> Outcome:
        """Drops all zips, up to the first whose deployment does not end as it must."""
        self._began = time.monotonic()
        with self._watch, self._traffic:
            all(self._ends_well(drop) for drop in DROPS)
            seconds = self._seconds
        return Outcome(
            deployments=self._controller.history(),
            live=read(self._lambda, FunctionName=FUNCTION, Name=ALIAS),
            previous=read(self._lambda, FunctionName=FUNCTION, Name="previous"),
            fired=self._alarms.fired(),
            evidence=self._evidence,
            changes=self._watch.changes,
            answers=self._traffic.answers,
            lost=self._traffic.lost,
            seconds=seconds,
        )

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _ends_well(self, drop: Drop) -> bool:
        """Drops one zip, waits for the end, and has customers served for another second. Returns whether to go on."""
        self._display.say(f"drop {FUNCTION}/{drop.file}: {drop.title}; it {drop.release.does}")
        body = artifact(drop.release, self._role)
        put = self._s3.put_object(Bucket=self._stack.bucket, Key=f"{FUNCTION}/{drop.file}", Body=body)
        try:
            ended = self._eventually(lambda: self._ended(drop, put["VersionId"]))
            if ended is None or ended.phase != drop.phase:
                self._display.say(f"{drop.file} must end as {drop.phase}; the demo cannot go on")
                return False
            served = len(self._traffic.answers) + RATE
            return self._eventually(lambda: self._has_served(drop, ended, served))
        except NotInTime as late:
            self._display.say(f"{drop.file}: the demo took too long; {late}")
            return False

    def _eventually(self, look: Callable[[], Found]) -> Found:
        return eventually(look, within=LONGEST_SECONDS - self._seconds, every=BETWEEN_LOOKS)

    def _ended(self, drop: Drop, upload: str) -> Deployment | None:
        """Looks once, shows what there is to see, and returns the deployment of ``upload`` if it is over."""
        deployment = self._controller.status()
        if self._watch.now is not None:
            self._traffic.start()
        if deployment is None or deployment.artifact_version != upload:
            return None
        self._display.tell(deployment)
        self._show(drop, deployment)
        if deployment.canary and deployment.evidence and not deployment.evidence.in_bake:
            self._evidence[deployment.canary] = deployment.evidence
        return deployment if deployment.has_ended else None

    def _has_served(self, drop: Drop, ended: Deployment, requests: int) -> bool:
        self._show(drop, ended)
        return len(self._traffic.answers) >= requests

    def _show(self, drop: Drop, deployment: Deployment) -> None:
        title = f"{drop.title}: {drop.release.does}"
        counted = counts(self._traffic.answers)
        self._display.show(Moment(self._seconds, title, deployment, self._watch.now, counted))
