"""The evidence of the bake: the canary alone serves, so it is compared with what the stable version did before.

Each minute of the bake is paired with one minute of the stable version before the promotion, the first with the last,
the second with the one before, and a pair is judged as ``judge`` judges a minute in which both served.

Rules of the file: a minute of the stable version is used once, so the bound of ``judge`` holds as long as the minutes
before and after are alike. At most an hour is compared: the further apart two minutes are, the less they are alike.

What a newcomer would get wrong: this comparison is confounded, and no statistics can mend that. A dependency that
fails in the bake, or a rush hour, looks exactly like a worse version; while both versions serve it hits both. That is
why the manifest has a significance of its own for the bake (``bake_significance``), which may only be the stricter
one, and why the bake can do without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.judge import CountedMinute, Judgement, Minute

LONGEST = timedelta(hours=1)
"""How far back the stable version's minutes are taken from, and so how long a bake is judged."""
_MOST_PAIRS = 60


@dataclass(frozen=True, slots=True)
class ServedMinute:
    """What one version served in a minute, and when that began."""

    began: datetime
    invocations: int
    errors: int


@dataclass(frozen=True, slots=True)
class Bake:
    """The minutes of the stable version before, the last one first, and what the pairs so far came to.

    ``before`` is None until it was read.
    """

    before: tuple[tuple[int, int], ...] | None = None
    judgement: Judgement = field(default_factory=Judgement)

    @property
    def is_open(self) -> bool:
        """Is there still something to compare, or to read for that?"""
        return self.before is None or self.judgement.evidence.minutes < len(self.before)

    def with_before(self, minutes: Iterable[ServedMinute]) -> Bake:
        """Returns the bake with the stable version's minutes; they are read once."""
        if self.before is not None:
            return self
        newest_first = sorted(minutes, key=lambda minute: minute.began, reverse=True)
        return Bake(tuple((each.invocations, each.errors) for each in newest_first[:_MOST_PAIRS]), self.judgement)

    def after(self, minutes: Iterable[ServedMinute]) -> Bake:
        """Returns the bake with these minutes of the canary, in order; one that was judged before changes nothing."""
        found = self
        for minute in minutes:
            if found.before is not None and found.is_open and found.judgement.is_new(minute.began):
                stable = found.before[found.judgement.evidence.minutes]
                pair = CountedMinute(minute.began, Minute(minute.invocations, minute.errors, *stable))
                found = Bake(found.before, found.judgement.after([pair]))
        return found

    def in_words(self, canary: str | None, stable: str | None) -> str:
        """Returns the counts, the rates and the evidence for people, and what else might be the cause."""
        return (
            f"{self.judgement.in_words(canary, stable, 'as many')} (compared with before the promotion:"
            " a change from outside would look the same)"
        )
