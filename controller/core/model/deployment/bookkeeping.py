"""A deployment's bookkeeping: work beside the traffic, people's requests, and messages to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from controller.core.model.person import NOBODY, Person
from controller.core.model.phase import Phase


class Milestone(Enum):
    """Work beside the traffic that a deployment owes AWS, done once and remembered in its record."""

    IDENTIFIED = "identified"
    TESTED = "tested"
    BACKED_UP = "backed_up"
    BACKUP_RESTORED = "backup_restored"
    """The backup alias keeps the same version as before the deployment, or this was given up."""
    ALARM_MADE = "alarm_made"
    ALARM_AT_PROMOTION = "alarm_at_promotion"
    """The own alarm was put again just before the canary gets all traffic; it fires if nearly all requests fail."""
    ALARM_IN_BAKE = "alarm_in_bake"
    """The own alarm was put again, to compare the bake with the stable version's rate before."""
    QUARANTINED = "quarantined"
    RESTORED = "restored"
    """``$LATEST`` has the stable version's code and settings again, or this was given up."""
    AWAKE = "awake"
    """The version that traffic went back to was seen ready to serve."""
    LATEST_LEFT = "latest_left"
    """``$LATEST`` could not be brought to the new version; the next deployment begins with it."""
    DRILL_ALARM_SET = "drill_alarm_set"
    """A drill has set its own alarm to ALARM."""
    ALARM_DELETED_EARLY = "alarm_deleted_early"
    """The own alarm was deleted once, while somebody might still have been making it."""
    ALARM_DELETED = "alarm_deleted"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A person's request that changed the deployment, with the ``mark`` of its repetitions."""

    mark: str
    at: datetime
    person: Person = NOBODY


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a deployment's timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of phase to tell people about. ``person`` asked for it, and is nobody if it came by itself."""

    at: datetime
    phase: Phase
    text: str
    person: Person = NOBODY


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """Facts remembered beside the traffic."""

    done: frozenset[Milestone] = frozenset()
    carried_out: tuple[CarriedOut, ...] = ()
    """The last requests that changed the deployment, oldest first."""
    timeline: tuple[Entry, ...] = ()
    """The events so far, oldest first."""
    outbox: tuple[Notice, ...] = ()
    """Unsent notices, oldest first."""
