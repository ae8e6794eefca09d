"""L8: what the controller's role may do, asked by a function that has it."""

from __future__ import annotations

import json
from typing import Any

from live.outcomes import Finding
from live.probe import Probe, probe, zipped
from live.run import Run
from live.waiting import Steps, Waiting

_WORDS = 160
"""How many letters of AWS's own words the table has room for."""


def steps(run: Run) -> Steps:
    """Deletes a version that nothing uses, and tries to write a setting of the controller that it has already."""
    caller = yield from made_caller(run, "l8-caller")
    function = yield from probe(run, "l8")
    function.point((yield from function.publish("second")))
    refused = called(caller, "delete_function", FunctionName=function.name, Qualifier="1")
    yield Finding("L8a", in_words(refused), as_expected=refused is None)
    controller = Probe(run, run.stack["ControllerName"])
    # The same number again: where AWS allows it, nothing has changed.
    same = {"FunctionName": f"{controller.name}:$LATEST", "Timeout": controller.state()["Timeout"]}
    refused = called(caller, "update_function_configuration", **same)
    yield Finding("L8b", in_words(refused), as_expected=refused is not None)


def made_caller(run: Run, suffix: str) -> Waiting[Probe]:
    """Makes a function that calls AWS with the controller's role, whichever name that has."""
    role = Probe(run, run.stack["ControllerName"]).state()["Role"]
    caller = Probe(run, f"{run.name}-{suffix}")
    yield from caller.create(zipped("caller"), role, Timeout=60, MemorySize=512)
    return caller


def called(caller: Probe, operation: str, **parameters: Any) -> str | None:
    """Has the caller ask Lambda for something; returns AWS's refusal, None where it is done."""
    payload = json.dumps({"service": "lambda", "operation": operation, "parameters": parameters})
    answer = json.load(caller.call("invoke", Payload=payload)["Payload"])
    if "refused" not in answer:
        return f"the caller failed: {answer}"
    refused: str | None = answer["refused"]
    return refused


def in_words(refused: str | None) -> str:
    """Returns "allowed", or the beginning of a refusal."""
    return "allowed" if refused is None else f"refused: {refused[:_WORDS]}"
