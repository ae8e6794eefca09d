"""How a deployment is written down, and read back by this code, older code and newer code.

Rules of the file:
- a record carries ``schema``; changes only ever add fields, so the code of yesterday can read the records of today;
- a field that this code does not know is kept in ``extra`` and written back unchanged.

What a newcomer would get wrong: the manifest is stored as the document that was checked when the artifact came. It
is built again here without the JSON Schema: what was accepted then stays accepted. It is one text, because DynamoDB
knows no floats.

A record is a JSON-like value::

    {"schema": 1, "function": "checkout", "alias": "live", "number": 42, "phase": "SHIFTING", "step": 1,
     "artifact": {"bucket": "b", "key": "checkout/1.zip", "version_id": "v", "uploaded_at":
     "2026-11-24T10:00:00+00:00", ...},
     "written": [{"version": "2", "canary": "3", "weight": 1000}], "timeline": [{"at": "...", "text": "..."}], ...}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from controller.core.manifest.parsing import build
from controller.core.model import (
    Approval,
    Artifact,
    CarriedOut,
    Deployment,
    Entry,
    Milestone,
    Notice,
    Phase,
    Reason,
    Routing,
    Target,
    TestOutcome,
    cause_of,
)
from controller.core.records import delay_codec, evidence_codec, hook_codec
from controller.core.records.json_values import (
    Plain,
    integer,
    mapping,
    members,
    moment,
    read_moment,
    read_seconds,
    seconds,
    text,
)
from controller.core.statistics.before_after import Before

SCHEMA = 1


def to_plain(deployment: Deployment) -> dict[str, object]:
    """Returns the record of a deployment. ``revision`` is not in it: the store counts that beside the record."""
    return {
        **deployment.extra,
        "schema": SCHEMA,
        "function": deployment.target.function,
        "alias": deployment.target.alias,
        "number": deployment.number,
        "artifact": artifact_to_plain(deployment.artifact),
        "manifest": json.dumps(deployment.manifest.document),
        "phase": deployment.phase.value,
        "opened_at": deployment.opened_at.isoformat(),
        "phase_since": deployment.phase_since.isoformat(),
        "own_alarm": deployment.own_alarm,
        "lifts_quarantine": deployment.lifts_quarantine,
        "waiting": deployment.waiting,
        "reason": _reason(deployment.reason),
        "failing_since": moment(deployment.failing_since),
        "stable": deployment.stable,
        "stable_artifact": artifact_to_plain(deployment.stable_artifact) if deployment.stable_artifact else None,
        "preflighted": deployment.preflighted,
        "adopts": deployment.adopts,
        "sha256": deployment.sha256,
        "delay": delay_codec.to_plain(deployment.delay),
        "canary": deployment.canary,
        "latest": deployment.latest,
        "behind": deployment.behind,
        "tests": [
            {
                "name": test.name,
                "passed": test.passed,
                "milliseconds": round(test.seconds * 1000),
                "why": test.why,
                "runs": test.runs,
            }
            for test in deployment.tests
        ],
        "step": deployment.step,
        "written": [_routing(routing) for routing in deployment.written],
        "serving_since": moment(deployment.serving_since),
        "live_at": moment(deployment.live_at),
        "disarmed": sorted(deployment.disarmed),
        "overridden": sorted(deployment.overridden),
        "approval": _approval(deployment.approval),
        "alarm_made_at": moment(deployment.alarm_made_at),
        "longest_timeout": seconds(deployment.longest_timeout),
        "unreadable_since": moment(deployment.unreadable_since),
        "doubts": deployment.doubts,
        "shift": evidence_codec.shift_to_plain(deployment.shift),
        "share": evidence_codec.share_to_plain(deployment.share),
        "sighted": deployment.sighted,
        "stable_before": _before(deployment.stable_before),
        "bake": evidence_codec.bake_to_plain(deployment.bake),
        "slowness": [evidence_codec.slowness_to_plain(each) for each in deployment.slowness],
        "metrics": [evidence_codec.metric_to_plain(each) for each in deployment.metrics],
        "hooks": [hook_codec.to_plain(run) for run in deployment.hooks],
        "paused": deployment.paused,
        "overruled_at": moment(deployment.overruled_at),
        "foreign": deployment.foreign,
        "asleep": deployment.asleep,
        "closing": deployment.closing,
        "newer": deployment.newer,
        "done": sorted(milestone.value for milestone in deployment.done),
        "carried_out": [{"mark": each.mark, "at": each.at.isoformat()} for each in deployment.carried_out],
        "timeline": [{"at": entry.at.isoformat(), "text": entry.text} for entry in deployment.timeline],
        "outbox": [
            {"at": notice.at.isoformat(), "phase": notice.phase.value, "text": notice.text}
            for notice in deployment.outbox
        ],
    }


def from_plain(plain: Plain, revision: int) -> Deployment:
    """Returns the deployment of a record. Fields that a record of an older release lacks get their first value."""
    artifact = artifact_from_plain(plain["artifact"])
    stable_artifact = plain.get("stable_artifact")
    return Deployment(
        target=Target(str(plain["function"]), str(plain["alias"])),
        number=integer(plain["number"]),
        artifact=artifact,
        manifest=build(mapping(json.loads(str(plain["manifest"])))),
        phase=Phase(plain["phase"]),
        opened_at=datetime.fromisoformat(str(plain["opened_at"])),
        phase_since=datetime.fromisoformat(str(plain["phase_since"])),
        own_alarm=str(plain["own_alarm"]),
        lifts_quarantine=bool(plain.get("lifts_quarantine")),
        waiting=bool(plain.get("waiting")),
        reason=_read_reason(plain.get("reason")),
        failing_since=read_moment(plain.get("failing_since")),
        stable=text(plain.get("stable")),
        stable_artifact=artifact_from_plain(stable_artifact) if stable_artifact else None,
        preflighted=bool(plain.get("preflighted")),
        adopts=bool(plain.get("adopts")),
        sha256=text(plain.get("sha256")),
        delay=delay_codec.read(plain.get("delay")),
        canary=text(plain.get("canary")),
        latest=text(plain.get("latest")),
        behind=None if plain.get("behind") is None else integer(plain["behind"]),
        tests=tuple(_read_test(test) for test in members(plain.get("tests"))),
        step=integer(plain.get("step", 0)),
        written=tuple(_read_routing(routing) for routing in members(plain.get("written"))),
        serving_since=read_moment(plain.get("serving_since")),
        live_at=read_moment(plain.get("live_at")),
        disarmed=frozenset(str(name) for name in members(plain.get("disarmed"))),
        overridden=frozenset(str(name) for name in members(plain.get("overridden"))),
        approval=_read_approval(plain.get("approval")),
        alarm_made_at=read_moment(plain.get("alarm_made_at")),
        longest_timeout=read_seconds(plain.get("longest_timeout")),
        unreadable_since=read_moment(plain.get("unreadable_since")),
        doubts=integer(plain.get("doubts", 0)),
        shift=evidence_codec.read_shift(plain.get("shift")),
        share=evidence_codec.read_share(plain.get("share")),
        sighted=bool(plain.get("sighted")),
        stable_before=_read_before(plain.get("stable_before")),
        bake=evidence_codec.read_bake(plain.get("bake")),
        slowness=evidence_codec.read_slownesses(members(plain.get("slowness"))),
        metrics=tuple(evidence_codec.read_metric(each) for each in members(plain.get("metrics"))),
        hooks=hook_codec.read_runs(members(plain.get("hooks"))),
        paused=bool(plain.get("paused")),
        overruled_at=read_moment(plain.get("overruled_at")),
        foreign=str(plain.get("foreign") or ""),
        asleep=str(plain.get("asleep") or ""),
        closing=bool(plain.get("closing")),
        newer=None if plain.get("newer") is None else integer(plain["newer"]),
        done=frozenset(Milestone(name) for name in _known_milestones(plain.get("done"))),
        carried_out=tuple(_read_carried_out(each) for each in members(plain.get("carried_out"))),
        timeline=tuple(_read_entry(entry) for entry in members(plain.get("timeline"))),
        outbox=tuple(_read_notice(notice) for notice in members(plain.get("outbox"))),
        revision=revision,
        extra={name: value for name, value in plain.items() if name not in _KNOWN},
    )


_KNOWN = {each.name for each in fields(Deployment)} - {"target", "revision", "extra"} | {"schema", "function", "alias"}


def _known_milestones(value: object) -> Iterable[object]:
    known = {milestone.value for milestone in Milestone}
    return (name for name in members(value) if name in known)


def artifact_to_plain(artifact: Artifact) -> dict[str, object]:
    """Returns an artifact as a JSON-like value."""
    return {
        "bucket": artifact.bucket,
        "key": artifact.key,
        "version_id": artifact.version_id,
        "uploaded_at": artifact.uploaded_at.isoformat(),
        "sequencer": artifact.sequencer,
        "size": artifact.size,
        "stated_sha256": artifact.stated_sha256,
        "signature": artifact.signature,
    }


def artifact_from_plain(value: object) -> Artifact:
    """Returns the artifact that ``artifact_to_plain`` wrote."""
    plain = mapping(value)
    return Artifact(
        bucket=str(plain["bucket"]),
        key=str(plain["key"]),
        version_id=text(plain.get("version_id")),
        uploaded_at=datetime.fromisoformat(str(plain["uploaded_at"])),
        sequencer=str(plain.get("sequencer") or ""),
        size=integer(plain.get("size", 0)),
        stated_sha256=text(plain.get("stated_sha256")),
        signature=text(plain.get("signature")),
    )


def _reason(reason: Reason | None) -> dict[str, object] | None:
    return {"cause": reason.cause.value, "text": reason.text} if reason else None


def _read_reason(value: object) -> Reason | None:
    if not value:
        return None
    return Reason(cause_of(str(mapping(value)["cause"])), str(mapping(value)["text"]))


def _routing(routing: Routing) -> dict[str, object]:
    return {"version": routing.version, "canary": routing.canary, "weight": routing.weight}


def _read_routing(value: object) -> Routing:
    plain = mapping(value)
    return Routing(str(plain["version"]), text(plain.get("canary")), integer(plain.get("weight", 0)))


def _before(before: Before | None) -> list[object] | None:
    return [before.requests, before.errors] if before else None


def _read_before(value: object) -> Before | None:
    if not value:
        return None
    requests, errors, *_ = members(value)
    return Before(integer(requests), integer(errors))


def _approval(approval: Approval | None) -> dict[str, object] | None:
    if approval is None:
        return None
    return {"asked_at": approval.asked_at.isoformat(), "given": approval.given, "overdue": approval.overdue}


def _read_approval(value: object) -> Approval | None:
    if not value:
        return None
    plain = mapping(value)
    return Approval(
        datetime.fromisoformat(str(plain["asked_at"])), bool(plain.get("given")), bool(plain.get("overdue"))
    )


def _read_test(value: object) -> TestOutcome:
    plain = mapping(value)
    seconds, runs = integer(plain["milliseconds"]) / 1000, integer(plain.get("runs", 1))
    return TestOutcome(str(plain["name"]), bool(plain["passed"]), seconds, str(plain["why"]), runs)


def _read_carried_out(value: object) -> CarriedOut:
    plain = mapping(value)
    return CarriedOut(str(plain["mark"]), datetime.fromisoformat(str(plain["at"])))


def _read_entry(value: object) -> Entry:
    plain = mapping(value)
    return Entry(datetime.fromisoformat(str(plain["at"])), str(plain["text"]))


def _read_notice(value: object) -> Notice:
    plain = mapping(value)
    return Notice(datetime.fromisoformat(str(plain["at"])), Phase(plain["phase"]), str(plain["text"]))
