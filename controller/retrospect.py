"""What the error gate would have done in a time that is over, found from CloudWatch's counts: the request ``judge``.

It weighs the same minutes in the same way as a deployment does, and changes nothing.

What a newcomer would get wrong: the gate judges only while both versions serve. So the minutes before the first and
after the last in which both had requests are left out, however long a time was asked for. And the minute in which the
evidence is enough is not yet when traffic comes back: it has to end, and to be counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.core.judge import Judgement, while_both_served
from controller.core.model import Cause, Reason, Refused, Target
from controller.forecast import Answer
from controller.outside import Outside

_LONGEST = timedelta(days=3)
_KEPT = timedelta(days=15)
"""Source: CloudWatch API reference, GetMetricData, data points with a period of 60 seconds are available for 15 days,
2026-11.
"""
_WHERE_OFF = 0.01
"""What is taken where neither the request nor the default manifest has a significance."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Two versions of a target, the time in which they are compared, and how sure to be."""

    target: Target
    stable: str
    canary: str
    since: datetime
    until: datetime
    significance: float

    def __post_init__(self) -> None:
        if self.stable == self.canary:
            raise _refused(f"stable and canary are both version {self.stable}; name two versions")
        if self.since >= self.until:
            raise _refused(f"from: found {self.since.isoformat()}, allowed: before to, {self.until.isoformat()}")
        if self.until - self.since > _LONGEST:
            raise _refused(f"from and to are {self.until - self.since} apart, allowed: at most {_LONGEST.days} days")


class Retrospect:
    """Judges what is over."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def of(self, target: Target, payload: Mapping[str, object]) -> Answer:
        """Returns what the gate would have done: ``would`` is "rollback" or "nothing", with the counts and why."""
        now = self._outside.clock()
        asked = self._asked(target, payload, now)
        versions = (asked.canary, asked.stable)
        found = self._outside.aws.metrics.minutes(target, versions, asked.since, now, asked.until)
        return _answer(asked, [*Judgement().after_each(while_both_served(found))])

    def _asked(self, target: Target, payload: Mapping[str, object], now: datetime) -> Asked:
        since, until = _moment(payload, "from", now), min(now, _moment(payload, "to", now))
        if since <= now - _KEPT:
            kept = f"CloudWatch keeps the counts of a minute for {_KEPT.days} days"
            raise _refused(f"from: found {since.isoformat()}, allowed: after {(now - _KEPT).isoformat()}; {kept}")
        significance = float(str(payload.get("significance", self._significance())))
        return Asked(target, str(payload["stable"]), str(payload["canary"]), since, until, significance)

    def _significance(self) -> float:
        gate = self._outside.default_manifest().gates.errors
        return gate.significance if gate else _WHERE_OFF


def _answer(asked: Asked, judged: Sequence[Judgement]) -> Answer:
    """``judged`` is what the gate knew after each minute."""
    first = next((each for each in judged if each.is_worse(asked.significance)), None)
    return {
        "target": str(asked.target),
        "would": "rollback" if first else "nothing",
        "because": _why(asked, judged, first),
        "from": asked.since.isoformat(),
        "to": asked.until.isoformat(),
        "significance": asked.significance,
        "rolls_back_at": round(-math.log(asked.significance), 3),
        "first": _counts(asked, first) if first else None,
        "all": _counts(asked, judged[-1]) if judged else None,
    }


def _why(asked: Asked, judged: Sequence[Judgement], first: Judgement | None) -> str:
    enough = f"enough for a significance of {asked.significance:g}"
    if first:
        return f"the evidence was {enough} after the minute that began at {_began(first)}"
    if judged:
        return f"the evidence was not {enough} after any of {len(judged)} minutes"
    return (
        f"there is no minute in which versions {asked.canary} and {asked.stable} both had requests through"
        f" {asked.target}; are function, alias, versions and times those that were meant?"
    )


def _counts(asked: Asked, judgement: Judgement) -> Answer:
    """What a judgement rests on; ``minute`` is when its last one began."""
    return {
        "minute": _began(judgement),
        "minutes": judgement.evidence.minutes,
        "canary": _version(asked.canary, judgement.canary_invocations, judgement.canary_errors),
        "stable": _version(asked.stable, judgement.stable_invocations, judgement.stable_errors),
        "log_evidence": round(judgement.evidence.log, 3),
        "in_words": judgement.in_words(asked.canary, asked.stable),
    }


def _began(judgement: Judgement) -> str | None:
    return judgement.until.isoformat() if judgement.until else None


def _version(version: str, invocations: int, errors: int) -> Answer:
    rate = round(errors / invocations, 6) if invocations else None
    return {"version": version, "invocations": invocations, "errors": errors, "error_rate": rate}


def _moment(payload: Mapping[str, object], name: str, otherwise: datetime) -> datetime:
    """Returns a time of the request. The schema has checked its form, but not that there is such a day."""
    text = payload.get(name)
    if text is None:
        return otherwise
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise _refused(f'{name}: found "{text}", allowed: a time that exists, as 2026-11-24T10:00:00Z') from problem


def _refused(text: str) -> Refused:
    return Refused(Reason(Cause.REQUESTED, text))
