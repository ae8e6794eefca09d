"""Whether anybody has called the new version: an end that no request has proved says so.

A first deployment ends as soon as its alias is there, so CloudWatch, which is late by a minute or two, cannot have
counted a request then. A quiet function may go through a whole shift and its bake without one.
"""

from __future__ import annotations

from controller.core.model import Deployment, Phase
from controller.core.observation import Observation


def is_to_be_counted(deployment: Deployment) -> bool:
    """Is the deployment about to succeed, and has no gate counted a request of the canary on the way?"""
    return deployment.phase is Phase.BAKING and deployment.closing and not _is_known(deployment)


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
