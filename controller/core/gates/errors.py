"""The error gate: has the canary more errors than the stable version explains?

    SHIFTING   each look judges the newly found errors                 odds of 125 to 1 at a significance of 1 %
    BAKING     all counts of the shift, once complete, as a whole      1,000 to 1
               each complete minute beside a minute from before        ``bake_significance``

``statistics`` computes the evidence; this file decides when to take it and how much is enough. ``team_metrics`` judges
a team's own counts in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from controller.core.gates.own_alarm import least_errors
from controller.core.manifest.settings import ErrorGate
from controller.core.model import Cause, Deployment, Phase, Reason
from controller.core.model.observation import UNREADABLE_TIMEOUT, Observation
from controller.core.routing.desired import has_drifted, wanted
from controller.core.statistics import in_words, shift
from controller.core.statistics.alias_past import ServedMinute
from controller.core.statistics.before_after import BakeEvidence
from controller.core.statistics.sequential_evidence import Judgement, share_in_words
from controller.core.statistics.sequential_evidence import in_words as odds_in_words
from controller.core.statistics.shift import Shift, is_complete

DOUBT = 1.5
"""The odds against the canary above which a step is held for longer."""
_OF_THE_LOOKS, _OF_THE_WHOLE = 0.8, 0.1
"""The parts of the significance for the looks at the shift and for the whole counts; the rest is the bake's."""


# -- what is judged now -----------------------------------------------------------------------------------------------


def judges(deployment: Deployment) -> bool:
    """Do the error gate, or the team's metrics, compare both versions now? Only while both serve."""
    on = deployment.manifest.gates
    return deployment.phase is Phase.SHIFTING and (on.errors is not None or bool(on.metrics))


def judges_bake(deployment: Deployment) -> bool:
    """Does the error gate compare the canary with the stable version's minutes before the promotion now?"""
    gate = deployment.manifest.gates.errors
    is_judged = gate is not None and gate.bake_significance is not None and deployment.stable is not None
    return deployment.phase is Phase.BAKING and is_judged and deployment.evidence.bake.is_open


def wants_minutes_before(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Should the stable version's minutes before the promotion be read now?

    ``baked`` are the minutes with requests since the promotion.
    """
    # The stable version's requests must have ended: minutes without its late failures would speak against the canary.
    is_unread = judges_bake(deployment) and deployment.evidence.bake.before is None
    return is_unread and _shift_is_complete(deployment, baked, now)


def end_due_at(deployment: Deployment) -> datetime | None:
    """Returns when a finished shift can be judged to its end; None without one, or with nothing left to judge."""
    return deployment.evidence.shift.complete_at(deployment.phase_since) if end_is_open(deployment) else None


def end_is_due(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    """Is the shift finished and fully counted, but not yet judged to its end?

    ``baked`` are the minutes with requests since the promotion.
    """
    return end_is_open(deployment) and _shift_is_complete(deployment, baked, now)


def end_is_open(deployment: Deployment) -> bool:
    """Is the shift finished, but not yet judged to its end?"""
    on = deployment.manifest.gates
    is_judged = (on.errors is not None or bool(on.metrics)) and deployment.stable is not None
    bakes = deployment.phase is Phase.BAKING and deployment.manifest.strategy.bake > timedelta(0)
    return is_judged and bakes and bool(deployment.evidence.shift.steps) and deployment.evidence.shift.whole is None


def _shift_is_complete(deployment: Deployment, baked: Sequence[ServedMinute], now: datetime) -> bool:
    past = deployment.evidence.shift.past
    return past is not None and is_complete(baked, past.settles_in, deployment.phase_since, now)


# -- what a look says -------------------------------------------------------------------------------------------------


def note(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    """Returns the deployment with the errors of this look judged."""
    if deployment.phase is Phase.BAKING:
        return _note_bake(_note_end(deployment, seen, now), seen, now)
    return _note_minutes(deployment, seen, now)


def note_past(deployment: Deployment, seen: Observation, _now: datetime) -> Deployment:
    """Returns the deployment with the alias's history before the first percent, which is read once, before all other
    counts.
    """
    if seen.past is None or deployment.evidence.shift.past is not None:
        return deployment
    longest = seen.longest_timeout or deployment.evidence.longest_timeout
    shift = replace(deployment.evidence.shift, past=seen.past)
    return deployment.with_evidence(replace(deployment.evidence, shift=shift, longest_timeout=longest))


def _note_minutes(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    if not seen.minutes or not judges(deployment) or not deployment.traffic.since:
        return deployment
    noted = deployment.evidence.shift
    if not noted.steps:  # an older release began it
        weight = deployment.manifest.strategy.steps[deployment.traffic.step].weight
        noted = noted.in_step(deployment.traffic.since, weight)
    look = noted.passing_over if has_drifted(deployment, seen) else noted.after_look
    return deployment.with_evidence(replace(deployment.evidence, shift=look(seen.minutes, now)))


def _note_end(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    gate = deployment.manifest.gates.errors
    if seen.ended is None or not end_is_due(deployment, seen.baked, now):
        return deployment
    # The gate may be off beside the team's metrics; or a person promoted in spite of its evidence.
    shift = deployment.evidence.shift
    is_known = gate is None or shift.odds >= enough_in_shift(gate)
    shift = shift.without_end() if is_known else shift.after_end(seen.ended, deployment.phase_since)
    return deployment.with_evidence(replace(deployment.evidence, shift=shift))


def _note_bake(deployment: Deployment, seen: Observation, now: datetime) -> Deployment:
    # The alias's requests are counted, and are the canary's only while the alias carries nothing else.
    past = deployment.evidence.shift.past
    if deployment.traffic.drift or seen.routing != wanted(deployment) or past is None:
        return deployment
    bake = deployment.evidence.bake
    if seen.before is not None:
        bake = bake.with_before(seen.before, least_errors(past.history))
    confirmed_at = deployment.traffic.confirmed_at
    new = [minute for minute in seen.baked if confirmed_at and minute.began >= confirmed_at]
    bake = bake.after(shift.complete(new, past.settles_in, now), past.history)
    return deployment.with_evidence(replace(deployment.evidence, bake=bake))


# -- how much is enough -----------------------------------------------------------------------------------------------


def enough_in_shift(gate: ErrorGate) -> float:
    """Returns the odds at which a look rolls back: 125 at a significance of 1 %."""
    return 1 / (_OF_THE_LOOKS * gate.significance)


def enough_of_whole(gate: ErrorGate) -> float:
    """Returns the odds at which the whole counts of a shift roll back: 1,000 at a significance of 1 %."""
    return 1 / (_OF_THE_WHOLE * gate.significance)


def danger(deployment: Deployment, _seen: Observation, _now: datetime) -> Reason | None:
    """Returns the proof that the canary fails more often than the stable version, None without proof."""
    gate = deployment.manifest.gates.errors
    proved = proof(deployment, gate, deployment.evidence.shift, deployment.evidence.bake) if gate else None
    return Reason(Cause.ERRORS, proved) if proved else None


def proof(
    deployment: Deployment, gate: ErrorGate, shift: Shift, bake: BakeEvidence, what: str = "errors"
) -> str | None:
    """Returns the proof, in words, that the canary has too much of ``what``; None without proof."""
    versions = deployment.canary, deployment.stable
    if deployment.phase is Phase.SHIFTING or (deployment.phase is Phase.BAKING and shift.whole is not None):
        if shift.odds >= enough_in_shift(gate):
            return f"{in_words.looks(shift, *versions, what)}; {in_words.limit(enough_in_shift(gate))}"
        if shift.whole is not None and shift.whole >= enough_of_whole(gate):
            return f"{in_words.whole(shift, *versions)}; {in_words.limit(enough_of_whole(gate))}"
    in_bake = gate.bake_significance if deployment.phase is Phase.BAKING else None
    if in_bake is not None and shift.past and bake.is_worse(in_bake, shift.past.history):
        return bake.in_words(*versions)
    return None


def doubtful(deployment: Deployment) -> str | None:
    """Returns the evidence against the canary, in words, if above ``DOUBT``; None otherwise."""
    on = deployment.manifest.gates
    judged = [(deployment.evidence.shift, "errors")] if on.errors else []
    judged += [(known.shift, gate.bad) for known, gate in zip(deployment.evidence.metrics, on.metrics, strict=False)]
    shift, what = max(judged, key=lambda each: each[0].odds, default=(deployment.evidence.shift, ""))
    return in_words.looks(shift, deployment.canary, deployment.stable, what) if what and shift.odds > DOUBT else None


def holds(deployment: Deployment, _seen: Observation, now: datetime) -> str | None:
    """Returns that requests of the shift may still fail, None once they are judged, or can no longer be."""
    if not end_is_open(deployment) or deployment.traffic.closing:
        return None
    complete_at = end_due_at(deployment) or deployment.phase_since
    if now >= complete_at + UNREADABLE_TIMEOUT:
        return None
    when = complete_at.isoformat(timespec="seconds")
    return f"requests that began before the promotion may still fail; they are judged when all have ended, at {when}"


# -- what people are told ---------------------------------------------------------------------------------------------


def report(deployment: Deployment) -> dict[str, object]:
    """Returns the gate's counts and evidence for ``status``; None before its first look, and if the gate is off."""
    gate = deployment.manifest.gates.errors
    if gate is None:
        return {"errors": None, "errors_in_bake": None}
    return {
        "errors": shift_told(deployment, gate, deployment.evidence.shift, "errors", "invocations"),
        "errors_in_bake": bake_report(gate, deployment.evidence.bake, "errors", "invocations"),
    }


def shift_told(deployment: Deployment, gate: ErrorGate, shift: Shift, bad: str, total: str) -> dict[str, object] | None:
    """Returns the result of the looks at a shift, for ``status``."""
    if shift.past is None or shift.until is None:
        return None
    seen, versions = shift.seen, (deployment.canary, deployment.stable)
    return {
        "looks": shift.evidence.units,
        "canary": _counted(seen.canary_invocations, seen.canary_errors, total, bad),
        "stable": _counted(seen.stable_invocations, seen.stable_errors, total, bad),
        **_evidence(math.log(shift.odds), math.log(enough_in_shift(gate))),
        "in_doubt": shift.odds > DOUBT,
        "history": shift.past.history.kind.value,
        "in_words": in_words.looks(shift, *versions, bad),
        "whole_counts": None if shift.whole is None else in_words.whole(shift, *versions),
    }


def compared(deployment: Deployment) -> str | None:
    """Returns the counts of both versions and the evidence in words; None before the first look."""
    shift = deployment.evidence.shift
    if shift.past is None or shift.until is None:
        return None
    return in_words.looks(shift, deployment.canary, deployment.stable, "errors")


def bake_report(gate: ErrorGate, bake: BakeEvidence, bad: str, total: str) -> dict[str, object] | None:
    """Returns the result of a bake's minutes, for ``status``."""
    if gate.bake_significance is None or bake.judgement.until is None:
        return None
    return judgement_report(bake.judgement, bad, -math.log(gate.bake_significance), total)


def judgement_report(judgement: Judgement, bad: str, enough: float, total: str = "invocations") -> dict[str, object]:
    """Returns the result of minutes judged one by one, for ``status``."""
    return {
        "minutes": judgement.evidence.minutes,
        "canary": _counted(judgement.canary_invocations, judgement.canary_errors, total, bad),
        "stable": _counted(judgement.stable_invocations, judgement.stable_errors, total, bad),
        **_evidence(judgement.evidence.log, enough),
    }


def _counted(invocations: int, failed: int, total: str, bad: str) -> dict[str, object]:
    """Returns a version's counts: {"invocations": 200, "errors": 16, "in_words": "16 of 200 (8 %)"}."""
    return {total: invocations, bad: failed, "in_words": share_in_words(failed, invocations)}


def _evidence(log: float, enough: float) -> dict[str, object]:
    """Returns evidence and its limit as logarithms, and in words: "32 to 1, rolls back at 125 to 1"."""
    words = f"{odds_in_words(log)} to 1, rolls back at {odds_in_words(enough)} to 1"
    return {"log_evidence": round(log, 3), "rolls_back_at": round(enough, 3), "evidence": words}
