"""The gate of a team's own metrics.

A team publishes two counts with the version as a dimension, bad ones and all: responses with status 500 and requests,
or returned messages and messages. They are judged as ``errors`` judges Lambda's: by the same witnesses while both
versions serve, as a whole after the shift, and against the minutes before in the bake.

Note: CloudWatch has such a count at the time given by its publisher. A count that arrives later than the longest
request may run, plus two minutes, is not judged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.core.gates import errors
from controller.core.gates.own_alarm import least_errors
from controller.core.manifest.settings import MetricGate
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.deployment.evidence import MetricEvidence
from controller.core.model.observation import Observation
from controller.core.routing.desired import has_drifted
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import MAX_COMPARED
from controller.core.statistics.sequential_evidence import CountedMinute
from controller.core.statistics.shift import MINUTE, complete, is_complete


def watches(deployment: Deployment) -> bool:
    """Are the team's metrics looked at now? In the shift and in the bake."""
    return deployment.phase.serves and deployment.stable is not None and bool(deployment.manifest.gates.metrics)


def reads_since(deployment: Deployment) -> datetime | None:
    """Returns the time from which both versions' minutes are wanted; None if no metric is looked at now."""
    first = deployment.traffic.since
    if not watches(deployment) or first is None:
        return None
    return first if deployment.phase is Phase.SHIFTING else min(first, deployment.phase_since - MAX_COMPARED)


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with each metric's findings of this look."""
    past, on = deployment.evidence.shift.past, deployment.manifest.gates.metrics
    if past is None or reads_since(deployment) is None:
        return deployment
    known = deployment.evidence.metrics or (MetricEvidence(),) * len(on)
    if seen.histories:
        known = tuple(
            each.with_past(replace(past, history=history)) for each, history in zip(known, seen.histories, strict=True)
        )
    if seen.metrics and deployment.phase is Phase.SHIFTING:
        known = tuple(
            _in_shift(each, minutes, deployment, seen, now) for each, minutes in zip(known, seen.metrics, strict=True)
        )
    elif seen.metrics:
        known = tuple(
            _in_bake(each, minutes, deployment, gate, now)
            for each, minutes, gate in zip(known, seen.metrics, on, strict=True)
        )
    return deployment.with_evidence(replace(deployment.evidence, metrics=known))


def danger(deployment: Deployment, _seen: Observation, _now: datetime) -> Reason | None:
    """Returns the proof by one of the metrics, None without proof."""
    for gate, known in zip(deployment.manifest.gates.metrics, deployment.evidence.metrics, strict=False):
        proof = errors.proof(deployment, gate.judged, known.shift, known.bake, gate.bad)
        if proof:
            return Reason(Cause.METRICS, f"{gate}: {proof}")
    return None


def report(deployment: Deployment) -> list[dict[str, object]]:
    """Returns each metric's evidence for ``status``, from the shift and the bake."""
    return [
        {
            "metric": str(gate),
            "shift": errors.shift_told(deployment, gate.judged, known.shift, gate.bad, gate.total),
            "bake": errors.bake_report(gate.judged, known.bake, gate.bad, gate.total),
        }
        for gate, known in zip(deployment.manifest.gates.metrics, deployment.evidence.metrics, strict=False)
    ]


def _in_shift(
    known: MetricEvidence,
    minutes: tuple[CountedMinute, ...],
    deployment: Deployment,
    seen: Observation,
    now: datetime,
) -> MetricEvidence:
    shift = replace(known.shift, steps=deployment.evidence.shift.steps)
    look = shift.passing_over if has_drifted(deployment, seen) else shift.after_look
    return replace(known, shift=look(minutes, now))


def _in_bake(
    known: MetricEvidence, minutes: tuple[CountedMinute, ...], deployment: Deployment, gate: MetricGate, now: datetime
) -> MetricEvidence:
    past, promoted_at, confirmed_at = known.shift.past, deployment.phase_since, deployment.traffic.confirmed_at
    after = [minute for minute in minutes if minute.began >= promoted_at]
    if past is None or confirmed_at is None or deployment.traffic.drift:
        return known
    if not is_complete(after, past.settles_in, promoted_at, now):
        return known
    shift, first = known.shift, deployment.traffic.since or promoted_at
    if shift.whole is None and shift.steps:
        of_shift = [minute for minute in minutes if minute.began > first - MINUTE]
        is_known = shift.odds >= errors.enough_in_shift(gate.judged)
        shift = shift.without_end() if is_known else shift.after_end(of_shift, promoted_at)
    before = [minute for minute in minutes if promoted_at - MAX_COMPARED <= minute.began <= promoted_at - MINUTE]
    stable = (ServedMinute(each.began, each.counts.stable_invocations, each.counts.stable_errors) for each in before)
    canary = [
        ServedMinute(each.began, each.counts.canary_invocations, each.counts.canary_errors)
        for each in after
        if each.began >= confirmed_at and each.counts.canary_invocations
    ]
    bake = known.bake.with_before((each for each in stable if each.invocations), least_errors(past.history))
    return MetricEvidence(shift, bake.after(complete(canary, past.settles_in, now), past.history))
