"""One attempt to move one target to one artifact: all that is remembered of it.

Rules of the file: everything is frozen; a change is a new value made with ``dataclasses.replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from controller.core.manifest.settings import Manifest
from controller.core.model.delay import Delay
from controller.core.model.hook_run import HookRun
from controller.core.model.metric_evidence import MetricEvidence
from controller.core.model.moment import require_aware
from controller.core.model.phase import Phase, Reason
from controller.core.model.target import Artifact, Routing, Target
from controller.core.statistics.before_after import BakeEvidence, ServedBefore
from controller.core.statistics.sample_ratio import SampleRatio
from controller.core.statistics.shift import Shift
from controller.core.statistics.slow_requests import SlowRequests


class Milestone(Enum):
    """Work beside the traffic that a deployment owes AWS, done once and remembered in its record."""

    IDENTIFIED = "identified"
    TESTED = "tested"
    BACKED_UP = "backed_up"
    BACKUP_RESTORED = "backup_restored"
    """The backup alias keeps what it did before the deployment, or that was given up."""
    ALARM_MADE = "alarm_made"
    ALARM_AT_PROMOTION = "alarm_at_promotion"
    """Its own alarm was put again just before the canary gets all traffic: it fires where nearly all requests fail."""
    ALARM_IN_BAKE = "alarm_in_bake"
    """Its own alarm was put again, to compare the bake with the stable version's rate before."""
    QUARANTINED = "quarantined"
    RESTORED = "restored"
    """``$LATEST`` has the stable version's code and settings again, or that was given up."""
    AWAKE = "awake"
    """The version that traffic went back to was seen to be ready to serve."""
    LATEST_LEFT = "latest_left"
    """``$LATEST`` could not be brought to the version that succeeded; the next deployment begins with that."""
    ALARM_DELETED_EARLY = "alarm_deleted_early"
    """It was deleted once, while somebody might still have been making it."""
    ALARM_DELETED = "alarm_deleted"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Approval:
    """That people were asked whether the deployment may go on, and what became of it.

    ``overdue`` is True once they were told that the wait is over, and that it goes on all the same.
    """

    asked_at: datetime
    given: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A request of a person that changed the deployment: its ``mark``, by which it is known where it comes again."""

    mark: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How one test of the manifest went; ``why`` is empty where it passed and never holds a value of the response.

    ``runs`` are those that were made and looked at, ``seconds`` is how long the slowest of them took.
    """

    __test__ = False

    name: str
    passed: bool
    seconds: float
    why: str = ""
    runs: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a deployment's timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of phase to tell people about."""

    at: datetime
    phase: Phase
    text: str


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
    own_alarm: str
    """The name of the alarm that is made for this deployment alone."""
    lifts_quarantine: bool = False
    """True when a person asked for these bytes although they were rolled back before."""
    queued: bool = False
    """True while an older deployment of the target is open; nothing is done for this one until then."""
    reason: Reason | None = None
    """What speaks against it, and how it ended; None while all goes well. ``is_cleaning_up`` and ``is_frozen`` say what
    follows from it in a phase that is open.
    """
    failing_since: datetime | None = None
    """When the reason was found, while there is cleaning up to do."""
    stable: str | None = None
    """The version to go back to. None until preflight, and for ever on a first deployment."""
    stable_artifact: Artifact | None = None
    """Where the stable version's bytes came from; None where Slipway did not deploy it."""
    preflighted: bool = False
    onboards: bool = False
    """True where the function was there without the alias: what it runs is published as stable first."""
    sha256: str | None = None
    """Lambda's CodeSha256 of the artifact. None until it is known that these bytes may be published."""
    delay: Delay | None = None
    """What keeps it from getting on before traffic; None while it gets on."""
    canary: str | None = None
    """The version being deployed. None until it is published."""
    latest: str | None = None
    """The version that ``$LATEST`` was brought to last: the stable one once the canary is published, the canary at
    the end. None before that, and for ever on a first deployment, which leaves it as published.
    """
    behind: int | None = None
    """The number of the deployment that made the stable version and could not bring ``$LATEST`` to it; None where
    ``$LATEST`` has caught up.
    """
    tests: tuple[TestOutcome, ...] = ()
    step: int = 0
    """Index into the strategy's steps; it means something in SHIFTING only."""
    expected_routings: tuple[Routing, ...] = ()
    """What the alias may carry by our own doing: what it was last seen to carry, and all we have wanted since."""
    traffic_since: datetime | None = None
    """When the first percent was about to move; an alarm from before that is not about this deployment."""
    confirmed_at: datetime | None = None
    """When the alias was seen to carry what this phase and step want; None until then."""
    disarmed: frozenset[str] = frozenset()
    """Named alarms that were firing before the first percent moved and have not calmed down since."""
    overridden: frozenset[str] = frozenset()
    """Named alarms that a person lets the deployment start in spite of, though ``already_alarming`` is block."""
    approval: Approval | None = None
    """None until people are asked about this step, or, in TESTING, about the first percent."""
    alarm_made_at: datetime | None = None
    """When it was noted that its own alarm is there; None until then, and in records of older releases."""
    longest_timeout: timedelta | None = None
    """How long a request of either version may last; None until the first look of its shift, and in older records."""
    unreadable_since: datetime | None = None
    doubts: int = 0
    """How many holds more the step was given, because the evidence was against the canary when its hold ended."""
    shift: Shift = field(default_factory=Shift)
    """What the error gate has seen while both versions served."""
    share: SampleRatio = field(default_factory=SampleRatio)
    """What both versions got in this step."""
    has_data: bool = False
    """Has any gate seen a request of the canary beside one of the stable version? Until then none has data."""
    stable_before: ServedBefore | None = None
    """What the stable version served before the promotion, for its own alarm. None until that was read, or given up."""
    bake: BakeEvidence = field(default_factory=BakeEvidence)
    """What the error gate has seen in the bake."""
    slowness: tuple[SlowRequests, ...] = ()
    """What the gates of latency and timeouts have seen so far: one for each threshold that was set."""
    metrics: tuple[MetricEvidence, ...] = ()
    """What the team's own metrics have shown, in the order of the manifest; empty before the first look."""
    hooks: tuple[HookRun, ...] = ()
    """Every hook that was asked so far, oldest first; one for each point and step."""
    paused: bool = False
    overruled_at: datetime | None = None
    """When a person last let it go on though it was frozen: they have answered what any alarm said before that."""
    drift: str = ""
    """What somebody else made the alias carry, in words; empty while it is what we wrote."""
    asleep: str = ""
    """Why the version that traffic went back to cannot serve yet, in words; empty while it can, or nobody looked."""
    closing: bool = False
    """True when the bake is over and the way back is being disarmed."""
    newer: int | None = None
    """The number of the newer deployment that waits for this one to end."""
    done: frozenset[Milestone] = frozenset()
    carried_out: tuple[CarriedOut, ...] = ()
    """The last requests that changed it, oldest first."""
    timeline: tuple[Entry, ...] = ()
    outbox: tuple[Notice, ...] = ()
    """Notices not sent yet, oldest first."""
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
    def is_first(self) -> bool:
        """Is there nothing to go back to?"""
        return self.preflighted and self.stable is None and not self.onboards

    @property
    def is_cleaning_up(self) -> bool:
        """Does it put back what it changed before it ends? Its bytes may be in ``$LATEST``."""
        before_traffic = self.phase in (Phase.PREPARING, Phase.TESTING) and self.reason is not None
        return before_traffic or (self.phase is Phase.ROLLING_BACK and self.confirmed_at is not None)

    @property
    def is_frozen(self) -> bool:
        """Does something speak against it while it serves, which ``on_failure`` leaves to a person?"""
        return self.phase.serves and self.reason is not None

    @property
    def leaves_latest_behind(self) -> bool:
        """Has it succeeded while ``$LATEST`` is still what the stable version was?"""
        is_behind = self.latest is not None and self.latest != self.canary
        return self.phase is Phase.SUCCEEDED and is_behind

    @property
    def alarm_names(self) -> tuple[str, ...]:
        """The alarms that guard this deployment now: the named ones, and its own while it exists."""
        own = (
            (self.own_alarm,) if Milestone.ALARM_MADE in self.done and Milestone.ALARM_DELETED not in self.done else ()
        )
        return (*self.manifest.gates.alarms, *own)
