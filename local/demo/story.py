"""Plays the story: drops one zip after another and waits until the controller says that its deployment has ended.

Rules of the file:
- everything is waited for by asking AWS; nothing sleeps for as long as something probably takes;
- the story judges nothing but whether it can go on; ``verdict`` judges what came of it.

Note: a deployment is recognized by the object version that S3 gave to the upload, not by its key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from local.demo.controller import Controller, Deployment
from local.demo.evidence import Evidence
from local.demo.facts import Counted
from local.demo.scene import Scene
from local.demo.sightings import AliasWatch
from local.demo.timelines import Timelines
from local.demo.traffic import RATE, Traffic, counts
from local.demo.verdict import LONGEST_SECONDS
from local.demo.versions import ALIAS, FUNCTION, V1, V2, V3, V4, V5, Release, artifact, order
from local.demo.view import View
from local.polling import NotInTime, eventually
from local.server import EmbeddedAws
from local.stack import Stack

BETWEEN_LOOKS = 0.5
AFTERWARDS = RATE
"""Requests that customers send after an act before the next zip is dropped: a second of them."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Act:
    """One drop: of which release, under which name, what it is, and how it must end for the story to go on."""

    release: Release
    file: str
    title: str
    ends: str


ACTS = (
    Act(V1, "v1.zip", "v1, where nothing is yet", "SUCCEEDED"),
    Act(V2, "v2.zip", "v2, good", "SUCCEEDED"),
    Act(V3, "v3.zip", "v3, bad", "ROLLED_BACK"),
    Act(V4, "v4.zip", "v4, good again", "SUCCEEDED"),
    Act(V5, "v5.zip", "v5, bad for few", "ROLLED_BACK"),
    Act(V3, "v3-again.zip", "the bytes of v3, under another name", "FAILED"),
)


class Story:
    """One play of all acts. ``role`` is the ARN of the role that the function gets."""

    def __init__(self, aws: EmbeddedAws, stack: Stack, role: str, view: View) -> None:
        functions = aws.client("lambda")
        self._s3 = aws.client("s3")
        self._bucket = stack.bucket
        self._role = role
        self._view = view
        self._controller = Controller(functions, stack.controller)
        self._watch = AliasWatch(functions, FUNCTION, ALIAS)
        self._traffic = Traffic(functions, FUNCTION, ALIAS, order)
        self._timelines = Timelines(view)
        self._judged: dict[str, tuple[Evidence, ...]] = {}
        self._started = time.monotonic()

    def play(self) -> Counted:
        """Plays the acts in order, up to the first that does not end as it should, and returns what was counted."""
        self._started = time.monotonic()
        with self._watch, self._traffic:
            for act in ACTS:
                if not self._play(act):
                    break
            seconds = self._seconds
        return Counted(self._watch.sightings, self._traffic.answers, self._traffic.lost, self._judged, seconds)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _play(self, act: Act) -> bool:
        """Plays one act, and lets customers in for a moment after it. Returns whether the story can go on."""
        self._view.say(f"drop {FUNCTION}/{act.file}: {act.title}; it {act.release.does}")
        upload = self._drop(act)
        try:
            ended = self._eventually(lambda: self._ended(act, upload))
            if ended is None or ended.phase != act.ends:
                self._view.say(f"{act.file} must end as {act.ends}; the story cannot go on")
                return False
            served = len(self._traffic.answers) + AFTERWARDS
            return self._eventually(lambda: self._has_served(act, ended, served))
        except NotInTime as late:
            self._view.say(f"{act.file}: the story took too long; {late}")
            return False

    def _eventually(self, look: Callable[[], Found]) -> Found:
        return eventually(look, within=LONGEST_SECONDS - self._seconds, every=BETWEEN_LOOKS)

    def _drop(self, act: Act) -> str:
        body = artifact(act.release, self._role)
        answer = self._s3.put_object(Bucket=self._bucket, Key=f"{FUNCTION}/{act.file}", Body=body)
        return str(answer["VersionId"])

    def _ended(self, act: Act, upload: str) -> Deployment | None:
        """Looks once, shows what there is to see, and returns the deployment of ``upload`` if it is over."""
        deployment = self._controller.status()
        if self._watch.now is not None:
            self._traffic.start()
        if deployment is None or deployment.artifact_version != upload:
            return None
        self._timelines.tell(deployment)
        self._note(deployment)
        self._show(act, deployment)
        return deployment if deployment.has_ended else None

    def _has_served(self, act: Act, ended: Deployment, requests: int) -> bool:
        self._show(act, ended)
        return len(self._traffic.answers) >= requests

    def _show(self, act: Act, deployment: Deployment) -> None:
        self._view.show(
            Scene(
                seconds=self._seconds,
                act=f"{act.title}: {act.release.does}",
                deployment=deployment.name,
                phase=deployment.phase,
                routing=self._watch.now,
                counts=counts(self._traffic.answers),
                canary=deployment.canary or "",
                stable=deployment.stable or "",
                evidence=deployment.evidence,
            )
        )

    def _note(self, deployment: Deployment) -> None:
        """Remembers what the error gate has judged, where it has judged more since the last look."""
        seen = self._judged.get(deployment.name, ())
        if deployment.errors and deployment.errors not in seen:
            self._judged[deployment.name] = (*seen, deployment.errors)
