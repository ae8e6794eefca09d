"""The nouns: what a deployment is, what an alias carries, what was observed.

Rules of the file:
- everything is frozen; a change is a new value made with ``dataclasses.replace``;
- illegal values cannot be built: ``__post_init__`` refuses them;
- a weight is a whole number of hundredths of a percent (10 % is 1000); it becomes AWS's fraction in
  ``aws/lambda_/aliases.py`` only.

What a newcomer would get wrong: *why* a deployment ended is its ``reason``, never another phase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from controller.core.manifest.settings import Manifest
from controller.core.model.delay import Delay
from controller.core.model.hook_run import HookRun
from controller.core.model.metric_evidence import MetricEvidence
from controller.core.statistics.before_after import Bake, Before
from controller.core.statistics.sample_ratio import Share
from controller.core.statistics.shift import Shift
from controller.core.statistics.slow_requests import Slowness

FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
ALIAS_NAME = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{1,128}")
ALL = 10_000
"""The weight that stands for all traffic, in hundredths of a percent."""
LONGEST_REASON = 2_000
_LONGEST_END = 400
_CUT = " ... "


class SlipwayError(Exception):
    """Something Slipway says about itself; its text says what, which, and what to do next."""


class Transient(SlipwayError):
    """A call failed in a way that may pass; it is raised so that the platform, or the next tick, tries again.

    ``said`` is what happened, without what is done about it. ``advice`` is what a person can do where it does not pass
    by itself, empty where only time helps: "allow the function's role kms:Decrypt".
    """

    def __init__(self, text: str, said: str = "", advice: str = "") -> None:
        super().__init__(text)
        self.said = said or text
        self.advice = advice


class NotYet(Transient):
    """AWS is at work on a function or version; the next look goes on."""


class Throttled(Transient):
    """There are too many calls at the moment. It says nothing of what was asked for, and nothing was carried out."""


class Outage(Transient):
    """What does not answer is none of a deployment's own work: the record store, or CloudWatch."""


class Conflict(Transient):
    """Somebody else wrote first: the alias or the record is not what was read; the loop looks again."""


class Refused(SlipwayError):
    """Trying again cannot help; ``reason`` ends the deployment or answers the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


class Phase(Enum):
    """Where a deployment is."""

    PREPARING = "PREPARING"
    TESTING = "TESTING"
    SHIFTING = "SHIFTING"
    BAKING = "BAKING"
    ROLLING_BACK = "ROLLING_BACK"
    SUCCEEDED = "SUCCEEDED"
    ROLLED_BACK = "ROLLED_BACK"
    FAILED = "FAILED"

    @property
    def is_terminal(self) -> bool:
        """Is the deployment over?"""
        return self in (Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.FAILED)

    @property
    def serves(self) -> bool:
        """May the canary version be getting traffic, so that there is something to roll back?"""
        return self in (Phase.SHIFTING, Phase.BAKING)


class Cause(Enum):
    """Why a deployment ended, or is about to."""

    PROMOTED = "promoted"
    UNCHANGED = "unchanged"
    ALARM = "alarm"
    REQUESTED = "requested"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    DEADLINE = "deadline"
    NO_TRAFFIC = "no_traffic"
    ALARMS_UNREADABLE = "alarms_unreadable"
    TEST_FAILED = "test_failed"
    QUARANTINED = "quarantined"
    BAD_ARTIFACT = "bad_artifact"
    BAD_MANIFEST = "bad_manifest"
    PREFLIGHT = "preflight"
    PUBLISH_FAILED = "publish_failed"
    FOREIGN_HANDS = "foreign_hands"
    ERRORS = "errors"
    LATENCY = "latency"
    TIMEOUTS = "timeouts"
    THROTTLES = "throttles"
    METRICS = "metrics"
    BLIND = "blind"
    HOOK = "hook"
    HOOK_SILENT = "hook_silent"
    NOT_APPROVED = "not_approved"
    UNANSWERED = "unanswered"
    """Nobody approved or rejected it in time; unlike a rejection that says nothing of the bytes."""
    OTHER = "other"
    """What another release of Slipway gave and this one does not know."""


def cause_of(word: str) -> Cause:
    """Returns the cause of that word."""
    return Cause(word) if word in {cause.value for cause in Cause} else Cause.OTHER


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a word for programs and a sentence for people.

    A text quotes what somebody else has written, and that may be anything. What is not seen when printed is written
    in escapes, so that it is one line; and a long text is cut in its middle, because a record and a notice have to hold
    it several times, and its end says what to do next.
    """

    cause: Cause
    text: str

    def __post_init__(self) -> None:
        text = self.text
        if not text.isprintable():
            text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
        if len(text) > LONGEST_REASON:
            text = f"{text[: LONGEST_REASON - len(_CUT) - _LONGEST_END]}{_CUT}{text[-_LONGEST_END:]}"
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class Target:
    """What is deployed to: one alias of one function. At most one deployment of a target is open."""

    function: str
    alias: str

    def __post_init__(self) -> None:
        if not FUNCTION_NAME.fullmatch(self.function):
            raise ValueError(f"not a function name: {self.function!r}")
        if not ALIAS_NAME.fullmatch(self.alias):
            raise ValueError(f"not an alias name: {self.alias!r}")

    def __str__(self) -> str:
        return f"{self.function}:{self.alias}"

    @property
    def backup_alias(self) -> str:
        """The alias that keeps the stable version while another is deployed, and the way back after that."""
        return "previous" if self.alias == "live" else f"{self.alias}-previous"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One immutable object version in S3 that holds a zip.

    ``version_id`` is None in a bucket without versions. ``sequencer`` orders uploads of one key only: hexadecimal
    text, empty where unknown. Source: Amazon S3 event message structure, 2026-11.
    """

    bucket: str
    key: str
    version_id: str | None
    uploaded_at: datetime
    sequencer: str = ""
    size: int = 0
    """Bytes of the zip; 0 where it could not be read."""
    stated_sha256: str | None = None
    """The CodeSha256 that its uploader says it has."""
    signature: str | None = None
    """The signature over its hash that its uploader gave, as base64."""

    def __post_init__(self) -> None:
        _require_aware(self.uploaded_at)

    def is_older_than(self, other: Artifact) -> bool:
        """Was this one uploaded before ``other``? Uploads of different keys in the same second are of the same age."""
        if self.uploaded_at != other.uploaded_at:
            return self.uploaded_at < other.uploaded_at
        if (self.bucket, self.key) != (other.bucket, other.key) or not (self.sequencer and other.sequencer):
            return False
        length = max(len(self.sequencer), len(other.sequencer))
        return self.sequencer.ljust(length, "0") < other.sequencer.ljust(length, "0")

    def is_same_as(self, other: Artifact) -> bool:
        """Are both the same object version?"""
        return (self.bucket, self.key, self.version_id) == (other.bucket, other.key, other.version_id)


@dataclass(frozen=True, slots=True)
class Routing:
    """What an alias carries: ``version`` gets what ``canary`` does not; ``canary`` is None exactly when ``weight`` is
    0.
    """

    version: str
    canary: str | None = None
    weight: int = 0

    def __post_init__(self) -> None:
        if (self.canary is None) != (self.weight == 0) or not 0 <= self.weight < ALL:
            raise ValueError(f"not a routing: {self.canary} at {self.weight}")
        if self.canary == self.version:
            raise ValueError(f"version {self.version} cannot be its own canary")

    def __str__(self) -> str:
        if self.canary is None:
            return f"version {self.version}"
        return f"version {self.version} with {percent(self.weight)} to version {self.canary}"


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias as read. ``revision_id`` guards the next write; ``description`` is what ``alias_description`` reads and
    writes.
    """

    routing: Routing
    revision_id: str
    description: str = ""


class Chore(Enum):
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
    waiting: bool = False
    """True while an older deployment of the target is open; nothing is done for this one until then."""
    reason: Reason | None = None
    """None while all goes well. In PREPARING and TESTING a reason means: failing, clean up first; in SHIFTING and
    BAKING: frozen, a person decides."""
    failing_since: datetime | None = None
    """When the reason was found, while there is cleaning up to do."""
    stable: str | None = None
    """The version to go back to. None until preflight, and for ever on a first deployment."""
    stable_artifact: Artifact | None = None
    """Where the stable version's bytes came from; None where Slipway did not deploy it."""
    preflighted: bool = False
    adopts: bool = False
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
    written: tuple[Routing, ...] = ()
    """What the alias may carry by our own doing: what it was last seen to carry, and all we have wanted since."""
    serving_since: datetime | None = None
    """When the first percent was about to move; an alarm from before that is not about this deployment."""
    live_at: datetime | None = None
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
    """How long a request of either version may last; None until its own alarm is there, and in older records."""
    unreadable_since: datetime | None = None
    doubts: int = 0
    """How many holds more the step was given, because the evidence was against the canary when its hold ended."""
    shift: Shift = field(default_factory=Shift)
    """What the error gate has seen while both versions served."""
    share: Share = field(default_factory=Share)
    """What both versions got in this step."""
    sighted: bool = False
    """Has any gate seen a request of the canary beside one of the stable version? Until then all of them are blind."""
    stable_before: Before | None = None
    """What the stable version served before the promotion, for its own alarm. None until that was read, or given up."""
    bake: Bake = field(default_factory=Bake)
    """What the error gate has seen in the bake."""
    slowness: tuple[Slowness, ...] = ()
    """What the gates of latency and timeouts have seen so far: one for each yardstick that was set."""
    metrics: tuple[MetricEvidence, ...] = ()
    """What the team's own metrics have shown, in the order of the manifest; empty before the first look."""
    hooks: tuple[HookRun, ...] = ()
    """Every hook that was asked so far, oldest first; one for each point and step."""
    paused: bool = False
    overruled_at: datetime | None = None
    """When a person last let it go on though it was frozen: they have answered what any alarm said before that."""
    foreign: str = ""
    """What somebody else made the alias carry, in words; empty while it is what we wrote."""
    asleep: str = ""
    """Why the version that traffic went back to cannot serve yet, in words; empty while it can, or nobody looked."""
    closing: bool = False
    """True when the bake is over and the way back is being disarmed."""
    newer: int | None = None
    """The number of the newer deployment that waits for this one to end."""
    done: frozenset[Chore] = frozenset()
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
        _require_aware(self.opened_at)
        _require_aware(self.phase_since)

    def __str__(self) -> str:
        return f"{self.target}#{self.number}"

    @property
    def is_first(self) -> bool:
        """Is there nothing to go back to?"""
        return self.preflighted and self.stable is None and not self.adopts

    @property
    def leaves_latest_behind(self) -> bool:
        """Has it succeeded while ``$LATEST`` is still what the stable version was?"""
        is_behind = self.latest is not None and self.latest != self.canary
        return self.phase is Phase.SUCCEEDED and is_behind

    @property
    def alarm_names(self) -> tuple[str, ...]:
        """The alarms that guard this deployment now: the named ones, and its own while it exists."""
        own = (self.own_alarm,) if Chore.ALARM_MADE in self.done and Chore.ALARM_DELETED not in self.done else ()
        return (*self.manifest.gates.alarms, *own)


def percent(weight: int) -> str:
    """Writes a weight for people: 1000 is "10%", 25 is "0.25%"."""
    return f"{weight / 100:g}%"


def span(time: timedelta) -> str:
    """Writes a duration for people: "1h5m", "90s" as "1m30s", "0s"."""
    seconds = max(0, round(time.total_seconds()))
    parts = ((seconds // 86400, "d"), (seconds % 86400 // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _require_aware(moment: datetime) -> None:
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"not an aware UTC time: {moment!r}")
