"""Reads the controller's answers: JSON in, values of ``answers`` out.

Note: the controller may be older or newer than the client, so an unknown member is passed over, and a missing one is
None or empty. Only ``--json`` prints an answer without reading it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from cli import output
from cli.asking.answers import (
    Count,
    Deployment,
    Entry,
    Evidence,
    Overview,
    Refused,
    Routing,
    Step,
    TargetStatus,
)

Answer = Mapping[str, object]


def overview(answer: Answer) -> Overview:
    """Reads ``status`` of all."""
    controller = object_of(answer.get("controller"))
    letters = _number(controller.get("dead_letters"))
    return Overview(
        at=moment(answer.get("at")),
        open=deployments(answer, "open"),
        ended=deployments(answer, "ended"),
        freezes=tuple(text(each.get("in_words")) for each in objects(answer.get("freezes"))),
        refused=_refused(answer),
        last_tick=moment(answer.get("last_tick")),
        dead_letters=None if letters is None else int(letters),
        version=text(controller.get("version")),
        warnings=_warnings(answer),
    )


def target_status(answer: Answer) -> TargetStatus:
    """Reads ``status`` of one target."""
    serves = object_of(answer.get("serves"))
    served = [text(serves.get("deployment")), text(serves.get("artifact"))]
    return TargetStatus(
        at=moment(answer.get("at")),
        target=text(answer.get("target")),
        serves=_routing(serves),
        served_by=", ".join(each for each in served if each),
        backup=text(answer.get("backup")) or None,
        drift=text(answer.get("drift")) or None,
        open=deployment(answer, "open"),
        newest=deployment(answer, "newest"),
        freezes=tuple(text(each.get("in_words")) for each in [object_of(answer.get("freeze"))] if each),
        refused=_refused(answer),
        warnings=_warnings(answer),
    )


def is_unknown(answer: Answer) -> bool:
    """Does ``status`` say that nothing of the target is there yet: no alias, no deployment, no refused upload?"""
    return not answer.get("ok") and "newest" in answer


def deployment(answer: Answer, member: str = "deployment") -> Deployment | None:
    """Reads the deployment in a member of an answer, None without one."""
    told = object_of(answer.get(member))
    return _deployment(told) if told else None


def deployments(answer: Answer, member: str = "deployments") -> tuple[Deployment, ...]:
    """Reads the deployments in a member of an answer, in its order."""
    return tuple(_deployment(told) for told in objects(answer.get(member)))


def texts(answer: Answer, member: str) -> tuple[str, ...]:
    """Reads a list of texts in a member of an answer."""
    found = answer.get(member)
    return tuple(map(text, found)) if isinstance(found, list) else ()


def said(answer: Answer, *members: str) -> Iterator[str]:
    """Yields the texts of the members that say something."""
    yield from (text(answer[member]) for member in members if answer.get(member))


def _deployment(told: Answer) -> Deployment:
    phase = text(told.get("phase"))
    in_bake = phase == "BAKING"
    step = object_of(told.get("step"))
    return Deployment(
        name=text(told.get("deployment")),
        phase=phase,
        artifact=text(told.get("artifact")),
        artifact_version=text(told.get("artifact_version")) or None,
        sha256=text(told.get("sha256")) or None,
        canary=text(told.get("canary")) or None,
        cause=text(told.get("cause")) or None,
        reason=text(told.get("reason")) or None,
        timeline=tuple(Entry(moment(each.get("at")), text(each.get("text"))) for each in objects(told.get("timeline"))),
        stable=text(told.get("stable")) or None,
        evidence=_evidence(object_of(told.get("errors_in_bake" if in_bake else "errors")), in_bake=in_bake),
        routing=_routing(object_of(told.get("alias"))),
        share=_number(told.get("share")),
        step=Step(int(_float(step, "number")), int(_float(step, "of")), _float(step, "weight")) if step else None,
        held_by=text(told.get("held_by")) or None,
        until=moment(told.get("until")),
        since=moment(told.get("since")),
        opened=moment(told.get("opened")),
        ended=moment(told.get("ended")),
        modes=texts(told, "modes"),
        firing=texts(told, "firing"),
        who=text(told.get("who")),
        why=text(told.get("why")),
        seconds_to_restore=_number(told.get("seconds_to_restore")),
    )


def _evidence(told: Answer, *, in_bake: bool) -> Evidence | None:
    if not told:
        return None
    return Evidence(
        minutes=int(_float(told, "looks") or _float(told, "minutes")),
        canary=_count(object_of(told.get("canary"))),
        stable=_count(object_of(told.get("stable"))),
        log=_float(told, "log_evidence"),
        log_bar=_float(told, "rolls_back_at") or 1.0,
        in_bake=in_bake,
    )


def _count(told: Answer) -> Count:
    return Count(int(_float(told, "invocations")), int(_float(told, "errors")))


def _routing(told: Answer) -> Routing | None:
    """Reads {"version": "2", "weights": {"3": "10%"}}."""
    if not told.get("version"):
        return None
    weights = object_of(told.get("weights"))
    return Routing(
        text(told["version"]), tuple((version, (_number(weight) or 0.0) / 100) for version, weight in weights.items())
    )


def _refused(answer: Answer) -> tuple[Refused, ...]:
    return tuple(
        Refused(
            text(each.get("artifact")),
            text(each.get("artifact_version")) or None,
            moment(each.get("at")),
            text(each.get("reason")),
        )
        for each in objects(answer.get("refused_uploads"))
    )


def _warnings(answer: Answer) -> tuple[str, ...]:
    return texts(object_of(answer.get("controller")), "warnings")


def object_of(found: object) -> Answer:
    """Reads an object, empty for anything else."""
    return cast("Answer", found) if isinstance(found, dict) else {}


def objects(found: object) -> Iterator[Answer]:
    """Reads a list of objects, empty for anything else."""
    yield from (object_of(each) for each in found) if isinstance(found, list) else ()


def text(found: object) -> str:
    """Reads a text that is safe on a terminal."""
    return "" if found is None else output.printable(str(found))


def _float(told: Answer, member: str) -> float:
    return _number(told.get(member)) or 0.0


def _number(found: object) -> float | None:
    """Reads a number, or a percentage as text: "10%" is 10.0."""
    try:
        return float(text(found).rstrip("% "))
    except ValueError:
        return None


def moment(found: object) -> datetime | None:
    """Reads a time, None for a text that is none."""
    try:
        return datetime.fromisoformat(text(found))
    except ValueError:
        return None
