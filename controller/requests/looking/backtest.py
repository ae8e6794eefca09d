"""The request ``backtest``: what the error gate would have done in the past, by CloudWatch's counts.

The minutes are judged as in a deployment; nothing is changed.

Note: the gate judges only while both versions serve, so minutes before the first and after the last with requests of
both are left out, however long a time was asked for. And traffic would not have come back in the very minute in which
the evidence was enough: the minute has to end, and to be counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.context import Context
from controller.core.gates import errors
from controller.core.manifest.settings import ErrorGate
from controller.core.model import Cause, Reason, Refused, Target
from controller.core.statistics import alias_past
from controller.core.statistics.error_evidence import whole_odds
from controller.core.statistics.hindsight import Hindsight, Judged
from controller.core.statistics.history import LOOK_BACK, History
from controller.core.statistics.sequential_evidence import in_words as odds_in_words
from controller.core.statistics.sequential_evidence import share_in_words
from controller.core.statistics.shift import MAX_TIMEOUT, added, complete, time_to_settle
from controller.reconcile.timeouts import longest_timeout
from controller.requests import Answer, members

_MAX_SPAN = timedelta(days=3)
_KEPT = timedelta(days=15)
"""Source: CloudWatch API reference, GetMetricData, data points with a period of 60 seconds are available for 15 days,
2026-11.
"""
_WHERE_OFF = 0.01
"""The significance if neither the request nor the default manifest has one."""


@dataclass(frozen=True, slots=True)
class Period:
    """Two versions of a target, the time to compare them in, and the significance."""

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
        if self.until - self.since > _MAX_SPAN:
            raise _refused(f"from and to are {self.until - self.since} apart, allowed: at most {_MAX_SPAN.days} days")


class Backtest:
    """Judges past minutes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, target: Target, payload: Mapping[str, object]) -> Answer:
        """Returns the gate's verdict: ``would`` is "rollback" or "nothing", with the counts and the reason."""
        now = self._context.clock()
        request = self._request(target, payload, now)
        metrics, before = self._context.aws.metrics, request.since - LOOK_BACK
        own, alias = (metrics.served(target, version, before, request.since) for version in (request.stable, None))
        history = alias_past.history(own, alias, request.since)
        found = metrics.minutes(target, (request.canary, request.stable), request.since, request.until)
        minutes = complete(found, self._settles_in(target, request), now)
        return _answer(request, [*Hindsight(history).after_each(minutes)], history)

    def _settles_in(self, target: Target, request: Period) -> timedelta:
        """Returns how long after its end a minute may still change, by the versions' Timeouts if both still exist."""
        try:
            longest = longest_timeout(self._context.aws.versions, target.function, request.canary, request.stable)
        except Refused:
            longest = MAX_TIMEOUT
        return time_to_settle(longest, self._context.settings.minute)

    def _request(self, target: Target, payload: Mapping[str, object], now: datetime) -> Period:
        since, until = members.moment(payload, "from") or now, min(now, members.moment(payload, "to") or now)
        if since <= now - _KEPT:
            kept = f"CloudWatch keeps the counts of a minute for {_KEPT.days} days"
            raise _refused(f"from: found {since.isoformat()}, allowed: after {(now - _KEPT).isoformat()}; {kept}")
        significance = float(str(payload.get("significance", self._significance())))
        return Period(target, str(payload["stable"]), str(payload["canary"]), since, until, significance)

    def _significance(self) -> float:
        gate = self._context.default_manifest().gates.errors
        return gate.significance if gate else _WHERE_OFF


def _answer(request: Period, judged: Sequence[Judged], history: History) -> Answer:
    """Returns the answer, given the gate's knowledge after each minute."""
    gate = ErrorGate(request.significance, None)
    first = next((each for each in judged if each.odds >= errors.enough_in_shift(gate)), None)
    whole = whole_odds([each.counts for each in judged[-1].minutes], history.power) if judged else 1.0
    late = first is None and whole >= errors.enough_of_whole(gate)
    return {
        "target": str(request.target),
        "would": "rollback" if first or late else "nothing",
        "because": _why(request, judged, first, late=late),
        "from": request.since.isoformat(),
        "to": request.until.isoformat(),
        "significance": request.significance,
        "rolls_back_at": round(math.log(errors.enough_in_shift(gate)), 3),
        "history": history.kind.value,
        "first": _counts(request, first) if first else None,
        "all": _counts(request, judged[-1]) if judged else None,
    }


def _why(request: Period, judged: Sequence[Judged], first: Judged | None, *, late: bool) -> str:
    enough = f"enough for a significance of {request.significance:g}"
    if first:
        return f"the evidence was {enough} after the minute that began at {first.began.isoformat()}"
    if late:
        return f"the evidence of all {len(judged)} minutes together was {enough}, after none of them by itself"
    if judged:
        return f"the evidence was not {enough} after any of {len(judged)} minutes"
    return (
        f"there is no minute in which versions {request.canary} and {request.stable} both had requests through"
        f" {request.target}; check function, alias, versions and times"
    )


def _counts(request: Period, judged: Judged) -> Answer:
    """Returns the counts behind the evidence; ``minute`` is the beginning of the last one."""
    total = added(judged.minutes)
    return {
        "minute": judged.began.isoformat(),
        "minutes": len(judged.minutes),
        "canary": _version(request.canary, total.canary_invocations, total.canary_errors),
        "stable": _version(request.stable, total.stable_invocations, total.stable_errors),
        "log_evidence": round(math.log(judged.odds), 3),
        "in_words": (
            f"version {request.canary} failed {share_in_words(total.canary_errors, total.canary_invocations)} requests,"
            f" version {request.stable} {share_in_words(total.stable_errors, total.stable_invocations)} in the same"
            f" {len(judged.minutes)} minutes; the evidence that {request.canary} is worse is"
            f" {odds_in_words(math.log(judged.odds))} to 1"
        ),
    }


def _version(version: str, invocations: int, errors: int) -> Answer:
    rate = round(errors / invocations, 6) if invocations else None
    return {"version": version, "invocations": invocations, "errors": errors, "error_rate": rate}


def _refused(text: str) -> Refused:
    return Refused(Reason(Cause.REQUESTED, text))
