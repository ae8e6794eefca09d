"""Transitions of SHIFTING and BAKING at a person's request: promote, end the bake, roll back, keep drift.

Rules of the file: dangers come before a promotion, and drift is written over only by a rollback that is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import freeze, order
from controller.core.gates.hooks import runs
from controller.core.lifecycle.transitions.edits import (
    enter,
    go_on,
    leads_to,
    note_routing,
    requested,
)
from controller.core.lifecycle.transitions.rolling_back import make_again, roll_back
from controller.core.lifecycle.transitions.shifting import advance, closing, danger_of, promote
from controller.core.model import Cause, Deployment, Phase, Reason, Routing
from controller.core.model.deployment.timeline import log
from controller.core.model.events import (
    AcceptDriftRequested,
    PromoteRequested,
    RollbackRequested,
)
from controller.core.model.observation import Observation


@leads_to(Phase.BAKING, Phase.ROLLING_BACK)
def promote_now(deployment: Deployment, event: PromoteRequested, seen: Observation, now: datetime) -> Deployment:
    """Gives the canary all traffic because a person asks; dangers come first, even those of this look alone."""
    deployment = order.note(deployment, seen, now)
    if danger_of(deployment, seen, now) and not deployment.hold.frozen:
        return advance(deployment, seen, now)
    if deployment.traffic.drift or freeze.forbids(deployment, seen):
        return deployment
    held = order.holding(deployment, seen, now) or ""
    deployment = runs.pass_over(go_on(deployment, now), now)
    skipped = f"the steps and gates left are skipped{held and f' ({held})'}"
    return promote(deployment, now, event.person.signed(skipped), event.person)


@leads_to(Phase.SUCCEEDED, Phase.ROLLING_BACK)
def close_now(deployment: Deployment, event: PromoteRequested, seen: Observation, now: datetime) -> Deployment:
    """Ends the bake because a person who saw it asks; dangers come first."""
    if event.in_phase not in (None, Phase.BAKING):
        return deployment
    if danger_of(deployment, seen, now) and not deployment.hold.frozen:
        return advance(deployment, seen, now)
    is_closing = deployment.traffic.closing and not deployment.hold.frozen
    is_held = deployment.traffic.drift or deployment.traffic.confirmed_at is None or freeze.forbids(deployment, seen)
    if is_held or is_closing:
        return deployment
    deployment = runs.pass_over(go_on(deployment, now), now)
    return log(closing(deployment), now, event.person.signed("the bake is ended"))


@leads_to(Phase.ROLLING_BACK)
def roll_back_now(deployment: Deployment, event: RollbackRequested, seen: Observation, now: datetime) -> Deployment:
    """Rolls back because a person asks, even over somebody else's routing."""
    if seen.routing is not None:
        traffic = replace(deployment.traffic.expecting(seen.routing), drift="")
        deployment = replace(deployment, traffic=traffic)
    elif deployment.stable is not None:
        deployment = make_again(deployment, now)
    return roll_back(deployment, requested(event), seen, now)


@leads_to(Phase.BAKING, Phase.ROLLED_BACK)
def accept_drift(deployment: Deployment, event: AcceptDriftRequested, seen: Observation, now: datetime) -> Deployment:
    """Accepts an external change: if the alias carries the canary alone, the bake begins; anything else ends the
    deployment.
    """
    deployment = note_routing(deployment, seen, now)
    if deployment.traffic.drift and seen.routing is not None and seen.routing == Routing(str(deployment.canary)):
        kept = replace(deployment, traffic=deployment.traffic.accepting(seen.routing))
        return promote(kept, now, event.person.signed("somebody else's routing is kept"), event.person)
    return keep_drift(deployment, event, seen, now)


@leads_to(Phase.ROLLED_BACK)
def keep_drift(deployment: Deployment, event: AcceptDriftRequested, seen: Observation, now: datetime) -> Deployment:
    """Ends the deployment on the single version that somebody else gave the alias; two versions cannot be kept."""
    deployment = note_routing(deployment, seen, now)
    if not deployment.traffic.drift or seen.routing is None or seen.routing.canary is not None:
        return deployment
    kept = event.person.signed(f"somebody else moved the alias to {seen.routing} and that was kept")
    reason = Reason(Cause.DRIFT, kept, event.person)
    deployment = replace(deployment, reason=reason, traffic=deployment.traffic.accepting(seen.routing))
    return enter(deployment, Phase.ROLLED_BACK, now, reason.text)
