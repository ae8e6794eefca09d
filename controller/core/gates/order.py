"""All gates, in order: the first danger rolls back, and the first hold keeps a step from the next.

A gate answers some of these questions, each by a function of this name in its file:

    note(deployment, seen, now) -> Deployment     remember the findings of this look
    danger(deployment, seen, now) -> Reason       why to roll back
    holds(deployment, seen, now) -> str           why the next step has to wait
    report(deployment, ...) -> JSON               the gate's part of ``status``

For example, ``latency.py`` has everything about latency. A gate changes only its own notes and moves no traffic;
``lifecycle.transitions`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from controller.core.gates import (
    alarms,
    deadline,
    errors,
    freeze,
    hold,
    hooks,
    latency,
    own_alarm,
    team_metrics,
    throttles,
    unreadable,
)
from controller.core.gates.manual import approval, drill, interventions
from controller.core.gates.traffic import callers, enough_requests, sample_ratio
from controller.core.model import Deployment, Milestone, Phase, Reason
from controller.core.model.observation import Observation

Note = Callable[[Deployment, Observation, datetime], Deployment]
Danger = Callable[[Deployment, Observation, datetime], Reason | None]
Hold = Callable[[Deployment, Observation, datetime], str | None]

NOTES: tuple[Note, ...] = (
    alarms.note,
    unreadable.note,
    errors.note_past,
    team_metrics.note,
    own_alarm.note,
    errors.note,
    sample_ratio.note,
    enough_requests.note,
    latency.note,
)
DANGERS: tuple[Danger, ...] = (
    alarms.danger,
    errors.danger,
    team_metrics.danger,
    latency.danger,
    throttles.danger,
    hooks.danger,
    unreadable.danger,
    drill.danger,
    deadline.danger,
)
HOLDS_BEFORE_TRAFFIC: tuple[Hold, ...] = (
    interventions.drift,
    interventions.paused,
    freeze.holds,
    unreadable.holds,
    alarms.holds,
    hooks.holds,
    approval.holds,
)
HOLDS: tuple[Hold, ...] = (
    interventions.drift,
    interventions.paused,
    freeze.holds,
    hold.unconfirmed,
    drill.holds,
    sample_ratio.holds,
    enough_requests.silent,
    hold.holds,
    unreadable.holds,
    latency.holds,
    throttles.holds,
    enough_requests.holds,
    errors.holds,
    hooks.holds,
    approval.holds,
)


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with all gates' findings of this look."""
    for each in NOTES:
        deployment = each(deployment, seen, now)
    return deployment


def danger(deployment: Deployment, seen: Observation, now: datetime) -> Reason | None:
    """Returns the first reason to roll back, None without one."""
    return next((reason for each in DANGERS if (reason := each(deployment, seen, now))), None)


def holder(deployment: Deployment, seen: Observation, now: datetime) -> tuple[Hold, str] | None:
    """Returns the first closed gate and its reason, None if every gate is open."""
    holds = HOLDS_BEFORE_TRAFFIC if deployment.phase is Phase.TESTING else HOLDS
    return next(((each, reason) for each in holds if (reason := each(deployment, seen, now))), None)


def holding(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns why the deployment does not go on, None if every gate is open."""
    held = holder(deployment, seen, now)
    return held[1] if held else None


def looks_each_minute(deployment: Deployment) -> bool:
    """Does a gate have something to look at every minute?"""
    judged = errors.judges(deployment) or errors.judges_bake(deployment) or latency.watches(deployment)
    return judged or team_metrics.watches(deployment) or deployment.drill is not None


def counts_minutes(deployment: Deployment, now: datetime) -> bool:
    """Should the requests of both versions be counted now, minute by minute?"""
    # Before the own alarm exists the alias is not written, so the canary has had no requests.
    if deployment.stable is None or Milestone.ALARM_MADE not in deployment.done:
        return False
    is_unseen = deployment.phase is Phase.SHIFTING and not deployment.evidence.has_data
    return is_unseen or errors.judges(deployment) or enough_requests.wants_invocations(deployment, now)


def wants_past(deployment: Deployment, now: datetime) -> bool:
    """Should the alias's history before the first percent be read now?"""
    # The own alarm depends on the history's bursts, as all evidence does, so the history is read before making the
    # alarm.
    is_first_look = deployment.phase is Phase.SHIFTING and Milestone.ALARM_MADE not in deployment.done
    compares = deployment.stable is not None and (
        is_first_look or errors.judges(deployment) or enough_requests.wants_invocations(deployment, now)
    )
    is_judged = errors.judges_bake(deployment) or errors.end_is_open(deployment) or team_metrics.watches(deployment)
    return deployment.evidence.shift.past is None and (compares or is_judged or callers.watches(deployment))
