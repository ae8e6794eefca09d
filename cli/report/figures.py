"""Computes how often and how fast a team deploys, from deployments as the controller tells them.

The four keys are those of DORA, Google's research program. Source: dora.dev/guides/dora-metrics-four-keys, 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from statistics import median

from cli.asking.answers import Deployment
from controller.core.model import Cause, Phase

_NOT_ITS_FAULT = frozenset(
    cause.value
    for cause in (
        Cause.SUPERSEDED, Cause.UNANSWERED, Cause.NO_TRAFFIC, Cause.NO_DATA, Cause.DEADLINE, Cause.DRIFT,
        Cause.ALARMS_UNREADABLE, Cause.HOOK_SILENT,
    )
)  # fmt: skip
"""Causes of a rollback that say nothing against the new version."""
_WEEK = timedelta(days=7)


class Outcome(Enum):
    """How a deployment ended, in words."""

    SUCCEEDED = "succeeded"
    BROUGHT_BACK = "rolled back"
    WITHDRAWN = "rolled back, not by its fault"
    DRILL = "drill"
    FAILED = "failed before traffic"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class History:
    """A target's deployments that were open in a period, the newest first.

    ``is_whole`` is False if earlier deployments of the period could not be read.
    """

    target: str
    deployments: tuple[Deployment, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A phase of a deployment; ``ended`` is None for the present phase."""

    phase: str
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class FourKeys:
    """``lead_time`` and ``time_to_restore`` are medians. None: nothing in the period had such a figure.

    ``changes`` are the versions that served, ``failures`` those among them that were brought back.
    """

    live: int
    a_week: float
    lead_time: timedelta | None
    changes: int
    failures: int
    time_to_restore: timedelta | None
    longest_restore: timedelta | None
    restores: int

    @property
    def failure_rate(self) -> float | None:
        return self.failures / self.changes if self.changes else None


def four_keys(histories: Iterable[History], period: Period) -> FourKeys:
    """Returns the four keys of all deployments that ended in the period."""
    ended = [each for history in histories for each in history.deployments if _ended_in(each, period)]
    succeeded = [each for each in ended if outcome(each) is Outcome.SUCCEEDED]
    brought_back = [each for each in ended if outcome(each) is Outcome.BROUGHT_BACK]
    leads = [took for each in succeeded if (took := duration(each)) is not None]
    restores = [timedelta(seconds=back) for each in brought_back if (back := each.seconds_to_restore) is not None]
    # A version may succeed and be brought back the next day, by a deployment of its own: one change, which failed.
    failures = set(_versions(brought_back))
    return FourKeys(
        live=len(succeeded),
        a_week=len(succeeded) * (_WEEK / (period.until - period.since)),
        lead_time=_median(leads),
        changes=len(failures | set(_versions(succeeded))),
        failures=len(failures),
        time_to_restore=_median(restores),
        longest_restore=max(restores, default=None),
        restores=len(restores),
    )


def outcome(deployment: Deployment) -> Outcome:
    """Returns how a deployment ended."""
    if not deployment.has_ended:
        return Outcome.OPEN
    if deployment.cause == Cause.DRILL.value:
        return Outcome.DRILL
    if deployment.phase == Phase.SUCCEEDED.value:
        return Outcome.SUCCEEDED
    if deployment.phase == Phase.FAILED.value:
        return Outcome.FAILED
    return Outcome.WITHDRAWN if deployment.cause in _NOT_ITS_FAULT else Outcome.BROUGHT_BACK


def began(deployment: Deployment) -> datetime | None:
    """Returns when a deployment began, or its last change if that is all that is told."""
    return deployment.opened or deployment.since


def end(deployment: Deployment) -> datetime | None:
    """Returns when a deployment ended, None while it is open."""
    return (deployment.ended or deployment.since) if deployment.has_ended else None


def duration(deployment: Deployment) -> timedelta | None:
    """Returns how long a deployment took, None while it is open or if its beginning is not told."""
    ended = end(deployment)
    return ended - deployment.opened if ended and deployment.opened else None


def stays(deployment: Deployment) -> tuple[Stay, ...]:
    """Returns the phases of a deployment, read from its timeline; none if that is not told."""
    names = {phase.value for phase in Phase}
    entered = [
        (word, entry.at)
        for entry in deployment.timeline
        if entry.at is not None and (word := entry.text.partition(":")[0]) in names
    ]
    if deployment.opened and entered and entered[0][1] > deployment.opened:
        entered.insert(0, (Phase.PREPARING.value, deployment.opened))
    following = [at for _, at in entered[1:]]
    gone_through = zip(entered, [*following, None], strict=False)  # of no phase at all, None is left over
    final = {phase.value for phase in Phase if phase.is_terminal}
    return tuple(Stay(word, at, left) for (word, at), left in gone_through if word not in final)


def _ended_in(deployment: Deployment, period: Period) -> bool:
    ended = end(deployment)
    return ended is not None and period.since <= ended <= period.until


def _versions(deployments: Iterable[Deployment]) -> Iterator[tuple[str, str]]:
    """Yields the versions that the deployments were about, with their targets."""
    for each in deployments:
        if each.canary:
            yield each.target, each.canary


def _median(spans: list[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(each.total_seconds() for each in spans)) if spans else None
