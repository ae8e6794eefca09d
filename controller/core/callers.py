"""Whether anybody has called the new version: an end that no request has proved says so.

Where the alias had many requests before, and the new version, which is to have all of them now, has had none, Lambda
loses them: it cannot start the version. Such a bake is held, and ends as ``no_traffic`` says.

A first deployment ends as soon as its alias is there, so CloudWatch, which is late by a minute or two, cannot have
counted a request then. A quiet function may go through a whole shift and its bake without one.
"""

from __future__ import annotations

from datetime import datetime

from controller.core.model import Deployment, Phase
from controller.core.observation import Observation
from controller.core.statistics.shift import MINUTE

_MANY = 20
"""Requests that a bake would have had by the day before; none of so many is no accident."""


def is_to_be_counted(deployment: Deployment, now: datetime) -> bool:
    """Is the deployment about to succeed, and has no gate counted a request of the canary on the way?"""
    is_over = deployment.live_at is not None and now >= deployment.live_at + deployment.manifest.strategy.bake
    return deployment.phase is Phase.BAKING and (deployment.closing or is_over) and not _is_known(deployment)


def lost(deployment: Deployment, seen: Observation) -> str | None:
    """Has the canary alone had no request in its bake, though the alias had many before?"""
    past, bake = deployment.shift.past, deployment.manifest.strategy.bake
    if deployment.phase is not Phase.BAKING or deployment.closing or deployment.stable is None or past is None:
        return None
    if _is_known(deployment) or seen.requests != 0 or past.history.requests * (bake / MINUTE) < _MANY:
        return None
    before = f"{deployment.target} had {past.history.requests:,.3g} a minute in the day before"
    return (
        f"no request has reached version {deployment.canary}, and {before}: Lambda may be unable to start it, and loses"
        " its requests before it counts them"
    )


def lacking(deployment: Deployment, seen: Observation) -> str:
    """Returns in words that nobody is known to have called the canary; empty where somebody has."""
    if _is_known(deployment) or seen.requests:
        return ""
    tests = len(deployment.tests)
    but_tests = f" but its {tests} tests" if tests > 1 else " but its test" if tests else ""
    untested = "" if tests else f"; it has no tests either, so call {deployment.target} once"
    if seen.requests is None:
        return f"; whether anybody{but_tests} has called it is not known: its requests could not be counted{untested}"
    return f"; nobody{but_tests} has called it yet, as far as CloudWatch has counted{untested}"


def _is_known(deployment: Deployment) -> bool:
    return deployment.shift.seen.canary_invocations > 0 or deployment.bake.judgement.canary_invocations > 0
