"""The gate of the sample ratio: does the canary get the share of requests that its weight promises?

Too many requests hold; too few hold once the hold is over, as a lack of requests does.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.gates.hold import hold_ends
from controller.core.model import Deployment, Phase
from controller.core.model.observation import Observation


def odd_share(deployment: Deployment, _seen: Observation, _now: datetime) -> str | None:
    """Does the canary clearly get more of the requests than its weight?"""
    weight = _weight_of_share(deployment)
    if weight is None or not deployment.share.is_too_large(weight):
        return None
    share, canary, stable = deployment.share, deployment.canary, deployment.stable
    words = share.in_words(canary, weight)
    if not share.stable:
        return f"{words}: Lambda may be unable to start version {stable}; send promote to give {canary} all traffic"
    return f"{words}: callers bypass the alias, or somebody else moved it"


def lost_requests(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Does the canary clearly get fewer of the requests than its weight, now that its hold is over?"""
    weight, ends = _weight_of_share(deployment), hold_ends(deployment)
    if weight is None or ends is None or now < ends or not deployment.share.is_too_small(weight):
        return None
    share = deployment.share.in_words(deployment.canary, weight)
    return f"{share}: Lambda may be unable to start it, and loses its requests before it counts them"


def _weight_of_share(deployment: Deployment) -> int | None:
    is_of_this_step = deployment.phase is Phase.SHIFTING and deployment.share.since == deployment.live_at
    return deployment.manifest.strategy.steps[deployment.step].weight if is_of_this_step else None
