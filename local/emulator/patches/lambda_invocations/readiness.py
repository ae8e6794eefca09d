"""Refuses invocations of what cannot run: versions that are Pending, that Lambda cannot start, and that sleep.

MiniStack runs all of them. The rules are in ``rules.lambda_.starts`` and ``rules.lambda_.version_states``.

Rules of the file:
- the version is looked at that the alias has drawn, so this is installed before ``routing`` and asked after it;
- an event is accepted whatever will run it; its attempts are refused, and tried again (``asynchronous``);
- a version that sleeps wakes with the first invocation and is Active two of AWS's minutes later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patches.fault_injection import faults
from local.emulator.patches.lambda_invocations.routing import qualifier_of
from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.answers import Answer, Refusal
from local.emulator.rules.lambda_.references import LATEST
from local.emulator.rules.lambda_.starts import cannot_start, not_ready
from local.emulator.rules.lambda_.version_states import settled, sleeping, waking
from local.settings import Settings

Record = dict[str, Any]

WAKES_IN = timedelta(minutes=2)
_settings = Settings()


def install(settings: Settings) -> None:
    """Replaces MiniStack's Invoke by one that looks first."""
    global _settings
    _settings = settings
    replace(lambda_svc, "_invoke", ("name", "event", "headers", "path_qualifier", "query_params"), _invoke)


def refusal_of(record: Record) -> Refusal | None:
    """Returns what an invocation of this version, or of ``$LATEST``, is refused with; one that sleeps wakes by it."""
    config = record["config"]
    found = not_ready(config)
    if config.get("State") == "Inactive":
        _wake(record)
    refuses = faults.refusals.get(config.get("CodeSha256", ""))
    return found or (cannot_start(refuses) if refuses else None)


def sleep(account: str, region: str, name: str, version: str) -> None:
    """Lambda takes away what a version needs to run: nobody invoked it for weeks."""
    record = lambda_svc._functions.get_scoped(account, region, name)["versions"][version]
    record["config"] = sleeping(record["config"])


def stored(name: str, qualifier: str) -> Record | None:
    """Returns the record of a version, of an alias's own version, or of ``$LATEST``; None where there is none."""
    function: Record | None = lambda_svc._functions.get(name)
    if function is None or qualifier == LATEST:
        return function
    alias = function["aliases"].get(qualifier)
    number = alias["FunctionVersion"] if alias else qualifier
    found: Record | None = function if number == LATEST else function["versions"].get(number)
    return found


def _invoke(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @wraps(original)
    async def invoke(
        name: str,
        event: object,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, Any] | None = None,
    ) -> Answer:
        record = stored(name, qualifier_of(path_qualifier, headers, query_params) or LATEST)
        kind = headers.get("x-amz-invocation-type")
        found = None
        if record is not None and kind != "Event":
            found = not_ready(record["config"]) if kind == "DryRun" else refusal_of(record)
        if found is not None:
            return found.answer()
        return await original(name, event, headers, path_qualifier, query_params)

    return invoke


def _wake(record: Record) -> None:
    record["config"] = waking(record["config"])
    threading.Thread(target=_wait_and_wake, args=(record,), name="lambda-waking", daemon=True).start()


def _wait_and_wake(record: Record) -> None:
    time.sleep(_settings.scaled(WAKES_IN).total_seconds())
    record["config"] = settled(record["config"])
