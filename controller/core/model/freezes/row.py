"""The freezes of the account: those in force, and the last ones that were lifted.

Rules of the file:

- one freeze a scope: another one of the same scope takes its place, as if that one had been lifted;
- a freeze whose time is over vanishes by itself;
- both lists are bounded, so that they fit into one row of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller.core.model.freezes import Freeze, Scope

MAX_FREEZES = 100
"""With texts of the greatest length these, and the lifted ones, take a fifth of DynamoDB's largest item."""
_MAX_LIFTED = 20


@dataclass(frozen=True, slots=True)
class Lifted:
    """A freeze that somebody lifted, or replaced by another of its scope: when, and by whom."""

    freeze: Freeze
    at: datetime
    who: str
    why: str
    mark: str = ""
    """Identifies a repeated request, empty for a freeze that was replaced."""

    def in_words(self) -> str:
        return f"{self.freeze.in_words()}; lifted at {self.at.isoformat(timespec='seconds')} by {self.who}: {self.why}"


@dataclass(frozen=True, slots=True)
class Freezes:
    """The freezes, newest first. ``revision`` counts the saves."""

    freezes: tuple[Freeze, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    revision: int = 0

    def in_force(self, now: datetime) -> tuple[Freeze, ...]:
        return tuple(each for each in self.freezes if not each.is_over(now))

    def made_by(self, mark: str, scope: Scope, now: datetime) -> Freeze | None:
        """Returns the freeze in force that a request has made already, None without one."""
        return next((each for each in self.in_force(now) if (each.mark, each.scope) == (mark, scope)), None)

    def ended_of(self, mark: str, scope: Scope, since: datetime) -> Lifted | None:
        """Returns the end of a freeze that a request has made since then, None for a new request."""
        made = (each for each in self.lifted if (each.freeze.mark, each.freeze.scope) == (mark, scope))
        return next((each for each in made if each.freeze.since > since), None)

    def lifted_by(self, mark: str, scope: Scope, since: datetime) -> Lifted | None:
        """Returns the freeze that a request has lifted already since then, None for a new request."""
        found = (each for each in self.lifted if (each.mark, each.freeze.scope) == (mark, scope))
        return next((each for each in found if each.at > since), None)

    def with_newest(self, freeze: Freeze, now: datetime) -> Freezes:
        """Returns the freezes with one more, in place of another of its scope. Raises ValueError for too many."""
        before, why = self.of(freeze.scope, now), f"another one took its place: {freeze.why}"
        known = self.without(before, freeze.who, why, now, "") if before else self
        others = known.in_force(now)
        if len(others) >= MAX_FREEZES:
            raise ValueError(f"{MAX_FREEZES} freezes are in force already; lift some, or freeze a prefix, or all")
        return replace(known, freezes=(freeze, *others))

    def without(self, freeze: Freeze, who: str, why: str, now: datetime, mark: str) -> Freezes:
        """Returns the freezes with one lifted."""
        lifted = (Lifted(freeze, now, who, why, mark), *self.lifted)[:_MAX_LIFTED]
        return replace(self, freezes=tuple(each for each in self.in_force(now) if each != freeze), lifted=lifted)

    def of(self, scope: Scope, now: datetime) -> Freeze | None:
        """Returns the freeze of exactly this scope, None without one in force."""
        return next((each for each in self.in_force(now) if each.scope == scope), None)
