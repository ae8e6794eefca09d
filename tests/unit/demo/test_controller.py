"""The controller's answers are read right, and its error gate's evidence is told in odds."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from cli.asking.answers import Deployment
from local.demo.controller import Controller, ControllerFailed

TOLD: dict[str, Any] = {
    "deployment": "checkout:live#5",
    "phase": "SHIFTING",
    "artifact": "checkout/v5.zip",
    "artifact_version": "v",
    "canary": "5",
    "stable": "4",
    "cause": None,
    "reason": None,
    "timeline": [{"at": "2026-11-24T10:00:00+00:00", "text": "accepted"}],
}
JUDGED: dict[str, Any] = {
    "minutes": 4,
    "canary": {"invocations": 204, "errors": 9},
    "stable": {"invocations": 141, "errors": 0},
    "log_evidence": 2.485,
    "rolls_back_at": 4.605,
}


class Functions:
    """Lambda's Invoke, with one answer."""

    def __init__(self, answer: object, **more: str) -> None:
        self._answer = answer
        self._more = more
        self.asked: list[object] = []

    def invoke(self, *, FunctionName: str, Qualifier: str, Payload: str) -> dict[str, object]:  # noqa: N803
        self.asked.append((FunctionName, Qualifier, json.loads(Payload)))
        answer = {"ExecutedVersion": "1", "Payload": io.BytesIO(json.dumps(self._answer).encode())}
        return {**answer, **self._more}


def status(**changes: object) -> Deployment:
    functions = Functions({"ok": True, "open": {**TOLD, **changes}})
    found = Controller(functions, "slipway-controller").status()
    assert found is not None
    assert functions.asked == [
        ("slipway-controller", "live", {"request": "status", "function": "checkout", "alias": "live"})
    ]
    return found


def test_the_status_tells_the_deployment_and_its_timeline() -> None:
    found = status()
    assert (found.name, found.phase) == ("checkout:live#5", "SHIFTING")
    assert [entry.text for entry in found.timeline] == ["accepted"]


def test_before_the_first_deployment_there_is_no_status() -> None:
    unknown = {"ok": False, "error": "nobody knows checkout:live", "open": None, "newest": None}
    assert Controller(Functions(unknown), "slipway-controller").status() is None


def test_the_history_is_the_oldest_first() -> None:
    newest, oldest = TOLD, {**TOLD, "deployment": "checkout:live#2"}
    found = Controller(Functions({"ok": True, "deployments": [newest, oldest]}), "slipway-controller").history()
    assert [one.name for one in found] == ["checkout:live#2", "checkout:live#5"]


@pytest.mark.parametrize(
    "functions",
    [
        Functions({"ok": False, "error": "no such function"}),
        Functions({"errorType": "KeyError"}, FunctionError="Unhandled"),
    ],
)
def test_a_refusal_and_a_raise_are_failures_with_what_was_said(functions: Functions) -> None:
    with pytest.raises(ControllerFailed, match=r"no such function|KeyError"):
        Controller(functions, "slipway-controller").status()


@pytest.mark.parametrize(
    ("phase", "counts"),
    [
        ("SHIFTING", "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"),
        ("BAKING", "bake: v5 9 of 204 failed, v4 0 of 141 before, in 1 minute"),
        ("ROLLED_BACK", "judged: v5 9 of 204 failed, v4 0 of 141, in 4 minutes"),
    ],
)
def test_the_evidence_is_that_of_the_phase_and_at_the_end_that_of_the_shift(phase: str, counts: str) -> None:
    found = status(phase=phase, errors=JUDGED, errors_in_bake={**JUDGED, "minutes": 1})
    assert (found.counts, found.evidence and found.evidence.odds) == (
        counts,
        "evidence 12 to 1, rolls back at 100 to 1",
    )


def test_where_nothing_was_judged_there_is_no_evidence() -> None:
    found = status(errors=None)
    assert (found.evidence, found.counts) == (None, "")


def test_evidence_rolls_back_from_its_bar_on() -> None:
    logs = (-3.0, 4.605 / 2, 4.605, 99.0)
    seen = [status(errors={**JUDGED, "log_evidence": log}).evidence for log in logs]
    assert [(one.rolls_back, one.progress) for one in seen if one] == [(False, 0), (False, 0.5), (True, 1), (True, 1)]
