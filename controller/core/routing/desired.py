"""The routing that the alias should carry, and whether its present routing is Slipway's own.

For example, in SHIFTING at a step of 5 % the alias should carry version 1, with 500 hundredths of a percent for version
2; in ROLLING_BACK version 1 alone.

Note: the desired routing follows from the record alone, never from the last weight plus something.
"""

from __future__ import annotations

from controller.core.manifest.settings import OnFailure
from controller.core.model import Alias, Cause, Deployment, Phase, Routing
from controller.core.model.observation import Observation
from controller.core.routing import alias_description


def wanted(deployment: Deployment) -> Routing | None:
    """Returns the desired routing, None before traffic and after the deployment's end."""
    stable, canary = deployment.stable, deployment.canary
    if deployment.phase is Phase.ROLLING_BACK and stable:
        return Routing(stable)
    if deployment.phase is Phase.BAKING and canary:
        return Routing(canary)
    if deployment.phase is Phase.SHIFTING and stable and canary:
        return Routing(stable, canary, deployment.manifest.strategy.steps[deployment.traffic.step].weight)
    return None


def ours(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry a routing written by Slipway?"""
    if seen.routing is not None:
        return seen.routing in deployment.traffic.expected_routings
    # A missing alias is Slipway's to make before its first write, and if a person asks for the stable version.
    absent_yet = deployment.stable is None and deployment.traffic.confirmed_at is None
    return absent_yet or _is_requested(deployment)


def has_drifted(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry a routing of somebody else, noted or not?"""
    return bool(deployment.traffic.drift) or (seen.routing is not None and not ours(deployment, seen))


def is_gone(deployment: Deployment, seen: Observation) -> bool:
    """Has the alias disappeared? False before a first deployment makes it, and if a person asks to have it made
    again.
    """
    was_there = deployment.stable is not None or deployment.traffic.confirmed_at is not None
    return seen.routing is None and was_there and not _is_requested(deployment)


def carries(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry the desired routing, and say so in its description?"""
    if seen.alias is None or seen.routing != wanted(deployment):
        return False
    # The description matters during a rollback: another invocation may still have an UpdateAlias under way, and only a
    # write of this rollback changes the RevisionId and makes AWS reject it. The description matters until the first
    # confirmation, too, because an alarm can roll back only by Slipway's own description.
    if deployment.phase is Phase.ROLLING_BACK:
        return alias_description.tells_of(seen.alias, deployment)
    return deployment.traffic.confirmed_at is not None or alias_description.is_of(seen.alias, deployment)


def as_left(deployment: Deployment) -> Alias | None:
    """Returns the alias as Slipway last saw it, without a revision; None unless it was to stay as it was.

    None before the alias was seen to carry the step, in drift, at the end of the bake, and outside of traffic.
    """
    routing, traffic = wanted(deployment), deployment.traffic
    stays = deployment.phase.serves and traffic.confirmed_at is not None and not traffic.drift and not traffic.closing
    if routing is None or not stays or traffic.expected_routings != (routing,):
        return None
    freezes = deployment.manifest.on_failure is OnFailure.FREEZE
    return Alias(routing, "", alias_description.write(deployment, freezes=freezes))


def _is_requested(deployment: Deployment) -> bool:
    rolling_back = deployment.phase is Phase.ROLLING_BACK and not deployment.traffic.drift
    return rolling_back and deployment.reason is not None and deployment.reason.cause is Cause.REQUESTED
