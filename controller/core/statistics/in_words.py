"""What the error gate saw, for people: which witness spoke, and by what numbers."""

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
    """Says what the looks at a shift came to: "14 of 15 errors were version 5's, which has 10% of the requests"."""
    ours, together = shift.seen.canary_errors, shift.seen.canary_errors + shift.seen.stable_errors
    most = max(shift.weights, default=0)
    has = "has" if len(shift.weights) == 1 else "has had at most"
    witness = f", {_BY[shift.evidence.spoken(shift.past.history)]}" if shift.past else ""
    odds = sequential_evidence.in_words(math.log(shift.odds))
    return (
        f"{ours:,} of {together:,} {_were(together, what)} version {canary}'s, which {has} {most / 100:g}% of the"
        f" requests; the evidence that {canary} is worse than {stable} is {odds} to 1{witness}"
    )


def whole(shift: Shift, canary: str | None, stable: str | None) -> str:
    """Says what all requests of a shift came to, those that ended late with them."""
    seen, odds = shift.seen, sequential_evidence.in_words(math.log(shift.whole or 1.0))
    ours = sequential_evidence.share_in_words(seen.canary_errors, seen.canary_invocations)
    theirs = sequential_evidence.share_in_words(seen.stable_errors, seen.stable_invocations)
    return (
        f"version {canary} failed {ours} requests, version {stable} {theirs} in the whole shift, now that all of them"
        f" have ended; the evidence that {canary} is worse is {odds} to 1, by the whole counts"
    )


def limit(odds: float) -> str:
    """Says which odds bring the stable version back: "rolls back at 125 to 1"."""
    return f"rolls back at {sequential_evidence.in_words(math.log(odds))} to 1"


def _were(count: int, what: str) -> str:
    return f"{what.removesuffix('s')} was" if count == 1 else f"{what} were"
