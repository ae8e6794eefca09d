"""When the wait that holds a deployment is over: ``until`` of ``status``.

For a quiet function that is the moment at which ``gates.no_traffic`` decides, and usually rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from controller.core.gates import errors, freeze, hold, hooks, order
from controller.core.gates.manual import approval
from controller.core.gates.traffic import enough_requests
from controller.core.lifecycle.cleanup import RESTORE_TIMEOUT
from controller.core.manifest.settings import OnTimeout
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.observation import Observation

_ENDS: Mapping[order.Hold, Callable[[Deployment], datetime | None]] = {
    hold.holds: hold.ends,
    enough_requests.holds: enough_requests.wait_ends,
    errors.holds: errors.end_due_at,
    hooks.holds: hooks.wait_ends,
    approval.holds: approval.ends,
}


def held_until(deployment: Deployment, seen: Observation, now: datetime) -> datetime | None:
    """Returns when the present wait is over at the latest; None if nothing is waited for, or nobody can know."""
    if deployment.hold.queued or deployment.phase.is_terminal:
        return None
    if deployment.cleans_up_since:
        return deployment.cleans_up_since + RESTORE_TIMEOUT
    if deployment.phase is Phase.PREPARING or not (deployment.phase.serves or Milestone.TESTED in deployment.done):
        return None
    held = order.holder(deployment, seen, now)
    gate = held[0] if held else None
    if gate is freeze.holds:
        found = freeze.over(deployment, seen)
        return found.until if found else None
    if gate is enough_requests.holds and _waits_on(deployment):
        return None
    ends = _ENDS.get(gate) if gate else None
    return ends(deployment) if ends else None


def what_then(deployment: Deployment, seen: Observation, now: datetime) -> str:
    """Returns what becomes of a step without enough requests, and when; empty for every other hold."""
    ends, held = enough_requests.wait_ends(deployment), order.holder(deployment, seen, now)
    if ends is None or held is None or held[0] is not enough_requests.holds or _waits_on(deployment):
        return ""
    then = deployment.manifest.gates.no_traffic.then.value
    return f"; without enough of them by {ends.isoformat(timespec='seconds')} gates.no_traffic says {then}"


def _waits_on(deployment: Deployment) -> bool:
    return deployment.manifest.gates.no_traffic.then is OnTimeout.HOLD
