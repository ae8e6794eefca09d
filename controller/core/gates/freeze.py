"""The gate of freezes: while one is in force nothing starts and no step is taken.

A deployment that waits in PREPARING has not even been checked; one that has begun is published and tested, and waits
before its next percent. Dangers, rollbacks and the bake never ask this gate. Freezes that cannot be read hold, too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import hold
from controller.core.model import Deployment, Milestone, Phase
from controller.core.model.deployment.hold.freeze_wait import FreezeWait
from controller.core.model.deployment.timeline import log
from controller.core.model.freezes import Freeze
from controller.core.model.observation import Observation

UNREAD = "whether a freeze is in force cannot be read, so nothing goes forward; looked at again every minute"


def is_asked(deployment: Deployment, now: datetime) -> bool:
    """Would the deployment go forward now, or make way for a newer one? Only then the freezes are read."""
    if deployment.hold.newer is not None and deployment.phase.serves:
        return True
    return _is_ready(deployment, now)


def _is_ready(deployment: Deployment, now: datetime) -> bool:
    """Is everything over that a freeze does not stop: the first check, the tests, the hold?"""
    if deployment.hold.queued or deployment.failing:
        return False
    match deployment.phase:
        case Phase.PREPARING:
            return not deployment.versions.preflighted
        case Phase.TESTING:
            return Milestone.TESTED in deployment.done
        case Phase.SHIFTING:
            ends = hold.ends(deployment)
            return ends is not None and now >= ends and not deployment.traffic.drift
    return False


def over(deployment: Deployment, seen: Observation) -> Freeze | None:
    """Returns the freeze over the deployment, None without one, and for one that a person has overridden."""
    overridden = deployment.hold.freeze_wait.overridden
    return next((each for each in seen.freezes or () if each.identity not in overridden), None)


def forbids(deployment: Deployment, seen: Observation) -> str | None:
    """Returns why nothing may go forward, None if it may."""
    if seen.freezes is None:
        return UNREAD
    freeze = over(deployment, seen)
    return f"{freeze.in_words()}; override lets this deployment go on" if freeze else None


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with the beginning, or the end, of its wait under a freeze."""
    wait = deployment.hold.freeze_wait
    ready = _is_ready(deployment, now)
    if ready and seen.freezes is None:
        return deployment
    freeze = over(deployment, seen) if ready else None
    if freeze and freeze.identity != wait.by:
        return log(_with(deployment, wait.begun(freeze.identity, now)), now, f"waits: {freeze.in_words()}")
    if freeze is None and wait.since:
        return log(_with(deployment, wait.ended(now)), now, "no freeze holds it any more")
    return deployment


def holds(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns the freeze that keeps the deployment from going on, None if none does, or not yet."""
    return forbids(deployment, seen) if _is_ready(deployment, now) else None


def overridden(deployment: Deployment, seen: Observation) -> Deployment:
    """Returns the deployment with the freezes in force overridden; later ones hold it all the same."""
    wait = deployment.hold.freeze_wait
    known = wait.overridden | {each.identity for each in seen.freezes or ()}
    return _with(deployment, replace(wait, overridden=known))


def _with(deployment: Deployment, wait: FreezeWait) -> Deployment:
    return replace(deployment, hold=replace(deployment.hold, freeze_wait=wait))
