"""Runs the old code of ``$LATEST`` until its update is over.

MiniStack runs the new code as soon as an update is accepted. Source: developer guide, "Lambda function states",
2023-10: while an update is in progress, invocations use the previous code and configuration.

Note: CloudFormation waits in AWS until its update is over; here, where it does not wait, its updates are over at once,
so for them nothing is remembered.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.references import LATEST
from local.emulator.runtime import invocation
from local.settings import Settings

Record = dict[str, Any]

# What an update replaces, kept in the function's record until the update is over.
_REPLACED = "replaced_by_update"


def install(settings: Settings) -> None:
    replace(lambda_svc, "_execute_function_with_config_scope", ("func", "event"), _execute)


def as_it_is(function: Record) -> Record | None:
    """Returns what an update of the API is about to replace; None for one of CloudFormation."""
    if not invocation.through_the_api():
        return None
    return {"config": copy.deepcopy(function["config"]), "code_zip": function.get("code_zip")}


def begin(function: Record, replaced: Record | None) -> None:
    """Lets invocations run what is replaced."""
    if replaced is not None:
        function[_REPLACED] = replaced


def end(function: Record) -> None:
    """Lets invocations run what is there."""
    function.pop(_REPLACED, None)


def _execute(original: Callable[[Record, object], Record]) -> Callable[[Record, object], Record]:
    @wraps(original)
    def execute(func: Record, event: object) -> Record:
        return original(_running(func), event)

    return execute


def _running(record: Record) -> Record:
    config, replaced = record.get("config") or {}, record.get(_REPLACED)
    if replaced is None or config.get("Version") != LATEST:
        return record
    before = {**replaced["config"], "FunctionArn": config["FunctionArn"]}
    return {**record, "code_zip": replaced["code_zip"], "config": before}
