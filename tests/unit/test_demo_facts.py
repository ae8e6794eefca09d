"""What AWS answers after the story is read right."""

from __future__ import annotations

import io
import json

import pytest

from local.demo.controller import Controller, ControllerFailed

TOLD = {
    "deployment": "checkout:live#3",
    "phase": "ROLLED_BACK",
    "artifact": "checkout/v3.zip",
    "artifact_version": "v3",
    "canary": "3",
    "cause": "alarm",
    "reason": "alarm slipway/checkout/live/3 is firing",
    "timeline": [{"at": "2026-11-24T10:00:00+00:00", "text": "accepted"}],
}
JUDGED = {
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


def test_the_status_is_asked_of_the_controllers_live_alias() -> None:
    functions = Functions({"ok": True, "deployment": TOLD})
    Controller(functions, "slipway-controller").status()
    expected = {"request": "status", "function": "checkout", "alias": "live"}
    assert functions.asked == [("slipway-controller", "live", expected)]


def test_the_status_tells_the_deployment_and_its_timeline() -> None:
    found = Controller(Functions({"ok": True, "deployment": TOLD}), "slipway-controller").status()
    assert found is not None
    assert (found.name, found.phase, found.timeline) == ("checkout:live#3", "ROLLED_BACK", ("accepted",))


@pytest.mark.parametrize(
    ("phase", "minutes"), [("SHIFTING", 4), ("ROLLING_BACK", 4), ("BAKING", 1), ("SUCCEEDED", 4), ("ROLLED_BACK", 4)]
)
def test_the_evidence_is_that_of_the_phase_and_at_the_end_that_of_the_shift(phase: str, minutes: int) -> None:
    told = {**TOLD, "phase": phase, "stable": "2", "errors": JUDGED, "errors_in_bake": {**JUDGED, "minutes": 1}}
    found = Controller(Functions({"ok": True, "deployment": told}), "slipway-controller").status()
    assert found is not None and found.evidence is not None
    assert (found.stable, found.evidence.minutes, found.evidence.in_bake) == ("2", minutes, phase == "BAKING")


def test_where_nothing_was_judged_there_is_no_evidence() -> None:
    told = {**TOLD, "errors": None, "errors_in_bake": None}
    found = Controller(Functions({"ok": True, "deployment": told}), "slipway-controller").status()
    assert found is not None and found.evidence is None


def test_before_the_first_deployment_there_is_no_status() -> None:
    assert Controller(Functions({"ok": True, "open": False}), "slipway-controller").status() is None


def test_the_history_is_the_oldest_first() -> None:
    newest, oldest = TOLD, {**TOLD, "deployment": "checkout:live#2"}
    found = Controller(Functions({"ok": True, "deployments": [newest, oldest]}), "slipway-controller").history()
    assert [one.name for one in found] == ["checkout:live#2", "checkout:live#3"]


@pytest.mark.parametrize("phase", ["SUCCEEDED", "ROLLED_BACK", "FAILED"])
def test_a_deployment_has_ended_in_each_of_the_three_ends(phase: str) -> None:
    found = Controller(Functions({"ok": True, "deployment": {**TOLD, "phase": phase}}), "c").status()
    assert found is not None and found.has_ended


def test_a_deployment_that_goes_back_has_not_ended() -> None:
    found = Controller(Functions({"ok": True, "deployment": {**TOLD, "phase": "ROLLING_BACK"}}), "c").status()
    assert found is not None and not found.has_ended


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
