"""One attempt to move one target to one artifact: all that is remembered of it.

A deployment says of itself which it is, where it stands and how it ended. All else stands in values that belong
together:

    versions       stable, canary, their bytes, ``$LATEST``       versions.py
    traffic        step, expected routings, drift                 traffic.py
    evidence       tests, hooks, requests and errors              evidence.py
    alarms         its own, disarmed, overridden                  alarms.py
    hold           queue, delay, approval, pause, freeze          hold.py
    bookkeeping    milestones, timeline, notices, requests        bookkeeping.py

``reason`` says why it ended, or is being rolled back. What speaks against it before that is ``failing`` while it cleans
up before traffic, and ``hold.frozen`` while a person decides; ``objection`` is whichever of the three there is.

Rules of the package: everything is frozen; a change is a new value made with ``dataclasses.replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from controller.core.manifest.settings import Manifest
from controller.core.model.deployment.alarms import Alarms
from controller.core.model.deployment.bookkeeping import Bookkeeping, CarriedOut, Entry, Milestone, Notice
from controller.core.model.deployment.evidence import Evidence, MetricEvidence, TestOutcome
from controller.core.model.deployment.hold import Approval, Hold
from controller.core.model.deployment.traffic import Traffic
from controller.core.model.deployment.versions import Versions
from controller.core.model.moment import require_aware
from controller.core.model.phase import Phase, Reason
from controller.core.model.target import Artifact, Target

__all__ = [
    "Alarms",
    "Approval",
    "Bookkeeping",
    "CarriedOut",
    "Deployment",
    "Entry",
    "Evidence",
    "Failing",
    "Hold",
    "MetricEvidence",
    "Milestone",
    "Notice",
    "TestOutcome",
    "Traffic",
    "Versions",
]


@dataclass(frozen=True, slots=True)
class Failing:
    """Why a deployment is to end before any traffic, and since when it cleans up for that."""

    reason: Reason
    since: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """One attempt to move one target to one artifact."""

    target: Target
    number: int
    artifact: Artifact
    manifest: Manifest
    phase: Phase
    opened_at: datetime
    """When it was accepted, or, where it had to wait, when its turn came; the deadline counts from here."""
    phase_since: datetime
    alarms: Alarms
    lifts_quarantine: bool = False
    """True when a person asked for these bytes although they were rolled back before."""
    reason: Reason | None = None
    """Why it ended, or is being rolled back; None before that."""
    failing: Failing | None = None
    """Why it will end before any traffic, once its bytes are out of ``$LATEST``; None while nothing is to clean up."""
    versions: Versions = field(default_factory=Versions)
    traffic: Traffic = field(default_factory=Traffic)
    evidence: Evidence = field(default_factory=Evidence)
    hold: Hold = field(default_factory=Hold)
    bookkeeping: Bookkeeping = field(default_factory=Bookkeeping)
    revision: int = 0
    """Counts the saves of the record; the compare-and-swap is on it."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Stored fields that this code does not know; they survive a save."""

    def __post_init__(self) -> None:
        require_aware(self.opened_at)
        require_aware(self.phase_since)

    def __str__(self) -> str:
        return f"{self.target}#{self.number}"

    @property
    def stable(self) -> str | None:
        return self.versions.stable

    @property
    def canary(self) -> str | None:
        return self.versions.canary

    @property
    def done(self) -> frozenset[Milestone]:
        return self.bookkeeping.done

    @property
    def timeline(self) -> tuple[Entry, ...]:
        return self.bookkeeping.timeline

    @property
    def objection(self) -> Reason | None:
        """What speaks against it: why it ended, goes back, is failing or is frozen; None while all goes well."""
        return self.reason or (self.failing.reason if self.failing else self.hold.frozen)

    @property
    def cleans_up_since(self) -> datetime | None:
        """When it began to put back what it changed: as it failed before traffic, or as it was rolled back."""
        return self.failing.since if self.failing else self.traffic.turned_back_at

    @property
    def is_first(self) -> bool:
        """Is there nothing to go back to?"""
        return self.versions.preflighted and self.stable is None and not self.versions.onboards

    @property
    def leaves_latest_behind(self) -> bool:
        """Has it succeeded while ``$LATEST`` is still what the stable version was?"""
        is_behind = self.versions.latest is not None and self.versions.latest != self.canary
        return self.phase is Phase.SUCCEEDED and is_behind

    @property
    def alarm_names(self) -> tuple[str, ...]:
        """The alarms that guard this deployment now: the named ones, and its own while it exists."""
        exists = Milestone.ALARM_MADE in self.done and Milestone.ALARM_DELETED not in self.done
        return (*self.manifest.gates.alarms, *((self.alarms.own,) if exists else ()))

    def with_done(self, *milestones: Milestone) -> Deployment:
        return replace(self, bookkeeping=replace(self.bookkeeping, done=self.done | set(milestones)))

    def with_evidence(self, evidence: Evidence) -> Deployment:
        """Returns the deployment with what a look has shown, and the very same one where that is nothing new."""
        return self if evidence == self.evidence else replace(self, evidence=evidence)

    def without_delay(self) -> Deployment:
        """Returns the deployment as one that gets on."""
        return self if self.hold.delay is None else replace(self, hold=replace(self.hold, delay=None))
