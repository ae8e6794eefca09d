"""The beginning of an outage: the minutes in which a version failed far more than before, up to the newest.

    errors of 100 requests, minute by minute    1  0  2  1  96  100     the last two minutes are an outage

Failures that begin while the stable version still serves are not the canary's doing. The bake is therefore compared
with the minutes of the outage, if there is one, and not with the good minutes before.
"""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.statistics.alias_past import ServedMinute

MIN_ERRORS = 3
"""The fewest errors of an outage, beyond twice the earlier rate, if errors come one by one."""
_TIMES = 2
_POINTS = 0.1


def begun(minutes: Sequence[ServedMinute], least_errors: int = MIN_ERRORS) -> Sequence[ServedMinute]:
    """Returns the outage at the end of ``minutes``, given in order; empty if there is none, or nothing is known from
    before.

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
        over = bad - (_TIMES * rate + _POINTS) * of_outage
        if bad - _TIMES * rate * of_outage >= least_errors and over > worst:
            worst, first = over, place
    return minutes[first:]
