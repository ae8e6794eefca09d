"""The gate of enough requests: have as many reached the canary as it takes to know anything of it?

What is lacking holds the step, or the bake. After ``no_traffic.wait`` the manifest decides: wait on, promote, or roll
back. In the bake ``callers`` says whether requests still come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import errors, hold
from controller.core.gates.traffic import callers, sample_ratio
from controller.core.manifest.settings import OnTimeout
from controller.core.model import Deployment, Phase
from controller.core.model.observation import AlarmState, Observation
from controller.core.statistics.shift import added


def wants_invocations(deployment: Deployment, now: datetime) -> bool:
    """Must the canary's requests be counted now? Only once the hold is over, so a tick costs no query before that."""
    ends = hold.ends(deployment)
    return (
        deployment.phase is Phase.SHIFTING
        and deployment.manifest.gates.min_invocations > 0
        and ends is not None
        and now >= ends
    )


def has_both_versions(deployment: Deployment, seen: Observation) -> bool:
    """Has a gate of Slipway's own something to go by: requests of both versions?

    The error gate needs no minute in which both had some: the controller itself is called once a minute. The own alarm
    does. One that is OK may be so because it has no data, and proves nothing; one that fires has some.
    """
    if (seen.alarms or {}).get(deployment.alarms.own) is AlarmState.FIRING:
        return True
    minutes = seen.minutes or ()
    return added(minutes).compares if errors.judges(deployment) else any(minute.counts.compares for minute in minutes)


def note(deployment: Deployment, seen: Observation, _now: datetime) -> Deployment:
    """Returns the deployment with whether a gate has ever seen requests of both versions in its shift."""
    if deployment.phase is Phase.BAKING or deployment.evidence.has_data or not has_both_versions(deployment, seen):
        return deployment
    return deployment.with_evidence(replace(deployment.evidence, has_data=True))


def holds(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Are requests lacking, and is that no reason to go on?"""
    goes_on = deployment.manifest.gates.no_traffic.then is OnTimeout.PROMOTE
    return None if goes_on and waited(deployment, seen, now) else lacking(deployment, seen, now)


def silent(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Do no requests reach the canary any more? Asked before the bake is over: all callers may be failing by then."""
    return holds(deployment, seen, now) if callers.lost(deployment, seen, now) else None


def waited(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Is the wait for enough requests over? It is not over where nobody could count them."""
    if deployment.phase is Phase.BAKING:
        return callers.waited(deployment, seen, now)
    ends = hold.ends(deployment)
    over = ends is not None and now >= ends + deployment.manifest.gates.no_traffic.timeout
    return over and not uncounted(deployment, seen, now)


def lacking(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns what requests are lacking for the gates to go by, None where there are enough."""
    few = sample_ratio.too_few(deployment, now) or too_few(deployment, seen, now)
    few = without_requests(deployment, seen) or few
    return few or callers.lost(deployment, seen, now) or no_data(deployment)


def too_few(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
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


def uncounted(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Can the requests that are to be counted now not be counted?"""
    if not wants_invocations(deployment, now) or seen.canary_invocations is not None:
        return None
    return f"the requests of version {deployment.canary} cannot be counted"


def without_requests(deployment: Deployment, seen: Observation) -> str | None:
    """Were there errors in the step's hold whose requests CloudWatch has not counted yet? What share failed is unknown.

    Later minutes hold nothing: a series that always comes minutes late would hold the step for ever.
    """
    ends = hold.ends(deployment)
    if deployment.phase is not Phase.SHIFTING or ends is None:
        return None
    lacking = sum(not minute.is_whole and minute.began < ends for minute in seen.minutes or ())
    return f"CloudWatch has more errors than requests in {lacking:,} of the shift's minutes so far" if lacking else None


def no_data(deployment: Deployment) -> str | None:
    """Has no gate seen anything of the canary in the whole shift, so that nothing speaks for it?"""
    is_last_step = deployment.traffic.step == len(deployment.manifest.strategy.steps) - 1
    if deployment.phase is not Phase.SHIFTING or not is_last_step or deployment.evidence.has_data:
        return None
    return f"no data: version {deployment.canary} and the stable version never had requests in the same minute"
