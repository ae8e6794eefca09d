"""What the controller's answers tell, as values: deployments with their evidence, and how targets are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller.core.model import Cause, Phase
from controller.core.statistics.sequential_evidence import in_words

ENDS = frozenset(phase.value for phase in Phase if phase.is_terminal)


@dataclass(frozen=True, slots=True)
class Routing:
    """What an alias carries. ``weights`` are version and fraction, empty if all goes to ``version``."""

    version: str
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def percents(self) -> dict[str, float]:
        """The percentage of requests that each version gets, the alias's own version first."""
        others = {version: round(fraction * 100, 2) for version, fraction in self.weights}
        return {self.version: round(100 - sum(others.values()), 2), **others}

    def __str__(self) -> str:
        return ", ".join(f"{percent:g} % v{version}" for version, percent in self.percents.items())


@dataclass(frozen=True, slots=True)
class Count:
    """How many requests a version ran, and how many of them failed."""

    requests: int
    errors: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The error gate's counts of so many minutes, and the natural logarithms of its evidence and of its bar.

    ``in_bake``: the canary alone served, and is compared with the stable version's minutes before.
    """

    minutes: int
    canary: Count
    stable: Count
    log: float
    log_bar: float
    in_bake: bool = False

    @property
    def rolls_back(self) -> bool:
        return self.log >= self.log_bar

    @property
    def progress(self) -> float:
        """How far the evidence has come on its way to a rollback, from 0 to 1."""
        return min(1.0, max(0.0, self.log / self.log_bar))

    @property
    def odds(self) -> str:
        return f"evidence {in_words(self.log)} to 1, rolls back at {in_words(self.log_bar)} to 1"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the strategy; ``weight`` is the canary's percentage."""

    number: int
    of: int
    weight: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a timeline."""

    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as the controller tells it. ``canary`` is None if no version was published.

    ``share`` is the canary's percentage of the requests. ``evidence`` is of the phase, at the end of the shift; None
    before the first minute. A deployment of a list has no timeline, evidence and routing.
    """

    name: str
    phase: str
    artifact: str
    artifact_version: str | None = None
    canary: str | None = None
    cause: str | None = None
    reason: str | None = None
    timeline: tuple[Entry, ...] = ()
    stable: str | None = None
    evidence: Evidence | None = None
    routing: Routing | None = None
    share: float | None = None
    step: Step | None = None
    held_by: str | None = None
    until: datetime | None = None
    since: datetime | None = None
    opened: datetime | None = None
    ended: datetime | None = None
    modes: tuple[str, ...] = ()
    sha256: str | None = None
    firing: tuple[str, ...] = ()
    who: str = ""
    why: str = ""
    seconds_to_restore: float | None = None

    @property
    def target(self) -> str:
        """checkout:live of checkout:live#5."""
        return self.name.rpartition("#")[0]

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDS

    @property
    def has_ended_badly(self) -> bool:
        return self.has_ended and self.phase != Phase.SUCCEEDED.value and self.cause != Cause.DRILL.value

    @property
    def is_in_flight_already(self) -> bool:
        """Did it end because an open deployment has the same bytes?"""
        return self.phase == Phase.FAILED.value and self.cause == Cause.UNCHANGED.value

    @property
    def counts(self) -> str:
        """Returns "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"; nothing if nothing is judged yet."""
        if self.evidence is None:
            return ""
        seen = self.evidence
        word, before = ("bake", " before") if seen.in_bake else ("judged", "")
        return (
            f"{word}: v{self.canary} {seen.canary.errors} of {seen.canary.requests} failed,"
            f" v{self.stable} {seen.stable.errors} of {seen.stable.requests}{before},"
            f" in {seen.minutes} minute{'' if seen.minutes == 1 else 's'}"
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload that became no deployment of the function that was meant, and the reason."""

    artifact: str
    artifact_version: str | None
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """``status`` of all: what is open, what ended in the last day (the newest first), and what else to know.

    ``last_tick`` and ``dead_letters`` are None if the controller could not tell.
    """

    at: datetime | None
    open: tuple[Deployment, ...]
    ended: tuple[Deployment, ...]
    freezes: tuple[str, ...]
    refused: tuple[Refused, ...]
    last_tick: datetime | None
    dead_letters: int | None
    version: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """``status`` of one target. ``serves`` is None if there is no alias. ``newest`` is the newest record, None if that
    is the open one.
    """

    at: datetime | None
    target: str
    serves: Routing | None
    served_by: str
    backup: str | None
    drift: str | None
    open: Deployment | None
    newest: Deployment | None
    freezes: tuple[str, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]
