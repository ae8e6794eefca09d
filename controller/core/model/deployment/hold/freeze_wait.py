"""A deployment's wait under a freeze: its beginning, its length so far, and the freezes that a person overrode.

Time under a freeze does not count: the deadline moves by it, and the waits for requests and for approval begin again
afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FreezeWait:
    """The waits under freezes, the present one and those before.

    Example: FreezeWait(since=..., by="all since 2026-12-24T16:00:00+00:00")
    """

    since: datetime | None = None
    """When a freeze began to keep the deployment from going on; None while none does."""
    by: str = ""
    """The identity of that freeze."""
    before: timedelta = timedelta(0)
    """How long earlier freezes kept it."""
    over_at: datetime | None = None
    """When the last one ended; None before."""
    overridden: frozenset[str] = frozenset()
    """The identities of freezes in spite of which a person lets it go on."""

    def begun(self, by: str, now: datetime) -> FreezeWait:
        """Returns the wait under the freeze ``by``, which may take over from another."""
        return replace(self, since=self.since or now, by=by)

    def ended(self, now: datetime) -> FreezeWait:
        return replace(self, since=None, by="", before=self.lasted(now), over_at=now)

    def left(self) -> FreezeWait:
        """Returns the same for a deployment that is past waiting."""
        return replace(self, since=None, by="")

    def lasted(self, now: datetime | None) -> timedelta:
        """Returns the whole time under freezes so far, without the present one if ``now`` is None."""
        return self.before + (now - self.since if self.since and now else timedelta(0))
