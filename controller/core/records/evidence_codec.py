"""How what the gates have counted is written down in a record, and read back: evidence, shares, the bake, slowness.

What a newcomer would get wrong: evidence goes on from what is stored here, so a sum must come back as the very float
that it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from controller.core.model.metric_evidence import MetricEvidence
from controller.core.records.json_values import Plain, integer, mapping, members, moment, read_moment
from controller.core.statistics import sequential_evidence
from controller.core.statistics.before_after import Bake
from controller.core.statistics.error_evidence import Evidence
from controller.core.statistics.history import History, Kind
from controller.core.statistics.sample_ratio import Share
from controller.core.statistics.sequential_evidence import Judgement, Minute
from controller.core.statistics.shift import COMPLETE_AFTER, Past, Shift, StepBegun
from controller.core.statistics.slow_requests import Measure, Slowness, Threshold

_MICROSECOND = timedelta(microseconds=1)


def judgement_to_plain(judgement: Judgement) -> dict[str, object] | None:
    """Returns the record of a judgement, None before its first minute. The sums are texts, because DynamoDB knows no
    floats as Python has them, and none without an end.
    """
    if judgement.until is None:
        return None
    return {
        "minutes": judgement.evidence.minutes,
        "sums": _texts(judgement.evidence.sums),
        "until": judgement.until.isoformat(),
        "counts": [
            judgement.canary_invocations,
            judgement.canary_errors,
            judgement.stable_invocations,
            judgement.stable_errors,
        ],
    }


def read_judgement(value: object) -> Judgement:
    """Returns the judgement that ``judgement_to_plain`` wrote."""
    if not value:
        return Judgement()
    plain = mapping(value)
    sums = tuple(_floats(plain["sums"]))
    evidence = sequential_evidence.Evidence(integer(plain["minutes"]), sums)
    until = datetime.fromisoformat(str(plain["until"]))
    return Judgement(evidence, until, *(integer(count) for count in members(plain["counts"])))


def share_to_plain(share: Share) -> dict[str, object] | None:
    """Returns the record of a share, None before its first minute."""
    if share.since is None:
        return None
    return {"since": share.since.isoformat(), "counts": [share.canary, share.stable]}


def read_share(value: object) -> Share:
    """Returns the share that ``share_to_plain`` wrote."""
    if not value:
        return Share()
    plain = mapping(value)
    return Share(datetime.fromisoformat(str(plain["since"])), *(integer(count) for count in members(plain["counts"])))


def shift_to_plain(shift: Shift) -> dict[str, object] | None:
    """Returns the record of what the error gate has seen in a shift, None before its first step."""
    if shift == Shift():
        return None
    seen = shift.seen
    return {
        "past": _past_to_plain(shift.past) if shift.past else None,
        "steps": [{"began": step.began.isoformat(), "weight": step.weight} for step in shift.steps],
        "evidence": _evidence_to_plain(shift.evidence),
        "until": moment(shift.until),
        "seen": [seen.canary_invocations, seen.canary_errors, seen.stable_invocations, seen.stable_errors],
        "whole": None if shift.whole is None else repr(shift.whole),
    }


def read_shift(value: object) -> Shift:
    """Returns what ``shift_to_plain`` wrote."""
    if not value:
        return Shift()
    plain = mapping(value)
    steps = (mapping(each) for each in members(plain["steps"]))
    return Shift(
        _read_past(mapping(plain["past"])) if plain["past"] else None,
        tuple(StepBegun(datetime.fromisoformat(str(each["began"])), integer(each["weight"])) for each in steps),
        _read_evidence(mapping(plain["evidence"])),
        read_moment(plain.get("until")),
        Minute(*(integer(count) for count in members(plain["seen"]))),
        None if plain["whole"] is None else float(str(plain["whole"])),
    )


def _past_to_plain(past: Past) -> dict[str, object]:
    history = past.history
    numbers = (history.spread, history.length, history.begins, history.goes_on, history.requests)
    times = {"longest": past.longest // _MICROSECOND, "late": past.late // _MICROSECOND}
    return {"kind": history.kind.value, "numbers": _texts(numbers), **times}


def _read_past(plain: Plain) -> Past:
    history = History(Kind(plain["kind"]), *_floats(plain["numbers"]))
    return Past(history, *(integer(plain[name]) * _MICROSECOND for name in ("longest", "late")))


def _evidence_to_plain(evidence: Evidence) -> dict[str, object]:
    return {
        "units": evidence.units,
        "shares": _texts(evidence.shares),
        "ratios": _texts(evidence.ratios),
        "runs": _texts(evidence.runs),
        "in_run": evidence.in_run,
    }


def _read_evidence(plain: Plain) -> Evidence:
    shares, ratios, runs = (tuple(_floats(plain[name])) for name in ("shares", "ratios", "runs"))
    return Evidence(integer(plain["units"]), shares, ratios, runs, bool(plain["in_run"]))


def _texts(numbers: Iterable[float]) -> list[str]:
    return [repr(each) for each in numbers]


def _floats(texts: object) -> Iterator[float]:
    return (float(str(each)) for each in members(texts))


def bake_to_plain(bake: Bake) -> dict[str, object] | None:
    """Returns the record of a bake, None before the minutes to compare it with were read."""
    if bake.before is None:
        return None
    return {
        "before": [list(each) for each in bake.before],
        "judgement": judgement_to_plain(bake.judgement),
        "runs": _evidence_to_plain(bake.runs),
    }


def read_bake(value: object) -> Bake:
    """Returns the bake that ``bake_to_plain`` wrote."""
    if not value:
        return Bake()
    plain = mapping(value)
    before = ((integer(invocations), integer(errors)) for invocations, errors in map(members, members(plain["before"])))
    runs = _read_evidence(mapping(plain["runs"])) if plain.get("runs") else Evidence()
    return Bake(tuple(before), read_judgement(plain.get("judgement")), runs)


def metric_to_plain(evidence: MetricEvidence) -> dict[str, object]:
    """Returns the record of what one of the team's own metrics has shown."""
    return {"shift": shift_to_plain(evidence.shift), "bake": bake_to_plain(evidence.bake)}


def read_metric(value: object) -> MetricEvidence:
    """Returns what ``metric_to_plain`` wrote."""
    plain = mapping(value)
    return MetricEvidence(read_shift(plain.get("shift")), read_bake(plain.get("bake")))


def slowness_to_plain(slowness: Slowness) -> dict[str, object]:
    """Returns the record of one measure of slowness."""
    return {
        "measure": slowness.measure.value,
        "microseconds": [
            each // _MICROSECOND for each in (slowness.threshold.canary_over, slowness.threshold.stable_over)
        ],
        "since": slowness.since.isoformat(),
        "steps": [live_at.isoformat() for live_at in slowness.steps],
        "judgement": judgement_to_plain(slowness.judgement),
        "skipped": slowness.skipped,
        "spread": repr(slowness.spread),
        "settles_in": slowness.settles_in // _MICROSECOND,
        "complete_at": moment(slowness.complete_at),
    }


def read_slownesses(values: Iterable[object]) -> tuple[Slowness, ...]:
    """Returns what ``slowness_to_plain`` wrote, without measures that this code does not know."""
    known = {measure.value for measure in Measure}
    return tuple(_slowness(each) for each in map(mapping, values) if each["measure"] in known)


def _slowness(plain: Plain) -> Slowness:
    canary_over, stable_over = (integer(each) * _MICROSECOND for each in members(plain["microseconds"]))
    return Slowness(
        Threshold(Measure(plain["measure"]), canary_over, stable_over),
        datetime.fromisoformat(str(plain["since"])),
        tuple(datetime.fromisoformat(str(live_at)) for live_at in members(plain["steps"])),
        read_judgement(plain.get("judgement")),
        integer(plain["skipped"]),
        float(str(plain.get("spread", 1.0))),
        integer(plain["settles_in"]) * _MICROSECOND if "settles_in" in plain else COMPLETE_AFTER,
        read_moment(plain.get("complete_at")),
    )
