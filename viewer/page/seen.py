"""What the page shows, read from the answers of ``status`` and ``show`` once; drawing sees nothing but these values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from viewer.page.answer_parts import Part

_NUMBER = re.compile(r"[0-9]{1,3}([.][0-9]+)?")
_HIGHEST = math.log(1e9)
"""Odds over that are told as that."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The requests of one version that were counted, and those among them that failed."""

    version: str
    requests: int
    failed: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly counts speak against the canary version. ``part`` is 1.0 where traffic comes back."""

    about: str
    words: str
    long_words: str
    part: float
    counts: tuple[Counts, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Details:
    """What only ``show`` tells. ``steps`` are weights in percent; ``revision`` is the alias's RevisionId."""

    revision: str
    allowed: tuple[str, ...]
    steps: tuple[float, ...]
    asked_about: int | None
    evidence: tuple[Evidence, ...]
    timeline: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment, open or ended. ``share`` is the percentage of requests that the canary version gets."""

    name: str
    phase: str
    since: datetime | None
    artifact: str
    stable: str
    canary: str
    share: float
    step: int
    of: int
    held_by: str
    until: datetime | None
    modes: tuple[str, ...]
    firing: tuple[str, ...]
    reason: str
    who: str
    why: str
    ended: datetime | None
    seconds_to_restore: float | None
    details: Details | None = None

    @property
    def target(self) -> str:
        """checkout:live of checkout:live#5."""
        return self.name.rpartition("#")[0]

    @property
    def function(self) -> str:
        return self.target.partition(":")[0]

    @property
    def alias(self) -> str:
        return self.target.partition(":")[2]

    @property
    def number(self) -> int:
        number = self.name.rpartition("#")[2]
        return int(number) if number.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Told:
    """A line about something that is in force: a freeze, refused bytes, a refused upload."""

    about: str
    words: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything on the page."""

    at: datetime
    opened: tuple[Deployment, ...]
    ended: tuple[Deployment, ...]
    freezes: tuple[Told, ...] = ()
    quarantine: tuple[Told, ...] = ()
    refused: tuple[Told, ...] = ()
    last_tick: datetime | None = None
    dead_letters: int = 0
    version: str = ""
    warnings: tuple[str, ...] = field(default=())


def seen(status: Part, at: datetime) -> Seen:
    """Reads the answer of ``status`` about everything. ``at`` stands in for a time that the answer does not have."""
    controller = status.part("controller")
    return Seen(
        at=status.moment("at") or at,
        opened=tuple(sorted(map(deployment, status.parts("open")), key=_urgency)),
        ended=tuple(map(deployment, status.parts("ended"))),
        freezes=tuple(map(_freeze, status.parts("freezes"))),
        refused=tuple(Told(each.text("artifact"), each.text("reason")) for each in status.parts("refused_uploads")),
        last_tick=status.moment("last_tick"),
        dead_letters=controller.count("dead_letters"),
        version=controller.text("version"),
        warnings=controller.texts("warnings"),
    )


def deployment(short: Part) -> Deployment:
    """Reads a deployment in short, of ``open`` or ``ended``."""
    step = short.part("step")
    return Deployment(
        name=short.text("deployment"),
        phase=short.text("phase"),
        since=short.moment("since"),
        artifact=short.text("artifact"),
        stable=short.text("stable"),
        canary=short.text("canary"),
        share=_share(short),
        step=step.count("number"),
        of=step.count("of"),
        held_by=short.text("held_by"),
        until=short.moment("until"),
        modes=short.texts("modes"),
        firing=short.texts("firing"),
        reason=short.text("reason"),
        who=short.text("who"),
        why=short.text("why"),
        ended=short.moment("ended"),
        seconds_to_restore=short.number("seconds_to_restore"),
    )


def _share(told: Part) -> float:
    """Returns what the alias gives the canary version, where the alias was read, else what the record says."""
    alias, canary = told.part("alias"), told.text("canary")
    if not alias:
        return min(max(told.number("share") or 0.0, 0.0), 100.0)
    weight = alias.part("weights").text(canary).removesuffix("%")
    return 100.0 if alias.text("version") == canary else float(weight) if _NUMBER.fullmatch(weight) else 0.0


def quarantined(each: Part) -> Told:
    """Reads refused bytes, of ``quarantined``: the deployment that was rolled back, its artifact, and why."""
    return Told(each.text("deployment"), f"{each.text('artifact') or each.text('sha256')}: {each.text('because')}")


def details(full: Part) -> Details:
    """Reads what ``show`` says of one deployment."""
    approval = full.part("approval")
    is_asked = bool(approval) and not approval.is_true("given")
    return Details(
        revision=full.text("alias_revision"),
        allowed=full.texts("allowed"),
        steps=tuple(each.number("weight") or 0.0 for each in full.parts("steps")),
        asked_about=approval.count("step") if is_asked else None,
        evidence=_evidence(full),
        timeline=tuple(Entry(each.moment("at"), each.text("text")) for each in full.parts("timeline")),
    )


def _evidence(full: Part) -> tuple[Evidence, ...]:
    """Returns the evidence of every gate that has judged something."""
    versions = full.text("canary"), full.text("stable")
    judged = ((about, gate) for about, gate in _gates(full) if gate.number("log_evidence") is not None)
    return tuple(_judged(about, gate, versions) for about, gate in judged)


def _gates(full: Part) -> Iterator[tuple[str, Part]]:
    yield "errors", full.part("errors")
    yield "errors in the bake", full.part("errors_in_bake")
    for measure in full.part("latency").names:
        yield f"slow requests, {measure}", full.part("latency").part(measure)
    yield "timeouts", full.part("timeouts")
    for metric in full.parts("metrics"):
        yield metric.text("metric"), metric.part("shift")
        yield f"{metric.text('metric')} in the bake", metric.part("bake")


def _judged(about: str, gate: Part, versions: tuple[str, str]) -> Evidence:
    found, enough = gate.number("log_evidence") or 0.0, gate.number("rolls_back_at") or 0.0
    words = f"{_odds(found)}, rolls back at {_odds(enough)}"
    sides = zip(versions, (gate.part("canary"), gate.part("stable")), strict=True)
    counts = tuple(_counts(version, side) for version, side in sides if "invocations" in side.names)
    part = min(max(found / enough, 0.0), 1.0) if enough > 0 else 0.0
    return Evidence(about, words, gate.text("in_words"), part, counts)


def _counts(version: str, side: Part) -> Counts:
    return Counts(version, side.count("invocations"), side.count("errors"))


def _odds(log: float) -> str:
    """Returns odds in words, "32 to 1": odds for the canary version are "1 to 1"."""
    return f"{math.exp(min(max(log, 0.0), _HIGHEST)):,.0f} to 1"


def _freeze(each: Part) -> Told:
    if not each.text("scope"):
        return Told("", each.text("in_words"))
    by = f" by {each.text('who')}" if each.text("who") else ""
    why = f": {each.text('why')}" if each.text("why") else ""
    return Told(each.text("scope"), f"frozen{by}{why}", each.moment("until"))


def _urgency(each: Deployment) -> tuple[int, str]:
    """Sorts by how much a deployment needs a person."""
    if each.phase == "ROLLING_BACK" or each.firing:
        return 0, each.name
    waits = {"awaiting_approval", "frozen", "drifted", "in_doubt", "unreadable"}
    if waits & {*each.modes}:
        return 1, each.name
    order = ("SHIFTING", "BAKING", "TESTING", "PREPARING")
    return 2 + (order.index(each.phase) if each.phase in order else len(order)), each.name
