"""Why a deployment does not go on, in one sentence: ``held_by`` of ``status``.

Rules of the file: while a deployment is open there is always a sentence. None is for an ended one.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.gates import freeze, hooks, order
from controller.core.gates.manual import approval
from controller.core.lifecycle.cleanup import RESTORE_TIMEOUT, owed_by_rollback
from controller.core.lifecycle.held_until import what_then
from controller.core.model import Deployment, Milestone, Phase, written
from controller.core.model.observation import Observation
from controller.core.routing import by_hand

_GOES_ON = "nothing: it goes on at the next look, within a minute"


def held_by(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns why the deployment does not go on, None if it has ended."""
    if deployment.hold.queued:
        return "an older deployment of this target is open"
    match deployment.phase:
        case Phase.PREPARING:
            return (
                _ending(deployment) or freeze.holds(deployment, seen, now) or _delayed(deployment) or _next(deployment)
            )
        case Phase.TESTING if Milestone.TESTED not in deployment.done or deployment.failing:
            return _ending(deployment) or _delayed(deployment) or _testing(deployment, seen, now)
        case Phase.TESTING | Phase.SHIFTING | Phase.BAKING:
            held = order.holding(deployment, seen, now)
            return f"{held}{what_then(deployment, seen, now)}" if held else _closing(deployment) or _GOES_ON
        case Phase.ROLLING_BACK:
            return _going_back(deployment, seen, now)
    return None


def _ending(deployment: Deployment) -> str | None:
    if deployment.failing is None:
        return None
    back = f"$LATEST is being put back to version {deployment.stable}{_until(deployment)}"
    fails = f" ({deployment.hold.delay.said})" if deployment.hold.delay else ""
    return f"{back}{fails}, because {deployment.failing.reason.text}"


def _delayed(deployment: Deployment) -> str | None:
    return deployment.hold.delay.in_words() if deployment.hold.delay else None


def _next(deployment: Deployment) -> str:
    function = deployment.target.function
    if not deployment.versions.preflighted:
        return f"preflight: checking what AWS would refuse for {function}"
    if deployment.versions.onboards and deployment.stable is None:
        return f"the present code of {function} is being published, to have a way back"
    if Milestone.IDENTIFIED not in deployment.done:
        return f"the hash of {deployment.artifact.key} is being read"
    if deployment.canary is None:
        return f"a version of {function} is being published"
    return f"version {deployment.canary} is becoming ready"


def _testing(deployment: Deployment, seen: Observation, now: datetime) -> str:
    # Hooks and approvals are asked for only after the tests.
    held = order.holder(deployment, seen, now)
    if held is None or held[0] in (hooks.holds, approval.holds):
        return f"version {deployment.canary} is being tested"
    return held[1]


def _going_back(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    if deployment.traffic.drift:
        return order.holding(deployment, seen, now)
    if deployment.traffic.confirmed_at is None:
        return _not_back(deployment)
    if deployment.traffic.asleep:
        return f"{deployment.traffic.asleep}; looked at every minute{_until(deployment)}"
    if owed_by_rollback(deployment):
        return f"traffic is back; the bytes and $LATEST are being cleaned up{_until(deployment)}"
    return hooks.holding(deployment) or _GOES_ON


def _not_back(deployment: Deployment) -> str:
    since = f" since {written(deployment.traffic.turned_back_at)}" if deployment.traffic.turned_back_at else ""
    command = by_hand.command(deployment.target, deployment.stable)
    return (
        f"{deployment.target} has not been seen back on version {deployment.stable}{since}; Slipway tries again every"
        f" minute. If that does not end, move the alias by hand: {command}"
    )


def _until(deployment: Deployment) -> str:
    since = deployment.cleans_up_since
    if since is None:
        return ""
    return f" until {(since + RESTORE_TIMEOUT).isoformat(timespec='seconds')} at most"


def _closing(deployment: Deployment) -> str | None:
    return "the bake is over; $LATEST and old versions are being tidied up" if deployment.traffic.closing else None
