"""The order of the gates: what is to be counted for them now, and the first one that holds the next step.

Rules of the folder: a gate returns the reason to hold, or None; it never changes anything and never rolls back. What is
dangerous is looked at by ``transitions/shifting``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from controller.core.gates import callers, hooks, latency
from controller.core.gates.alarms import blocked, unread
from controller.core.gates.approval import unapproved
from controller.core.gates.enough_requests import silent, wants_invocations, without_traffic
from controller.core.gates.errors import judges, judges_bake
from controller.core.gates.hold import end_is_open, hold_remaining, late_requests
from controller.core.gates.sample_ratio import odd_share
from controller.core.gates.team_metrics import watches_metrics
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.observation import Observation

Gate = Callable[[Deployment, Observation, datetime], str | None]


def holder(deployment: Deployment, seen: Observation, now: datetime) -> tuple[Gate, str] | None:
    """Returns the first gate that is not open, and its reason; None where every gate is open."""
    gates = _BEFORE_TRAFFIC if deployment.phase is Phase.TESTING else _IN_TRAFFIC
    return next(((gate, reason) for gate in gates if (reason := gate(deployment, seen, now))), None)


def holding(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns why the deployment does not go on, None where every gate is open."""
    held = holder(deployment, seen, now)
    return held[1] if held else None


def counts_minutes(deployment: Deployment, now: datetime) -> bool:
    """Are the requests of both versions to be counted now, minute by minute?"""
    is_unseen = deployment.phase is Phase.SHIFTING and not deployment.sighted and _may_serve(deployment)
    return is_unseen or _judges_minutes(deployment, now)


def _judges_minutes(deployment: Deployment, now: datetime) -> bool:
    return _may_serve(deployment) and (judges(deployment) or wants_invocations(deployment, now))


def _may_serve(deployment: Deployment) -> bool:
    """May the canary have had requests beside the stable version? The alias is written once its own alarm is there."""
    return deployment.stable is not None and Milestone.ALARM_MADE in deployment.done


def wants_past(deployment: Deployment, now: datetime) -> bool:
    """Is what came before the first percent still to be read, without which nothing is judged?"""
    is_judged = _judges_minutes(deployment, now) or judges_bake(deployment) or watches_metrics(deployment)
    is_watched = end_is_open(deployment) or callers.watches(deployment)
    return deployment.shift.past is None and (is_judged or is_watched)


def hook(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Is there a hook that has not let the deployment go on yet? Asked last: some are asked when all else is open."""
    return hooks.holding(deployment)


def _foreign(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    if not deployment.foreign:
        return None
    return f"somebody else made the alias carry {deployment.foreign}; send adopt to keep that, or rollback"


def _paused(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    if not deployment.paused:
        return None
    if deployment.reason:
        return f"frozen, because {deployment.reason.text}; send promote, resume or rollback"
    return "paused; send resume to go on"


def _routing_unconfirmed(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    return None if deployment.live_at else "the alias has not been seen to carry this step yet"


_BEFORE_TRAFFIC: tuple[Gate, ...] = (_foreign, _paused, unread, blocked, hook, unapproved)
_IN_TRAFFIC: tuple[Gate, ...] = (
    _foreign, _paused, _routing_unconfirmed, odd_share, silent, hold_remaining, unread, latency.holds,
    without_traffic, late_requests, hook, unapproved,
)  # fmt: skip
