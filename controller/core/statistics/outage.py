"""Whether a version had begun to fail far more than before, and in which of its minutes: an outage that may go on.

    errors of 100 requests, minute by minute    1  0  2  1  96  100     the last two minutes are of an outage

What begins to fail while the stable version still serves is not the new version's doing. So the bake is compared with
these minutes, where there are any, and not with the good ones before them.
"""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.statistics.alias_past import ServedMinute

LEAST_ERRORS = 3
"""How many errors over twice the rate of the minutes before make an outage, where errors come one by one."""
_TIMES = 2
_POINTS = 0.1


def begun(minutes: Sequence[ServedMinute], least_errors: int = LEAST_ERRORS) -> Sequence[ServedMinute]:
    """Returns the newest of these minutes, given in order, in which the version failed far more than in all before.

    Far more is what makes a minute bad for a deployment's own alarm: ``least_errors`` more than twice the rate of the
    minutes before explains, and ten points over that. The outage begins where the errors over that are most. Empty
    where there is none, or where nothing is known from before.
    """
    requests, errors = sum(each.invocations for each in minutes), sum(each.errors for each in minutes)
    most, first, of_outage, bad = 0.0, len(minutes), 0, 0
    for place in range(len(minutes) - 1, 0, -1):
        of_outage, bad = of_outage + minutes[place].invocations, bad + minutes[place].errors
        if of_outage == requests:
            break
        rate = (errors - bad) / (requests - of_outage)
        if bad <= rate * of_outage - 1:
            break  # it is over
        over = bad - (_TIMES * rate + _POINTS) * of_outage
        if bad - _TIMES * rate * of_outage >= least_errors and over > most:
            most, first = over, place
    return minutes[first:]
