"""Asks the controller, as a person would: by invoking it with a request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from local.demo.evidence import Evidence, evidence
from local.demo.versions import ALIAS, FUNCTION

ENDS = ("SUCCEEDED", "ROLLED_BACK", "FAILED")


class ControllerFailed(RuntimeError):
    """The controller raised, or refused a request; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment as the controller tells it. ``canary`` is None where no version was published.

    ``errors`` and ``errors_in_bake`` are what the error gate has seen so far; the history does not tell them.
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
    errors: Evidence | None = None
    errors_in_bake: Evidence | None = None

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDS

    @property
    def evidence(self) -> Evidence | None:
        """What the error gate goes by in this phase; at the end, what it saw while both versions served."""
        return self.errors_in_bake if self.phase == "BAKING" else self.errors


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
        found = self._ask("status").get("deployment")
        return _deployment(cast("Mapping[str, Any]", found)) if found else None

    def history(self) -> tuple[Deployment, ...]:
        """Returns all deployments, oldest first."""
        found = cast("Sequence[Mapping[str, Any]]", self._ask("history", limit=100)["deployments"])
        return tuple(_deployment(one) for one in reversed(found))

    def version(self) -> str:
        """Returns the version of the controller that answers now."""
        return self._called("status")[1]

    def _ask(self, request: str, **more: object) -> Mapping[str, object]:
        return self._called(request, **more)[0]

    def _called(self, request: str, **more: object) -> tuple[Mapping[str, object], str]:
        payload = {"request": request, "function": self._function, "alias": ALIAS, **more}
        called = self._functions.invoke(**self._invoked, Payload=json.dumps(payload))
        answer = json.load(called["Payload"])
        if "FunctionError" in called or not answer.get("ok"):
            raise ControllerFailed(f"the request {request} was answered with {json.dumps(answer)}")
        return cast("Mapping[str, object]", answer), str(called["ExecutedVersion"])


def _deployment(told: Mapping[str, Any]) -> Deployment:
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
        errors=evidence(told.get("errors")),
        errors_in_bake=evidence(told.get("errors_in_bake"), in_bake=True),
    )
