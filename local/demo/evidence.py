"""What the error gate has seen of a deployment, as the controller's `status` tells it, and in words. Pure.

Rules of the file: the controller has judged; here nothing is counted and no statistics are done. It tells the evidence
and its bar as natural logarithms; people are shown odds.

Note: the traffic knows of more requests than these. The controller counts what CloudWatch has counted, which is a
minute or two behind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.demo.traffic import Count


@dataclass(frozen=True, slots=True)
class Evidence:
    """After so many minutes: what both versions served in them, and the logarithms of the evidence and of its bar.

    ``in_bake``: the canary alone served, and is compared with the stable version's minutes before.
    """

    minutes: int
    canary: Count
    stable: Count
    log: float
    log_bar: float
    in_bake: bool = False

    @property
    def rolls_back(self) -> bool:
        """Is it enough for a rollback?"""
        return self.log >= self.log_bar

    @property
    def way(self) -> float:
        """How far it has come on its way to the bar, from 0, nothing speaks against the canary, to 1."""
        return min(1.0, max(0.0, self.log / self.log_bar))

    def counts_in_words(self, canary: str, stable: str) -> str:
        """Returns "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"."""
        return (
            f"{'bake' if self.in_bake else 'judged'}: v{canary} {self.canary.errors} of {self.canary.requests} failed,"
            f" v{stable} {self.stable.errors} of {self.stable.requests}{' before' if self.in_bake else ''},"
            f" in {self.minutes} minute{'' if self.minutes == 1 else 's'}"
        )

    @property
    def odds_in_words(self) -> str:
        """Returns "evidence 12 to 1, rolls back at 125 to 1"."""
        return f"evidence {odds(self.log)} to 1, rolls back at {odds(self.log_bar)} to 1"


def odds(log: float) -> str:
    """Returns evidence as people bet: 0.6, 12, 1,000. Beyond a billion the number says nothing more."""
    if log > math.log(1e9):
        return "over 1,000,000,000"
    return f"{math.exp(log):,.0f}" if log >= math.log(9.95) else f"{math.exp(log):.2g}"


def evidence(told: Mapping[str, Any] | None, *, in_bake: bool = False) -> Evidence | None:
    """Returns what a deployment's ``errors``, or ``errors_in_bake``, of a `status` say; None before the first
    minute.
    """
    if told is None:
        return None
    return Evidence(
        minutes=told.get("looks") or told["minutes"],
        canary=Count(told["canary"]["invocations"], told["canary"]["errors"]),
        stable=Count(told["stable"]["invocations"], told["stable"]["errors"]),
        log=told["log_evidence"],
        log_bar=told["rolls_back_at"],
        in_bake=in_bake,
    )
