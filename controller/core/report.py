"""What a person is told of a deployment, as JSON: the same words in status, history and the answer to a request."""

from __future__ import annotations

import math
from datetime import datetime

from controller.core import gates
from controller.core.model import Deployment, Phase, Routing, percent
from controller.core.observation import Observation
from controller.core.plan import wanted


def summary(deployment: Deployment) -> dict[str, object]:
    """Returns one deployment in short."""
    return {
        "deployment": str(deployment),
        "phase": deployment.phase.value,
        "since": deployment.phase_since.isoformat(),
        "artifact": deployment.artifact.key,
        "artifact_version": deployment.artifact.version_id,
        "stable": deployment.stable,
        "canary": deployment.canary,
        "reason": deployment.reason.text if deployment.reason else None,
        "cause": deployment.reason.cause.value if deployment.reason else None,
    }


def full(deployment: Deployment, seen: Observation, now: datetime) -> dict[str, object]:
    """Returns all there is to say of a deployment now, with why it does not go on."""
    return {
        **summary(deployment),
        "waiting": deployment.waiting,
        "newer": deployment.newer,
        "paused": deployment.paused,
        "step": _step(deployment),
        "wanted": routing(wanted(deployment)),
        "alias": routing(seen.routing),
        "held_by": held_by(deployment, seen, now),
        "alarms": {name: state.value for name, state in (seen.alarms or {}).items()},
        "disarmed": sorted(deployment.disarmed),
        "overridden": sorted(deployment.overridden),
        "approval": _approval(deployment),
        "errors": _errors(deployment),
        "tests": [{"name": test.name, "passed": test.passed, "why": test.why} for test in deployment.tests],
        "deadline": (deployment.opened_at + deployment.manifest.open_at_most).isoformat(),
        "timeline": [{"at": entry.at.isoformat(), "text": entry.text} for entry in deployment.timeline],
    }


def held_by(deployment: Deployment, seen: Observation, now: datetime) -> str | None:
    """Returns why the deployment does not go on, None where nothing holds it or it is over."""
    if deployment.waiting:
        return "an older deployment of this target is open"
    if deployment.phase is Phase.TESTING or deployment.phase.serves:
        return gates.holding(deployment, seen, now)
    return None


def routing(carried: Routing | None) -> dict[str, object] | None:
    """Returns a routing as people know it from Lambda, with percents: {"version": "2", "weights": {"3": "10%"}}."""
    if carried is None:
        return None
    weights = {carried.canary: percent(carried.weight)} if carried.canary else {}
    return {"version": carried.version, "weights": weights}


def _errors(deployment: Deployment) -> dict[str, object] | None:
    """What the error gate has seen; None before its first minute, or where it is off."""
    judgement, gate = deployment.judgement, deployment.manifest.gates.errors
    if judgement.until is None or gate is None:
        return None
    return {
        "minutes": judgement.evidence.minutes,
        "canary": {"invocations": judgement.canary_invocations, "errors": judgement.canary_errors},
        "stable": {"invocations": judgement.stable_invocations, "errors": judgement.stable_errors},
        "log_evidence": round(judgement.evidence.log, 3),
        "rolls_back_at": round(-math.log(gate.significance), 3),
    }


def _approval(deployment: Deployment) -> dict[str, object] | None:
    """What people were asked; None where nobody is asked. It ends at the deadline where its wait went on."""
    step, ends, approval = gates.asked_about(deployment), gates.answer_ends(deployment), deployment.approval
    if step is None or approval is None:
        return None
    return {
        "step": step,
        "asked_at": approval.asked_at.isoformat(),
        "ends": ends.isoformat() if ends else None,
        "given": approval.given,
    }


def _step(deployment: Deployment) -> dict[str, object] | None:
    if deployment.phase is not Phase.SHIFTING:
        return None
    steps = deployment.manifest.strategy.steps
    ends = gates.hold_ends(deployment)
    return {
        "number": deployment.step + 1,
        "of": len(steps),
        "weight": percent(steps[deployment.step].weight),
        "hold_ends": ends.isoformat() if ends else None,
    }
