"""When a deployment's own alarm fires: which minutes are bad, and how many of them it takes.

A minute is bad in which the new version had three errors more than twice the stable version's error rate explains, and
an error rate of more than ten points over that. Where the alias's errors come in bursts, it takes as many errors as
three bursts have, or half of the new version's requests. Two bad minutes fire it, so one burst of errors does not, nor
does the newest minute alone, of which one version's points may be counted later than the other's.

Example: the stable version fails 5 % of the time. Of 100 requests in a minute the new version may fail 20: that is
2 * 5 % and ten points. The 21st makes the minute bad.

While both versions serve, the stable version's rate is that of the same minute, and a minute that lacks points of
either version says nothing. In the bake the stable version serves nothing, and its rate from before is a number
(``ServedBefore``).
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from controller.core.model import Deployment, Phase
from controller.core.model.deployment.timeline import log
from controller.core.model.observation import Observation
from controller.core.statistics.before_after import NOTHING_KNOWN
from controller.core.statistics.history import History

TIMES_STABLE = 2
MIN_ERRORS = 3
"""How many errors that come one by one the new version must have over ``TIMES_STABLE`` times the stable rate."""
SURELY_BAD = 0.5
"""The share of its requests that is bad, however large the alias's bursts are."""
POINTS_OVER = 10
"""How many percentage points its error rate must be over that."""
BAD_MINUTES = 2
_COUNTED_AFTER = timedelta(minutes=2)
"""How long after the end of a request its minute may still lack it. Source: Lambda developer guide, metrics are sent at
one-minute intervals; alarms stamped 30 to 70 s after a minute, 2026-11.
"""
_MINUTE = timedelta(minutes=1)
READ_TIMEOUT = timedelta(minutes=5)
"""How long after the promotion CloudWatch is asked for the stable version's rate."""


def least_errors(history: History | None) -> int:
    """Returns how many errors over ``TIMES_STABLE`` times the stable rate make a minute bad: those of three bursts.

    ``history`` is the day before, None where it was not read: then errors are taken for ones that come one by one.
    """
    return MIN_ERRORS if history is None else round(MIN_ERRORS * history.spread)


def minutes_watched(longest_timeout: timedelta) -> int:
    """Returns of how many minutes, the newest ones, ``BAD_MINUTES`` must be bad.

    A request is counted in the minute in which it began, but when it has ended. So the newest minutes may still lack
    their failures, as many as the longest request lasts and two more, and two whole ones follow: with a Timeout of 3 s
    it is 5 minutes, with 900 s it is 19. Source: Lambda developer guide, viewing metrics, 2023-10.
    """
    return math.ceil((longest_timeout + _COUNTED_AFTER) / _MINUTE) + BAD_MINUTES


def wants_before(deployment: Deployment) -> bool:
    """Must be read what the stable version served before the promotion, for the deployment's own alarm? Once the canary
    is seen to serve alone, so that the promotion does not wait for it.
    """
    serves_alone = (
        deployment.phase is Phase.BAKING
        and deployment.traffic.confirmed_at is not None
        and not deployment.traffic.closing
    )
    return serves_alone and deployment.stable is not None and deployment.evidence.stable_before is None


def before_is_due(deployment: Deployment, now: datetime) -> bool:
    """Is that to be read now? Not before the last minutes of the shift are counted: what has just begun to fail is in
    them.
    """
    confirmed_at, past = deployment.traffic.confirmed_at, deployment.evidence.shift.past
    is_counted = confirmed_at is not None and past is not None and now >= confirmed_at + past.counted_in
    return is_counted and wants_before(deployment)


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Notes what its own alarm goes by in the bake; that nothing is known is said, and is not taken for no errors."""
    if not wants_before(deployment):
        return deployment
    given_up = deployment.traffic.confirmed_at is not None and now - deployment.traffic.confirmed_at >= READ_TIMEOUT
    before = seen.stable_before or (NOTHING_KNOWN if given_up else None)
    if before is None:
        return deployment
    deployment = deployment.with_evidence(replace(deployment.evidence, stable_before=before))
    if before.is_enough:
        return deployment
    known = f"{before.requests} requests" if seen.stable_before else "no answer of CloudWatch"
    text = (
        f"{known} to say how often version {deployment.stable} failed before: in the bake the deployment's own alarm"
        " fires only if over 90% of the requests fail, and the bytes are not quarantined for it"
    )
    return log(deployment, now, text)
