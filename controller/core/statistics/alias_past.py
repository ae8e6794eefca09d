"""The alias's traffic before a deployment, joined from two series: the stable version's and the whole alias's; and the
beginning of an outage in that.

AWS does not document whether an alias without weights has a series for its version, so both cases work. Source: Lambda
developer guide, metrics for aliases, 2026-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller.core.statistics.history import History, Served, every_minute, spread_of_shares
from controller.core.statistics.sequential_evidence import CountedMinute

MIN_OUTAGE_ERRORS = 3
"""The fewest errors of an outage, beyond twice the earlier rate, if errors come one by one."""
_OUTAGE_TIMES = 2
_OUTAGE_POINTS = 0.1
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ServedMinute:
    """The counts of one version in the minute from ``began``; for ``is_whole`` see
    ``sequential_evidence.CountedMinute``.
    """

    began: datetime
    invocations: int
    errors: int
    is_whole: bool = field(default=True, compare=False)


def of_stable(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], first: datetime) -> tuple[ServedMinute, ...]:
    """Returns the stable version's minutes, joined from its own series (``own``) and the whole alias's (``alias``).

    Before ``first``, the canary's first percent, the stable version had the alias to itself, so the alias's minutes are
    its minutes too. An earlier shift ends that time: older minutes of the alias than the last of ``own`` are left out.
    """
    # The last minute of an earlier shift, in which the stable version had a series beside another version's.
    earlier = max((minute.began for minute in own if minute.began < first - _MINUTE), default=None)
    alone = (minute for minute in alias if minute.began <= first - _MINUTE)
    own_alone = (minute for minute in alone if earlier is None or minute.began > earlier)
    return tuple({minute.began: minute for minute in (*own_alone, *own)}.values())


def history(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime) -> History:
    """Returns the alias's history, without the minutes shared with another version."""
    return History.of(every_minute(*_alone(own, alias, until)))


def spread_of_share(own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime) -> float:
    """Returns how unevenly the share of bad requests came in the alias's past, without the minutes shared with another
    version.
    """
    return spread_of_shares(every_minute(*_alone(own, alias, until)))


def _alone(
    own: Sequence[ServedMinute], alias: Sequence[ServedMinute], until: datetime
) -> tuple[dict[datetime, Served], datetime, set[datetime]]:
    by_stable = {minute.began: minute.invocations for minute in own}
    shared = {each.began for each in alias if by_stable.get(each.began, each.invocations) != each.invocations}
    return {each.began: (each.invocations, each.errors) for each in alias}, until, shared


def of_day(minutes: Sequence[CountedMinute], until: datetime) -> History:
    """Returns the history of counts of the stable version alone, for example of one of the team's metrics."""
    served = {each.began: (each.counts.stable_invocations, each.counts.stable_errors) for each in minutes}
    return History.of(every_minute(served, until))


def outage(minutes: Sequence[ServedMinute], least_errors: int = MIN_OUTAGE_ERRORS) -> Sequence[ServedMinute]:
    """Returns the outage at the end of ``minutes``, given in order; empty if there is none, or nothing is known from
    before.

        errors of 100 requests, minute by minute    1  0  2  1  96  100     the last two minutes are an outage

    Failures that begin while the stable version still serves are not the canary's doing. The bake is therefore compared
    with the minutes of the outage, if there is one, and not with the good minutes before.

    A minute is bad by the own alarm's definition: more than twice the rate of the minutes before, by at least
    ``least_errors`` errors and by ten points. The outage begins where its surplus of errors is largest.
    """
    requests, errors = sum(each.invocations for each in minutes), sum(each.errors for each in minutes)
    worst, first, of_outage, bad = 0.0, len(minutes), 0, 0
    for place in range(len(minutes) - 1, 0, -1):
        of_outage, bad = of_outage + minutes[place].invocations, bad + minutes[place].errors
        if of_outage == requests:
            break
        rate = (errors - bad) / (requests - of_outage)
        if bad <= rate * of_outage - 1:
            break  # it is over
        over = bad - (_OUTAGE_TIMES * rate + _OUTAGE_POINTS) * of_outage
        if bad - _OUTAGE_TIMES * rate * of_outage >= least_errors and over > worst:
            worst, first = over, place
    return minutes[first:]
