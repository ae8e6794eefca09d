"""Asks the controller, as a person would: by invoking it with a request; and puts in words what its error gate tells.

Note: the traffic knows of more requests than the error gate has judged. The controller counts what CloudWatch has
counted, which is a minute or two behind.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.demo.releases import ALIAS, FUNCTION
from local.demo.traffic import Count

ENDS = ("SUCCEEDED", "ROLLED_BACK", "FAILED")


class ControllerFailed(RuntimeError):
    """The controller raised, or refused a request; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the error gate counted in so many minutes, and the natural logarithms of its evidence and of its bar.

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
        return self.log >= self.log_bar

    @property
    def progress(self) -> float:
        """How far the evidence has come on its way to a rollback, from 0 to 1."""
        return min(1.0, max(0.0, self.log / self.log_bar))

    @property
    def odds(self) -> str:
        return f"evidence {odds(self.log)} to 1, rolls back at {odds(self.log_bar)} to 1"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as the controller tells it. ``canary`` is None where no version was published.

    ``evidence`` is of the phase, at the end of the shift; None before the first minute, and in the history.
    """

    name: str
    phase: str
    artifact: str
    artifact_version: str | None
    canary: str | None
    cause: str | None
    reason: str | None
    timeline: tuple[str, ...] = ()
    stable: str | None = None
    evidence: Evidence | None = None

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDS

    @property
    def counts(self) -> str:
        """Returns "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"; nothing where nothing is judged yet."""
        if self.evidence is None:
            return ""
        seen = self.evidence
        word, before = ("bake", " before") if seen.in_bake else ("judged", "")
        return (
            f"{word}: v{self.canary} {seen.canary.errors} of {seen.canary.requests} failed,"
            f" v{self.stable} {seen.stable.errors} of {seen.stable.requests}{before},"
            f" in {seen.minutes} minute{'' if seen.minutes == 1 else 's'}"
        )


class Controller:
    """The deployed controller, asked about one function. ``functions`` is a client of Lambda; ``asked`` is the
    controller's own alias that answers.
    """

    def __init__(self, functions: Any, name: str, function: str = FUNCTION, asked: str = ALIAS) -> None:
        self._functions = functions
        self._invoked = {"FunctionName": name, "Qualifier": asked}
        self._function = function

    def status(self) -> Deployment | None:
        """Returns the open deployment, else the newest; None where there was none yet."""
        found = self._ask("status")[0].get("deployment")
        return _deployment(found) if found else None

    def history(self) -> tuple[Deployment, ...]:
        """Returns all deployments, oldest first."""
        return tuple(_deployment(one) for one in reversed(self._ask("history", limit=100)[0]["deployments"]))

    def version(self) -> str:
        """Returns the version of the controller that answers now."""
        return self._ask("status")[1]

    def _ask(self, request: str, **more: object) -> tuple[Mapping[str, Any], str]:
        payload = {"request": request, "function": self._function, "alias": ALIAS, **more}
        called = self._functions.invoke(**self._invoked, Payload=json.dumps(payload))
        answer = json.load(called["Payload"])
        if "FunctionError" in called or not answer.get("ok"):
            raise ControllerFailed(f"the request {request} was answered with {json.dumps(answer)}")
        return answer, str(called["ExecutedVersion"])


def odds(log: float) -> str:
    """Returns evidence as people bet: 0.6, 12, 1,000. Beyond a billion the number says nothing more."""
    if log > math.log(1e9):
        return "over 1,000,000,000"
    return f"{math.exp(log):,.0f}" if log >= math.log(9.95) else f"{math.exp(log):.2g}"


def _deployment(told: Mapping[str, Any]) -> Deployment:
    in_bake = told["phase"] == "BAKING"
    return Deployment(
        name=told["deployment"],
        phase=told["phase"],
        artifact=told["artifact"],
        artifact_version=told["artifact_version"],
        canary=told["canary"],
        cause=told["cause"],
        reason=told["reason"],
        timeline=tuple(entry["text"] for entry in told.get("timeline", ())),
        stable=told.get("stable"),
        evidence=_evidence(told.get("errors_in_bake" if in_bake else "errors"), in_bake=in_bake),
    )


def _evidence(told: Mapping[str, Any] | None, *, in_bake: bool) -> Evidence | None:
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
