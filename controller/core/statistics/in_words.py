"""The error gate's findings as sentences for people, with the numbers and the witness behind them."""

from __future__ import annotations

import math

from controller.core.statistics import sequential_evidence
from controller.core.statistics.error_evidence import Witness
from controller.core.statistics.shift import Shift

_BY = {
    Witness.SHARE: "by the share of the errors",
    Witness.RATIO: "by the split of the errors",
    Witness.RUNS: "by the minutes with errors",
}


def looks(shift: Shift, canary: str | None, stable: str | None, what: str = "errors") -> str:
    """Says the result of a shift's looks: "14 of 15 errors were version 5's, which has 10% of the requests"."""
    ours, together = shift.seen.canary_errors, shift.seen.canary_errors + shift.seen.stable_errors
    highest = max(shift.weights, default=0)
    has = "has" if len(shift.weights) == 1 else "has had at most"
    witness = f", {_BY[shift.evidence.spoken(shift.past.history)]}" if shift.past else ""
    odds = sequential_evidence.in_words(math.log(shift.odds))
    return (
        f"{ours:,} of {together:,} {_were(together, what)} version {canary}'s, which {has} {highest / 100:g}% of the"
        f" requests; the evidence that {canary} is worse than {stable} is {odds} to 1{witness}"
    )


def whole(shift: Shift, canary: str | None, stable: str | None) -> str:
    """Says the result of all requests of a shift, late ones included."""
    seen, odds = shift.seen, sequential_evidence.in_words(math.log(shift.whole or 1.0))
    ours = sequential_evidence.share_in_words(seen.canary_errors, seen.canary_invocations)
    theirs = sequential_evidence.share_in_words(seen.stable_errors, seen.stable_invocations)
    return (
        f"version {canary} failed {ours} requests, version {stable} {theirs} in the whole shift, now that all of them"
        f" have ended; the evidence that {canary} is worse is {odds} to 1, by the whole counts"
    )


def limit(odds: float) -> str:
    """Says the odds at which the stable version comes back: "rolls back at 125 to 1"."""
    return f"rolls back at {sequential_evidence.in_words(math.log(odds))} to 1"


def _were(count: int, what: str) -> str:
    return f"{what.removesuffix('s')} was" if count == 1 else f"{what} were"
