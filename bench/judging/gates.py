"""The three that look at the same minutes: the error gate, and two rules that people use in its place.

Rules of the file: a gate is a value, and ``after`` returns the next one, so a good hour can be continued in many ways.
What a newcomer would get wrong: the error gate here is the controller's own code, minute by minute. The rivals are
treated kindly: CloudWatch is late for nobody, and a minute without requests of the canary speaks for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from controller.core.judge import Evidence, Minute

SIGNIFICANCE = 0.01
"""How often a good release may be rolled back: the default of ``gates.errors.significance``."""
_ENOUGH = math.log(1 / SIGNIFICANCE)


class Gate(Protocol):
    """Something that has looked at minutes so far, and ``fired`` if the last one made it roll back."""

    @property
    def fired(self) -> bool: ...

    def after(self, minute: Minute) -> Gate: ...


@dataclass(frozen=True, slots=True)
class ErrorGate:
    """Rolls back at evidence of 1/significance."""

    fired: bool = False
    evidence: Evidence = field(default_factory=Evidence)

    def after(self, minute: Minute) -> ErrorGate:
        evidence = self.evidence.after(minute)
        # A minute without errors leaves the evidence as it is.
        has_errors = minute.canary_errors or minute.stable_errors
        return ErrorGate(bool(has_errors) and evidence.log >= _ENOUGH, evidence)


@dataclass(frozen=True, slots=True)
class AnyError:
    """Rolls back at the first error of the canary."""

    fired: bool = False

    def after(self, minute: Minute) -> AnyError:
        return AnyError(minute.canary_errors > 0)


@dataclass(frozen=True, slots=True)
class OverFivePercent:
    """Rolls back when more than 5 % of the canary's requests failed in two of the last three minutes."""

    last: tuple[bool, bool, bool] = (False, False, False)

    @property
    def fired(self) -> bool:
        return sum(self.last) >= 2

    def after(self, minute: Minute) -> OverFivePercent:
        _, before, newest = self.last
        return OverFivePercent((before, newest, 20 * minute.canary_errors > minute.canary_invocations))


GATES: tuple[Gate, ...] = (ErrorGate(), AnyError(), OverFivePercent())
NAMES = ("error gate", "any error", "over 5 %")
"""What the tables call them, in the same order."""
