"""Slipway as its user meets it: zips are dropped into the bucket, and the controller is asked how they fare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from live.probe import ALIAS, HANDLER, RUNTIME, Probe, zipped
from live.run import Run
from live.waiting import GivenUp

_TOLD = ("phase", "canary", "cause", "reason", "held_by")
ENDS = ("SUCCEEDED", "ROLLED_BACK", "FAILED")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment, as the controller's ``status`` tells it."""

    upload: str
    phase: str
    canary: str | None
    cause: str | None
    reason: str | None
    held_by: str | None

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDS

    def __str__(self) -> str:
        why = f" because {self.reason}" if self.reason else f", held by: {self.held_by}" if self.held_by else ""
        return f"{self.phase}{f' (cause {self.cause})' if self.cause else ''}{why}"


@dataclass(frozen=True, slots=True)
class Slipway:
    """The stack's controller, and the one function that it deploys in this run."""

    run: Run
    function: Probe

    def drop(self, code: str, name: str, **gates: object) -> str:
        """Drops a zip with the code of ``functions/CODE.py``, and returns its object version."""
        content = zipped(code, {"slipway.json": json.dumps(self._manifest(gates), indent=2)}, remark=name)
        answer = self.run.client("s3").put_object(
            Bucket=self.run.stack["BucketName"], Key=f"{self.function.name}/{name}.zip", Body=content
        )
        return str(answer["VersionId"])

    def newest(self) -> Deployment | None:
        """Returns the function's open deployment, else the newest; None where there was none yet."""
        found = status(self.run, function=self.function.name, alias=ALIAS)
        told = found["open"] or found["newest"]
        if not told:
            return None
        return Deployment(told["artifact_version"], *(told[name] for name in _TOLD))

    def _manifest(self, gates: Mapping[str, object]) -> Mapping[str, object]:
        seconds = self.run.aws.seconds
        # The bad release has to meet requests for as long as its alarm may take.
        hold = seconds(10.0 if gates else 2.0)
        return {
            "strategy": {
                "steps": [{"weight": 50, "hold": f"{hold}s"}],
                "bake": f"{round(self.run.aws.bake * self.run.aws.minute)}s",
            },
            "gates": {"min_invocations": 5, **gates},
            "tests": [{"name": "answers", "payload": {"test": "answers"}, "response": {"required": ["version"]}}],
            "function": {"Runtime": RUNTIME, "Handler": HANDLER, "Role": self.run.role, "Timeout": 3},
        }


def status(run: Run, qualifier: str = ALIAS, **asked: str) -> Mapping[str, Any]:
    """Returns what the controller answers to the request ``status``. Raises GivenUp where it cannot answer."""
    payload = json.dumps({"request": "status", **asked})
    called = run.client("lambda").invoke(FunctionName=run.stack["ControllerName"], Qualifier=qualifier, Payload=payload)
    answer: Mapping[str, Any] = json.load(called["Payload"])
    is_unknown_yet = "newest" in answer
    if "FunctionError" in called or not (answer.get("ok") or is_unknown_yet):
        raise GivenUp(f"the controller answered status with {json.dumps(answer)[:300]}")
    return answer
