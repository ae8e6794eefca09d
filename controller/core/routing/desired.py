"""What the alias should carry for a deployment, and whether what it carries is Slipway's own.

Example: in SHIFTING at a step of 5 % it is version 1, with 500 hundredths of a percent for version 2; in ROLLING_BACK
it is version 1 alone.

Note: the desired routing comes from the record alone, never from the last weight plus something.
"""

from __future__ import annotations

from controller.core.model import Cause, Deployment, Phase, Routing
from controller.core.model.observation import Observation
from controller.core.routing import alias_description


def wanted(deployment: Deployment) -> Routing | None:
    """Returns what the alias should carry, None where the deployment has no say in it (before traffic, and after its
    end).
    """
    stable, canary = deployment.stable, deployment.canary
    if deployment.phase is Phase.ROLLING_BACK and stable:
        return Routing(stable)
    if deployment.phase is Phase.BAKING and canary:
        return Routing(canary)
    if deployment.phase is Phase.SHIFTING and stable and canary:
        return Routing(stable, canary, deployment.manifest.strategy.steps[deployment.traffic.step].weight)
    return None


def ours(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry what Slipway wrote? One that does not exist is Slipway's to make before the first alias
    write of all, and where a person asks for the stable version.
    """
    if seen.routing is not None:
        return seen.routing in deployment.traffic.expected_routings
    absent_yet = deployment.stable is None and deployment.traffic.confirmed_at is None
    return absent_yet or _is_requested(deployment)


def is_gone(deployment: Deployment, seen: Observation) -> bool:
    """Is the alias not there any more, though it was? A first deployment makes its own, and a person who asks for the
    stable version has it made again.
    """
    was_there = deployment.stable is not None or deployment.traffic.confirmed_at is not None
    return seen.routing is None and was_there and not _is_requested(deployment)


def carries(deployment: Deployment, seen: Observation) -> bool:
    """Does the alias carry what is wanted?

    In a rollback it must say so in its own words, too. A write that another wake-up began before the rollback may still
    be under way; only a write of our own makes AWS refuse it, also where stable has all traffic already. Before that
    the words count until the routing was seen for the first time: somebody else's would leave an alarm no way back.
    """
    if seen.alias is None or seen.routing != wanted(deployment):
        return False
    if deployment.phase is Phase.ROLLING_BACK:
        return alias_description.tells_of(seen.alias, deployment)
    return deployment.traffic.confirmed_at is not None or alias_description.is_of(seen.alias, deployment)


def _is_requested(deployment: Deployment) -> bool:
    rolling_back = deployment.phase is Phase.ROLLING_BACK and not deployment.traffic.drift
    return rolling_back and deployment.reason is not None and deployment.reason.cause is Cause.REQUESTED
