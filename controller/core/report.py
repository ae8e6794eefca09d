"""What a person is told of a deployment, as JSON: the same words in status, history and the answer to a request."""

from __future__ import annotations

import math
from datetime import datetime

from controller.core.artifact.refused_uploads import RefusedUpload
from controller.core.gates import alarms, enough_requests, errors, hold, latency
from controller.core.gates.approval import answer_ends, asked_about
from controller.core.lifecycle.held_by import held_by
from controller.core.manifest.settings import ErrorGate, HookPoint
from controller.core.model import Deployment, Phase, Routing, TestOutcome, percent
from controller.core.model.hook_run import HookRun
from controller.core.model.observation import AlarmState, Observation
from controller.core.routing.desired import wanted
from controller.core.statistics import in_words
from controller.core.statistics.before_after import Bake
from controller.core.statistics.sequential_evidence import Judgement
from controller.core.statistics.shift import Shift
from controller.core.statistics.slow_requests import Measure, Threshold, milliseconds


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
        "errors_in_bake": _errors_in_bake(deployment),
        "metrics": _metrics(deployment),
        "blind_alarms": blind_alarms(deployment, seen),
        "hooks": [_hook(deployment, run) for run in deployment.hooks],
        "tests": [_test(test) for test in deployment.tests],
        "latency": _latency(deployment),
        "timeouts": _measured(deployment, Measure.TIMEOUTS),
        "throttles": _throttles(deployment, seen),
        "deadline": (deployment.opened_at + deployment.manifest.open_at_most).isoformat(),
        "timeline": [{"at": entry.at.isoformat(), "text": entry.text} for entry in deployment.timeline],
    }


def refused_upload(upload: RefusedUpload) -> dict[str, object]:
    """Returns what is told of an upload that no function's record tells of."""
    artifact = {"artifact": upload.key, "artifact_version": upload.version_id}
    return {**artifact, "at": upload.at.isoformat(), "reason": upload.text}


def routing(carried: Routing | None) -> dict[str, object] | None:
    """Returns a routing as people know it from Lambda, with percents: {"version": "2", "weights": {"3": "10%"}}."""
    if carried is None:
        return None
    weights = {carried.canary: percent(carried.weight)} if carried.canary else {}
    return {"version": carried.version, "weights": weights}


def blind_alarms(deployment: Deployment, seen: Observation) -> list[str]:
    """Returns the alarms that guard the deployment and have no data to go by; they protect from nothing.

    Its own alarm is OK without data, so it is one of them until both versions have had requests in one minute.
    """
    if not alarms.is_guarded(deployment):
        return []
    states = seen.alarms or {}
    blind = {name for name in deployment.alarm_names if states.get(name) is AlarmState.INSUFFICIENT_DATA}
    if deployment.phase is Phase.SHIFTING and not (deployment.sighted or enough_requests.sees(deployment, seen)):
        blind.add(deployment.own_alarm)
    return [name for name in deployment.alarm_names if name in blind]


def _test(test: TestOutcome) -> dict[str, object]:
    return {
        "name": test.name,
        "passed": test.passed,
        "runs": test.runs,
        "slowest_seconds": round(test.seconds, 3),
        "why": test.why,
    }


def _errors(deployment: Deployment) -> dict[str, object] | None:
    """What the error gate has seen while both versions served; None before its first look, or where it is off."""
    gate = deployment.manifest.gates.errors
    return _shift(deployment, gate, deployment.shift, "errors", "invocations") if gate else None


def _metrics(deployment: Deployment) -> list[dict[str, object]]:
    """What each of the team's own metrics has shown: in the shift, and in the bake."""
    return [
        {
            "metric": str(gate),
            "shift": _shift(deployment, gate.judged, known.shift, gate.bad, gate.total),
            "bake": _in_bake(gate.judged, known.bake, gate.bad, gate.total),
        }
        for gate, known in zip(deployment.manifest.gates.metrics, deployment.metrics, strict=False)
    ]


def _shift(deployment: Deployment, gate: ErrorGate, shift: Shift, bad: str, total: str) -> dict[str, object] | None:
    if shift.past is None or shift.until is None:
        return None
    seen, versions = shift.seen, (deployment.canary, deployment.stable)
    return {
        "looks": shift.evidence.units,
        "canary": {total: seen.canary_invocations, bad: seen.canary_errors},
        "stable": {total: seen.stable_invocations, bad: seen.stable_errors},
        "log_evidence": round(math.log(shift.odds), 3),
        "rolls_back_at": round(math.log(errors.enough_in_shift(gate)), 3),
        "in_doubt": shift.odds > hold.DOUBT,
        "history": shift.past.history.kind.value,
        "in_words": in_words.looks(shift, *versions, bad),
        "whole_counts": None if shift.whole is None else in_words.whole(shift, *versions),
    }


def _errors_in_bake(deployment: Deployment) -> dict[str, object] | None:
    gate = deployment.manifest.gates.errors
    return _in_bake(gate, deployment.bake, "errors", "invocations") if gate else None


def _in_bake(gate: ErrorGate, bake: Bake, bad: str, total: str) -> dict[str, object] | None:
    if gate.bake_significance is None or bake.judgement.until is None:
        return None
    return _judged(bake.judgement, bad, -math.log(gate.bake_significance), total)


def _latency(deployment: Deployment) -> dict[str, object] | None:
    """What the latency gate has seen; None before the first percent, or where it is off."""
    found: dict[str, object] = {measure.value: _measured(deployment, measure) for measure in (Measure.P50, Measure.P99)}
    return found if all(found.values()) else None


def _measured(deployment: Deployment, measure: Measure) -> dict[str, object] | None:
    """What one threshold has shown; None before the first percent, or where its gate is off."""
    enough = latency.rolls_back_at(deployment, measure)
    if enough is None or deployment.serving_since is None:
        return None
    found = next((each for each in deployment.slowness if each.measure is measure), None)
    if found is None:
        return {"blind": latency.blind(deployment, measure)}
    seen = {**_over(found.threshold), "left_out": found.skipped, **_judged(found.judgement, "slow", enough)}
    return seen if found.judgement.until else {**seen, "blind": latency.uncounted(measure)}


def _over(threshold: Threshold) -> dict[str, object]:
    canary, stable = milliseconds(threshold.canary_over), milliseconds(threshold.stable_over)
    return {"over_ms": canary if canary == stable else {"canary": canary, "stable": stable}}


def _judged(judgement: Judgement, bad: str, enough: float, total: str = "invocations") -> dict[str, object]:
    return {
        "minutes": judgement.evidence.minutes,
        "canary": {total: judgement.canary_invocations, bad: judgement.canary_errors},
        "stable": {total: judgement.stable_invocations, bad: judgement.stable_errors},
        "log_evidence": round(judgement.evidence.log, 3),
        "rolls_back_at": round(enough, 3),
    }


def _throttles(deployment: Deployment, seen: Observation) -> dict[str, object] | None:
    """What the last minutes of the step were like; None where the gate is off, or has nothing to count yet."""
    gate = deployment.manifest.gates.throttles
    if gate is None or seen.pace is None or not seen.pace.throttles.minutes:
        return None
    found = seen.pace.throttles
    return {
        "minutes": found.minutes,
        "throttled": found.throttled,
        "served": found.served,
        "allowed": percent(gate.most),
        "then": gate.then.value,
    }


def _approval(deployment: Deployment) -> dict[str, object] | None:
    """What people were asked; None where nobody is asked. It ends at the deadline where its wait went on."""
    step, ends, approval = asked_about(deployment), answer_ends(deployment), deployment.approval
    if step is None or approval is None:
        return None
    return {
        "step": step,
        "asked_at": approval.asked_at.isoformat(),
        "ends": ends.isoformat() if ends else None,
        "given": approval.given,
    }


def _hook(deployment: Deployment, run: HookRun) -> dict[str, object]:
    hook = deployment.manifest.hooks.get(run.point)
    return {
        "hook": run.point.value,
        "step": run.step + 1 if run.point is HookPoint.EACH_STEP else None,
        "function": hook.function if hook else None,
        "status": run.status.value,
        "reason": run.reason,
        "calls": run.calls,
    }


def _step(deployment: Deployment) -> dict[str, object] | None:
    if deployment.phase is not Phase.SHIFTING:
        return None
    steps = deployment.manifest.strategy.steps
    ends = hold.hold_ends(deployment)
    return {
        "number": deployment.step + 1,
        "of": len(steps),
        "weight": percent(steps[deployment.step].weight),
        "hold_ends": ends.isoformat() if ends else None,
    }
