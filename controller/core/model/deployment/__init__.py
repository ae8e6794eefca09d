"""A deployment: one attempt to move one target to one artifact, and everything remembered about it.

Identity, phase and outcome are fields of the deployment itself. The rest is in groups:

    versions       stable, canary, their bytes, ``$LATEST``       versions.py
    traffic        step, expected routings, drift                 traffic.py
    evidence       tests, hooks, requests and errors              evidence.py
    alarms         its own, disarmed, overridden                  alarms.py
    hold           queue, delay, approval, pause, freeze          hold/
    drill          the rehearsal, if it is one                    drill.py
    bookkeeping    milestones, timeline, notices, requests        bookkeeping.py

``reason`` says why it ended, or is being rolled back. Before that, ``failing`` is the reason of a failure while
cleaning up before traffic, and ``hold.frozen`` the reason of a freeze while a person decides; ``objection`` is the
present one of the three.

Rules of the package: everything is frozen; a change is a new value made with ``dataclasses.replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from controller.core.manifest.settings import Manifest
from controller.core.model.deployment.alarms import Alarms
from controller.core.model.deployment.bookkeeping import Bookkeeping, CarriedOut, Entry, Milestone, Notice
from controller.core.model.deployment.drill import Drill
from controller.core.model.deployment.evidence import Evidence, MetricEvidence, TestOutcome
from controller.core.model.deployment.hold import Approval, Hold
from controller.core.model.deployment.traffic import Traffic
from controller.core.model.deployment.versions import Versions
from controller.core.model.moment import require_aware
from controller.core.model.person import NOBODY, Person
from controller.core.model.phase import Phase, Reason
from controller.core.model.target import Artifact, Target

__all__ = [
    "Alarms",
    "Approval",
    "Bookkeeping",
    "CarriedOut",
    "Deployment",
    "Drill",
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
    """The reason of a failure before traffic, and the beginning of its cleaning up."""

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
    """When the deployment was admitted, or its turn came after waiting; the deadline counts from here."""
    phase_since: datetime
    alarms: Alarms
    person: Person = NOBODY
    """The person who dropped the artifact, or asked for the deployment."""
    lifts_quarantine: bool = False
    """True if a person asked for these bytes although they were rolled back before."""
    reason: Reason | None = None
    """Why the deployment ended, or is being rolled back; None before."""
    failing: Failing | None = None
    """Why it will end before any traffic, after cleaning ``$LATEST``; None while nothing needs cleaning."""
    versions: Versions = field(default_factory=Versions)
    traffic: Traffic = field(default_factory=Traffic)
    evidence: Evidence = field(default_factory=Evidence)
    hold: Hold = field(default_factory=Hold)
    bookkeeping: Bookkeeping = field(default_factory=Bookkeeping)
    drill: Drill | None = None
    """The rehearsal of the way back; None for a deployment that ships something."""
    revision: int = 0
    """Counts the saves of the record, for the compare-and-swap."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Stored fields unknown to this release; they survive a save."""

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
        """The reason of its end, rollback, failure or freeze; None while all goes well."""
        return self.reason or (self.failing.reason if self.failing else self.hold.frozen)

    @property
    def cleans_up_since(self) -> datetime | None:
        """The beginning of cleaning up, after a failure before traffic or a rollback."""
        return self.failing.since if self.failing else self.traffic.turned_back_at

    def deadline(self, now: datetime | None = None) -> datetime:
        """Returns when the deployment has been open for too long; the time under freezes does not count.

        With a ``now`` of None the present freeze counts as over since its beginning.
        """
        return self.opened_at + self.manifest.deadline_with_pauses + self.hold.freeze_wait.lasted(now)

    @property
    def is_first(self) -> bool:
        """Is there no version to go back to?"""
        return self.versions.preflighted and self.stable is None and not self.versions.onboards

    @property
    def only_goes_back(self) -> bool:
        """Did it begin with its rollback? Then it has shipped nothing, and its canary version is the one it left."""
        is_back = self.phase in (Phase.ROLLING_BACK, Phase.ROLLED_BACK) or self.traffic.turned_back_at is not None
        return is_back and self.versions.preflighted and self.traffic.since is None

    @property
    def ships(self) -> bool:
        """Is its canary version its own, made to replace the stable one? Not in a drill, nor if it only goes back."""
        return self.drill is None and not self.only_goes_back

    @property
    def leaves_latest_behind(self) -> bool:
        """Has it succeeded while ``$LATEST`` still matches the stable version?"""
        is_behind = self.versions.latest is not None and self.versions.latest != self.canary
        return self.phase is Phase.SUCCEEDED and is_behind

    @property
    def alarm_names(self) -> tuple[str, ...]:
        """The alarms guarding this deployment now: the named ones, and the own alarm while it exists."""
        exists = Milestone.ALARM_MADE in self.done and Milestone.ALARM_DELETED not in self.done
        return (*self.manifest.gates.alarms, *((self.alarms.own,) if exists else ()))

    def with_done(self, *milestones: Milestone) -> Deployment:
        return replace(self, bookkeeping=replace(self.bookkeeping, done=self.done | set(milestones)))

    def with_evidence(self, evidence: Evidence) -> Deployment:
        """Returns the deployment with the evidence of a look; the very same one if nothing is new."""
        return self if evidence == self.evidence else replace(self, evidence=evidence)

    def without_delay(self) -> Deployment:
        """Returns the deployment without its delay."""
        return self if self.hold.delay is None else replace(self, hold=replace(self.hold, delay=None))
