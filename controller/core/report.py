"""A deployment's report for people, as JSON: the same in status, history and the answer to a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from controller.core.artifact.checksums import in_hex
from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.gates import alarms, errors, hold, hooks, latency, team_metrics, throttles
from controller.core.gates.manual import approval, drill
from controller.core.lifecycle import refusals
from controller.core.lifecycle.held_by import held_by
from controller.core.lifecycle.held_until import held_until
from controller.core.lifecycle.quarantine import Quarantined
from controller.core.lifecycle.repeated_requests import word_of
from controller.core.manifest.settings import Step
from controller.core.model import Deployment, Routing, TestOutcome, percent, written
from controller.core.model.deployment.mode import modes
from controller.core.model.freezes import Freeze
from controller.core.model.observation import AlarmState, Observation
from controller.core.routing.desired import wanted


def glance(
    deployment: Deployment, alarms: Mapping[str, AlarmState] | None, freezes: tuple[Freeze, ...] | None
) -> Observation:
    """Returns what is known without a question to AWS about this deployment: enough for ``short``."""
    counted, confirmed_at = deployment.evidence.sample_ratio, deployment.traffic.confirmed_at
    requests = counted.canary if counted.since == confirmed_at else 0
    return Observation(None, alarms, canary_invocations=requests, freezes=freezes)


def short(deployment: Deployment, seen: Observation, now: datetime) -> dict[str, object]:
    """Returns a deployment in short. ``share`` is the percentage of requests that the canary should have now."""
    restored_in = deployment.traffic.restored_in
    states = seen.alarms or {}
    return {
        "deployment": str(deployment),
        "phase": deployment.phase.value,
        "since": written(deployment.phase_since),
        "opened": written(deployment.opened_at),
        "artifact": deployment.artifact.key,
        "artifact_version": deployment.artifact.version_id,
        "sha256": in_hex(deployment.versions.sha256) if deployment.versions.sha256 else None,
        "stable": deployment.stable,
        "canary": deployment.canary,
        "share": _share(deployment),
        "step": hold.report(deployment),
        "held_by": held_by(deployment, seen, now),
        "until": written(held_until(deployment, seen, now)),
        "modes": [mode.value for mode in modes(deployment)],
        "firing": [name for name in deployment.alarm_names if states.get(name) is AlarmState.FIRING],
        "reason": deployment.objection.text if deployment.objection else None,
        "cause": deployment.objection.cause.value if deployment.objection else None,
        "who": deployment.person.who or None,
        "why": deployment.person.why or None,
        "ended": written(deployment.phase_since) if deployment.phase.is_terminal else None,
        "seconds_to_restore": round(restored_in.total_seconds(), 1) if restored_in is not None else None,
    }


def requests(deployment: Deployment) -> list[dict[str, object]]:
    """Returns the last requests that changed the deployment, the oldest first."""
    return [
        {
            "at": written(each.at),
            "request": word_of(each),
            "who": each.person.who or None,
            "why": each.person.why or None,
        }
        for each in deployment.bookkeeping.carried_out
    ]


def full(deployment: Deployment, seen: Observation, now: datetime) -> dict[str, object]:
    """Returns everything about a deployment now, including why it does not go on."""
    return {
        **short(deployment, seen, now),
        "requests": requests(deployment),
        "queued": deployment.hold.queued,
        "newer": deployment.hold.newer,
        "paused": deployment.hold.paused,
        "wanted": routing(wanted(deployment)),
        "alias": routing(seen.routing),
        "alias_revision": seen.alias.revision_id if seen.alias else None,
        "steps": [_planned(step) for step in deployment.manifest.strategy.steps if not deployment.is_first],
        "allowed": list(refusals.allowed(deployment)),
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
        "deadline": written(deployment.deadline(now)),
        "timeline": [{"at": written(entry.at), "text": entry.text} for entry in deployment.timeline],
    }


def refused_upload(upload: RefusedUpload) -> dict[str, object]:
    """Returns the report of an upload without a function."""
    artifact = {"artifact": upload.key, "artifact_version": upload.version_id}
    return {**artifact, "at": written(upload.at), "reason": upload.text}


def freeze(made: Freeze) -> dict[str, object]:
    """Returns the report of a freeze: {"scope": "all", "until": null, "in_words": "freeze of all until ...", ...}."""
    return {
        "scope": str(made.scope),
        "since": written(made.since),
        "until": written(made.until),
        "who": made.who,
        "why": made.why,
        "in_words": made.in_words(),
    }


def quarantined(found: Quarantined) -> dict[str, object]:
    """Returns the report of quarantined bytes; ``lifted_at`` is None while they are refused."""
    lifted = found.lifted
    return {
        "sha256": in_hex(found.sha256),
        "artifact": found.key or None,
        "deployment": found.by,
        "at": written(found.at),
        "cause": found.reason.cause.value,
        "because": found.reason.text,
        "lifted_at": written(lifted.at) if lifted else None,
        "who": lifted.who if lifted else None,
        "why": lifted.why if lifted else None,
    }


def routing(carried: Routing | None) -> dict[str, object] | None:
    """Returns a routing in Lambda's form, with percents: {"version": "2", "weights": {"3": "10%"}}."""
    if carried is None:
        return None
    weights = {carried.canary: percent(carried.weight)} if carried.canary else {}
    return {"version": carried.version, "weights": weights}


def _share(deployment: Deployment) -> float | None:
    """Returns the canary's percentage while the deployment is open: 0 before the first percent and on the way back."""
    if deployment.phase.is_terminal:
        return None
    carried = wanted(deployment) or Routing("-")
    return 100.0 if carried.version == deployment.canary else carried.weight / 100


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
