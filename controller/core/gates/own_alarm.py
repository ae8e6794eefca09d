"""When a deployment's own alarm fires: which minutes are bad, and how many it takes.

A minute is bad if the canary had three errors more than twice the stable version's error rate explains, and an error
rate of more than ten points above twice the stable rate. If the alias's errors come in bursts, three bursts' worth of
errors are needed, or failures in half of the canary's requests. Two bad minutes fire the alarm. So one burst does not,
nor does the newest minute alone, whose points of one version may be counted later than the other's.

For example, the stable version fails 5 % of the time. Of 100 requests in a minute the canary may fail 20: twice 5 %,
and ten points. The 21st failure makes the minute bad.

While both versions serve, the stable version's rate is that of the same minute, and a minute with points missing does
not count. In the bake the stable version serves nothing, and its rate from before is a constant (``ServedBefore``).
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
"""The canary's errors above ``TIMES_STABLE`` times the stable rate, if errors come one by one."""
SURELY_BAD = 0.5
"""The share of failing requests that makes a minute bad, however large the alias's bursts are."""
POINTS_OVER = 10
"""In percentage points: the canary's error rate above ``TIMES_STABLE`` times the stable rate."""
BAD_MINUTES = 2
_COUNTED_AFTER = timedelta(minutes=2)
"""The time until an ended request is counted in its minute. Source: Lambda developer guide, metrics are sent at
one-minute intervals; alarms stamped 30 to 70 s after a minute, 2026-11.
"""
_MINUTE = timedelta(minutes=1)
READ_TIMEOUT = timedelta(minutes=5)
"""The time after the promotion during which CloudWatch is asked for the stable version's rate."""


def least_errors(history: History | None) -> int:
    """Returns the errors, above ``TIMES_STABLE`` times the stable rate, that make a minute bad: those of three bursts.

    ``history`` is the day before; if None, errors are assumed to come one by one.
    """
    return MIN_ERRORS if history is None else round(MIN_ERRORS * history.spread)


def minutes_watched(longest_timeout: timedelta) -> int:
    """Returns the number of newest minutes, ``BAD_MINUTES`` of which must be bad.

    A request is counted after its end, in the minute of its beginning. So the newest minutes may lack their failures:
    as many minutes as the longest request lasts, and two more. Two complete minutes follow. A Timeout of 3 s gives 5
    minutes, 900 s give 19. Source: Lambda developer guide, viewing metrics, 2023-10.
    """
    return math.ceil((longest_timeout + _COUNTED_AFTER) / _MINUTE) + BAD_MINUTES


def wants_before(deployment: Deployment) -> bool:
    """Does the own alarm still need the stable version's rate before the promotion?"""
    # Read only after the canary is seen to serve alone, so that the promotion does not wait for CloudWatch.
    traffic = deployment.traffic
    serves_alone = deployment.phase is Phase.BAKING and traffic.confirmed_at is not None and not traffic.closing
    return serves_alone and deployment.stable is not None and deployment.evidence.stable_before is None


def before_is_due(deployment: Deployment, now: datetime) -> bool:
    """Can the rate be read now? Only after the shift's last minutes are counted, since they show failures just
    begun.
    """
    confirmed_at, past = deployment.traffic.confirmed_at, deployment.evidence.shift.past
    is_counted = confirmed_at is not None and past is not None and now >= confirmed_at + past.counted_in
    return is_counted and wants_before(deployment)


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Notes the stable version's rate for the own alarm, and tells people if it is unknown."""
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
