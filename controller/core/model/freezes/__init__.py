"""Freezes: while one is in force nothing new starts and nothing goes forward; rollbacks are as ever.

A freeze concerns many targets, and people make and lift it. It has nothing to do with a *frozen* deployment
(``hold.frozen``), which ``on_failure: freeze`` has stopped for a person to decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from controller.core.model.moment import require_aware
from controller.core.model.target import Target

ALL_TARGETS = "all"
_PREFIX = "prefix "
# "ALL" is no function's freeze, which would hold nothing: a function of such a name is frozen by its aliases.
_SCOPE = re.compile(
    r"all|prefix [A-Za-z0-9_-]{1,64}|(?!([Aa][Ll][Ll]|[Pp]refix)$)[A-Za-z0-9_-]{1,64}(:(?!\d+$)[A-Za-z0-9_-]{1,128})?"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The targets of a freeze: "all", "prefix a-" of functions, "checkout" with all its aliases, or "checkout:live"."""

    text: str

    def __post_init__(self) -> None:
        if not _SCOPE.fullmatch(self.text):
            raise ValueError(f"not a scope: {self.text!r}; allowed: all, prefix PREFIX, FUNCTION, FUNCTION:ALIAS")

    def __str__(self) -> str:
        return self.text

    def covers(self, target: Target) -> bool:
        if self.text.startswith(_PREFIX):
            return target.function.startswith(self.text.removeprefix(_PREFIX))
        return self.text in (ALL_TARGETS, target.function, str(target))


@dataclass(frozen=True, slots=True)
class Freeze:
    """One freeze. ``until`` is None for one that lasts until somebody lifts it."""

    scope: Scope
    since: datetime
    until: datetime | None
    who: str
    why: str
    mark: str = ""
    """Identifies a repeated request, empty for the shipping windows."""

    def __post_init__(self) -> None:
        require_aware(self.since)
        if self.until is not None:
            require_aware(self.until)

    @property
    def identity(self) -> str:
        """Another freeze of the same scope has another identity, so that no override outlasts its freeze."""
        return f"{self.scope} since {self.since.isoformat()}"

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and now >= self.until

    def in_words(self) -> str:
        """Says which freeze, until when, by whom and why."""
        until = self.until.isoformat(timespec="seconds") if self.until else "somebody sends unfreeze"
        return f"freeze of {self.scope} until {until}, by {self.who}: {self.why}"
