"""The gate of enough requests: have the gates anything to go by, and what follows where they have not?

``no_traffic`` of the manifest says how long enough requests are waited for and what comes then.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.gates import callers
from controller.core.gates.errors import judges
from controller.core.gates.hold import hold_ends
from controller.core.gates.sample_ratio import lost_requests
from controller.core.manifest.settings import OnTimeout
from controller.core.model import Deployment, Phase
from controller.core.model.observation import AlarmState, Observation
from controller.core.statistics.shift import added


def sees(deployment: Deployment, seen: Observation) -> bool:
    """Has a gate of Slipway's own something to go by: requests of both versions?

    The error gate needs no minute in which both had some: the controller itself is called once a minute. The own alarm
    does. One that is OK may be so because it has no data, and proves nothing; one that fires has some.
    """
    if (seen.alarms or {}).get(deployment.own_alarm) is AlarmState.FIRING:
        return True
    minutes = seen.minutes or ()
    return added(minutes).compares if judges(deployment) else any(minute.counts.compares for minute in minutes)


def wants_invocations(deployment: Deployment, now: datetime) -> bool:
    """Must the canary's requests be counted now? Only once the hold is over, so a tick costs no query before that."""
    ends = hold_ends(deployment)
    return (
        deployment.phase is Phase.SHIFTING
        and deployment.manifest.gates.min_invocations > 0
        and ends is not None
        and now >= ends
    )


def uncounted(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Are the canary's requests to be counted now, and nobody could?"""
    if not wants_invocations(deployment, now) or seen.canary_invocations is not None:
        return None
    return f"the requests of version {deployment.canary} cannot be counted"


def waited_for_traffic(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Is the wait for enough requests over? It is not over where nobody could count them."""
    if deployment.phase is Phase.BAKING:
        return callers.waited(deployment, seen, now)
    ends = hold_ends(deployment)
    over = ends is not None and now >= ends + deployment.manifest.gates.no_traffic.most
    return over and not uncounted(deployment, seen, now)


def too_few_invocations(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Has the canary had too few requests in this step to prove anything?"""
    wanted = deployment.manifest.gates.min_invocations
    if not wants_invocations(deployment, now):
        return None
    if seen.canary_invocations is None:
        return uncounted(deployment, seen, now)
    if seen.canary_invocations >= wanted:
        return None
    few = f"{seen.canary_invocations} of {wanted} requests have reached version {deployment.canary} in this step"
    if seen.canary_invocations or any(minute.counts.stable_invocations for minute in seen.minutes or ()):
        return few
    target = deployment.target
    return f"{few}, and none version {deployment.stable}: nobody calls {target}, or {callers.switched_off(target)}"


def blind(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Has no gate seen anything of the canary in the whole shift, so that nothing speaks for it?"""
    if not _is_last_step(deployment) or deployment.sighted:
        return None
    return f"every gate was blind: none has seen requests of version {deployment.canary} beside some of the stable one"


def _is_last_step(deployment: Deployment) -> bool:
    return deployment.phase is Phase.SHIFTING and deployment.step == len(deployment.manifest.strategy.steps) - 1


def without_requests(deployment: Deployment, seen: Observation) -> str | None:
    """Were there errors in the step's hold whose requests CloudWatch has not counted yet? What share failed is unknown.

    Later minutes hold nothing: a series that always comes minutes late would hold the step for ever.
    """
    ends = hold_ends(deployment)
    if deployment.phase is not Phase.SHIFTING or ends is None:
        return None
    lacking = sum(not minute.is_whole and minute.began < ends for minute in seen.minutes or ())
    return f"CloudWatch has more errors than requests in {lacking:,} of the shift's minutes so far" if lacking else None


def lacking_requests(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns what requests are lacking for the gates to go by, None where there are enough."""
    few = lost_requests(deployment, seen, now) or too_few_invocations(deployment, seen, now)
    few = without_requests(deployment, seen) or few
    return few or callers.lost(deployment, seen, now) or blind(deployment, seen, now)


def without_traffic(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Are requests lacking, and is that no reason to go on?"""
    goes_on = deployment.manifest.gates.no_traffic.then is OnTimeout.PROMOTE
    return None if goes_on and waited_for_traffic(deployment, seen, now) else lacking_requests(deployment, seen, now)


def silent(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Do no requests reach the canary any more? Asked before the bake is over: all callers may be failing by then."""
    return without_traffic(deployment, seen, now) if callers.lost(deployment, seen, now) else None
