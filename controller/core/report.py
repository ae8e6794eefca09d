"""A deployment's report for people, as JSON: the same in status, history and the answer to a request."""

from __future__ import annotations

from datetime import datetime

from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.gates import alarms, errors, hold, hooks, latency, team_metrics, throttles
from controller.core.gates.manual import approval, drill
from controller.core.lifecycle import refusals
from controller.core.lifecycle.held_by import held_by
from controller.core.lifecycle.quarantine import Quarantined
from controller.core.manifest.settings import Step
from controller.core.model import Deployment, Routing, TestOutcome, percent
from controller.core.model.deployment.mode import modes
from controller.core.model.freezes import Freeze
from controller.core.model.observation import Observation
from controller.core.routing.desired import wanted


def summary(deployment: Deployment) -> dict[str, object]:
    """Returns a deployment in short."""
    return {
        "deployment": str(deployment),
        "phase": deployment.phase.value,
        "since": deployment.phase_since.isoformat(),
        "artifact": deployment.artifact.key,
        "artifact_version": deployment.artifact.version_id,
        "stable": deployment.stable,
        "canary": deployment.canary,
        "reason": deployment.objection.text if deployment.objection else None,
        "cause": deployment.objection.cause.value if deployment.objection else None,
    }


def full(deployment: Deployment, seen: Observation, now: datetime) -> dict[str, object]:
    """Returns everything about a deployment now, including why it does not go on."""
    return {
        **summary(deployment),
        "queued": deployment.hold.queued,
        "newer": deployment.hold.newer,
        "paused": deployment.hold.paused,
        "modes": [mode.value for mode in modes(deployment)],
        "step": hold.report(deployment),
        "wanted": routing(wanted(deployment)),
        "alias": routing(seen.routing),
        "alias_revision": seen.alias.revision_id if seen.alias else None,
        "steps": [_planned(step) for step in deployment.manifest.strategy.steps if not deployment.is_first],
        "allowed": list(refusals.allowed(deployment)),
        "held_by": held_by(deployment, seen, now),
        "alarms": {name: state.value for name, state in (seen.alarms or {}).items()},
        "disarmed": sorted(deployment.alarms.disarmed),
        "overridden": sorted(deployment.alarms.overridden),
        "approval": approval.report(deployment),
        **errors.report(deployment),
        "metrics": team_metrics.report(deployment),
        "alarms_without_data": alarms.without_data(deployment, seen),
        "hooks": [hooks.report(deployment, run) for run in deployment.evidence.hooks],
        "tests": [_test(test) for test in deployment.evidence.tests],
        **latency.report(deployment),
        "throttles": throttles.report(deployment, seen),
        "drill": drill.report(deployment),
        "deadline": deployment.deadline(now).isoformat(),
        "timeline": [{"at": entry.at.isoformat(), "text": entry.text} for entry in deployment.timeline],
    }


def refused_upload(upload: RefusedUpload) -> dict[str, object]:
    """Returns the report of an upload without a function."""
    artifact = {"artifact": upload.key, "artifact_version": upload.version_id}
    return {**artifact, "at": upload.at.isoformat(), "reason": upload.text}


def freeze(made: Freeze) -> dict[str, object]:
    """Returns the report of a freeze: {"scope": "all", "until": null, "in_words": "freeze of all until ...", ...}."""
    return {
        "scope": str(made.scope),
        "since": made.since.isoformat(timespec="seconds"),
        "until": made.until.isoformat(timespec="seconds") if made.until else None,
        "who": made.who,
        "why": made.why,
        "in_words": made.in_words(),
    }


def quarantined(found: Quarantined) -> dict[str, object]:
    """Returns the report of quarantined bytes; ``lifted_at`` is None while they are refused."""
    lifted = found.lifted
    return {
        "sha256": found.sha256,
        "artifact": found.key or None,
        "deployment": found.by,
        "at": found.at.isoformat(timespec="seconds"),
        "cause": found.reason.cause.value,
        "because": found.reason.text,
        "lifted_at": lifted.at.isoformat(timespec="seconds") if lifted else None,
        "who": lifted.who if lifted else None,
        "why": lifted.why if lifted else None,
    }


def routing(carried: Routing | None) -> dict[str, object] | None:
    """Returns a routing in Lambda's form, with percents: {"version": "2", "weights": {"3": "10%"}}."""
    if carried is None:
        return None
    weights = {carried.canary: percent(carried.weight)} if carried.canary else {}
    return {"version": carried.version, "weights": weights}


def _planned(step: Step) -> dict[str, object]:
    """Returns a step of the strategy: {"weight": 10.0, "hold_seconds": 300.0, "approval": false}."""
    hold_seconds = step.hold.total_seconds()
    return {"weight": step.weight / 100, "hold_seconds": hold_seconds, "approval": step.approval is not None}


def _test(test: TestOutcome) -> dict[str, object]:
    return {
        "name": test.name,
        "passed": test.passed,
        "runs": test.runs,
        "slowest_seconds": round(test.seconds, 3),
        "why": test.why,
    }
