"""The gate of enough requests: have enough reached the canary to know anything?

Missing requests hold the step, or the bake. After ``no_traffic.wait`` the manifest decides: keep waiting, promote, or
roll back. A person who asks for the next step does not wait for requests. In the bake ``callers`` checks whether
requests still come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from controller.core.gates import errors, freeze, hold
from controller.core.gates.traffic import callers, sample_ratio
from controller.core.manifest.settings import OnTimeout
from controller.core.model import Deployment, Phase
from controller.core.model.deployment.timeline import say
from controller.core.model.observation import AlarmState, Observation
from controller.core.statistics.shift import added

_TELLS_AFTER = timedelta(minutes=5)
"""How long after the hold people are told that a step waits for requests."""
_THEN = {
    OnTimeout.HOLD: "the step waits, as gates.no_traffic says; send next to go on, or rollback",
    OnTimeout.PROMOTE: "without more requests the step goes on at {}, as gates.no_traffic says",
    OnTimeout.ROLLBACK: "without more requests it goes back at {}, as gates.no_traffic says; send next to go on",
}


def wants_invocations(deployment: Deployment, now: datetime) -> bool:
    """Must the canary's requests be counted now? Only after the hold, so that earlier ticks cost no query."""
    ends = hold.ends(deployment)
    return (
        deployment.phase is Phase.SHIFTING
        and deployment.hold.cut_short_at is None
        and deployment.manifest.gates.min_invocations > 0
        and ends is not None
        and now >= ends
    )


def has_both_versions(deployment: Deployment, seen: Observation) -> bool:
    """Does one of Slipway's own gates have data: requests of both versions?

    The error gate needs no common minute, since the controller itself is called once a minute; the own alarm does. An
    OK alarm may simply lack data and proves nothing; a firing alarm has data.
    """
    if (seen.alarms or {}).get(deployment.alarms.own) is AlarmState.FIRING:
        return True
    minutes = seen.minutes or ()
    return added(minutes).compares if errors.judges(deployment) else any(minute.counts.compares for minute in minutes)


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with ``has_data`` set, once a gate has seen requests of both versions, and people told of
    a long wait.
    """
    deployment = _told_of_wait(deployment, seen, now)
    if deployment.phase is Phase.BAKING or deployment.evidence.has_data or not has_both_versions(deployment, seen):
        return deployment
    return deployment.with_evidence(replace(deployment.evidence, has_data=True))


def _told_of_wait(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Tells people once in a step that too few requests come, and what follows when.

    Counts are minutes late, so a busy function has too few right after its hold, too, and nobody is told of that.
    """
    ends, until = hold.ends(deployment), wait_ends(deployment)
    is_long = ends is not None and now >= ends + _TELLS_AFTER
    few = too_few(deployment, seen, now) if is_long and not deployment.hold.told_of_wait else None
    if few is None or until is None or until <= now or freeze.holds(deployment, seen, now):
        return deployment
    then = _THEN[deployment.manifest.gates.no_traffic.then].format(f"{until:%H:%M} UTC")
    told = replace(deployment, hold=replace(deployment.hold, told_of_wait=True))
    return say(told, now, f"{few}; {then}")


def holds(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the missing requests, None if there are enough, or ``no_traffic`` or a person says to go on."""
    return None if goes_on_without(deployment, seen, now) else lacking(deployment, seen, now)


def goes_on_without(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns who lets the deployment go on without enough requests, in words; None if nobody does."""
    if deployment.hold.cut_short_at:
        return "the hold was ended by request"
    goes_on = deployment.manifest.gates.no_traffic.then is OnTimeout.PROMOTE
    return "gates.no_traffic says promote" if goes_on and waited(deployment, seen, now) else None


def silent(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the silence of a bake, None if requests come. Asked before the bake is over: all callers may be
    failing.
    """
    return holds(deployment, seen, now) if callers.lost(deployment, seen, now) else None


def waited(deployment: Deployment, seen: Observation, now: datetime) -> bool:
    """Is the wait for enough requests over? Never while they cannot be counted."""
    if deployment.phase is Phase.BAKING:
        return callers.waited(deployment, seen, now)
    ends = wait_ends(deployment)
    return ends is not None and now >= ends and not uncounted(deployment, seen, now)


def wait_ends(deployment: Deployment) -> datetime | None:
    """Returns when a step's wait for enough requests is over, and ``no_traffic`` decides; None outside of a step."""
    ends = hold.ends(deployment)
    if ends is None or deployment.phase is not Phase.SHIFTING:
        return None
    # The wait begins again after a freeze, which nobody could end by sending requests.
    begun = max(ends, deployment.hold.freeze_wait.over_at or ends)
    return begun + deployment.manifest.gates.no_traffic.timeout


def lacking(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the missing requests, in words, None if there are enough."""
    few = sample_ratio.too_few(deployment, now) or too_few(deployment, seen, now)
    few = without_requests(deployment, seen) or few
    return few or callers.lost(deployment, seen, now) or no_data(deployment)


def too_few(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns that the canary has had too few requests in this step to prove anything; None if it had enough."""
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
    """Returns that the requests to count cannot be counted, None if they can."""
    if not wants_invocations(deployment, now) or seen.canary_invocations is not None:
        return None
    return f"the requests of version {deployment.canary} cannot be counted"


def without_requests(deployment: Deployment, seen: Observation) -> str | None:
    """Returns the minutes of the step with errors counted before their requests, in words: the failing share is
    unknown.
    """
    ends = hold.ends(deployment)
    if deployment.phase is not Phase.SHIFTING or ends is None:
        return None
    # Later minutes hold nothing: a series that is always minutes late would hold the step for ever.
    lacking = sum(not minute.is_whole and minute.began < ends for minute in seen.minutes or ())
    return f"CloudWatch has more errors than requests in {lacking:,} of the shift's minutes so far" if lacking else None


def no_data(deployment: Deployment) -> str | None:
    """Returns that no gate has seen data of the canary in the whole shift, so that nothing speaks for it."""
    is_last_step = deployment.traffic.step == len(deployment.manifest.strategy.steps) - 1
    if deployment.phase is not Phase.SHIFTING or not is_last_step or deployment.evidence.has_data:
        return None
    return f"no data: version {deployment.canary} and the stable version never had requests in the same minute"
