"""What an alias served before a deployment, of two series: that of its stable version, and that of the whole alias.

Whether an alias without weights has a series of its version is not documented, so both answers have to work. Source:
Lambda developer guide, metrics for aliases, 2026-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.statistics.history import History, Served, every_minute, spread_of_shares
from controller.core.statistics.sequential_evidence import CountedMinute

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ServedMinute:
    """What one version served in a minute, and when that began; ``is_whole`` as in
    ``sequential_evidence.CountedMinute``.
    """

    began: datetime
    invocations: int
    errors: int
    is_whole: bool = field(default=True, compare=False)


def of_stable(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], first: datetime) -> tuple[ServedMinute, ...]:
    """Returns the stable version's minutes of what its own series and that of the whole alias hold.

    Before ``first``, when the canary's first percent moved, the alias is the stable version's alone, back to the last
    minute of an own series from before: that is an earlier shift, or all of the past.
    """
    earlier = max((minute.began for minute in own if minute.began < first - _MINUTE), default=None)
    alone = (minute for minute in alias if minute.began <= first - _MINUTE)
    own_alone = (minute for minute in alone if earlier is None or minute.began > earlier)
    return tuple({minute.began: minute for minute in (*own_alone, *own)}.values())


def history(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime) -> History:
    """Returns the history of an alias, without the minutes in which another version served beside the stable one."""
    return History.of(every_minute(*_alone(own, alias, until)))


def spread_of_share(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime) -> float:
    """Returns how unevenly the share of the bad came in such a past."""
    return spread_of_shares(every_minute(*_alone(own, alias, until)))


def _alone(
    own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime
) -> tuple[dict[datetime, Served], datetime, set[datetime]]:
    by_stable = {minute.began: minute.invocations for minute in own}
    shared = {each.began for each in alias if by_stable.get(each.began, each.invocations) != each.invocations}
    return {each.began: (each.invocations, each.errors) for each in alias}, until, shared


def of_day(minutes: Sequence[CountedMinute], until: datetime) -> History:
    """Returns the history of counts that are the stable version's own: those of one of the team's metrics."""
    served = {each.began: (each.counts.stable_invocations, each.counts.stable_errors) for each in minutes}
    return History.of(every_minute(served, until))
