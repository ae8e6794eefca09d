"""Records AWS/Lambda metrics for every run, whoever started it.

MiniStack records them in its Invoke API only, without Resource and ExecutedVersion, and counts an
asynchronous failure as no error. Its own emission is silenced; all runs pass ``_execute_function``, so one
place records them.

A handler that an environment of ours runs is timed there, so that its start does not count; of the other runtimes the
whole run is.

What a newcomer would get wrong: ``_execute_function`` calls itself again where the run belongs to another
account or region than the caller. Only the inner call is the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from local.gaps import lambda_invocations
from local.gaps.lambda_references import parse
from local.gaps.lambda_series import NAMESPACE, Run, milliseconds, points, series
from local.patching import replace
from local.settings import Settings

Record = dict[str, Any]

DEFAULT_TIMEOUT = 3
"""Seconds. Source: Lambda API reference, CreateFunction, Timeout, 2026-11."""


def install(settings: Settings) -> None:
    """Replaces MiniStack's metrics of Lambda."""
    replace(lambda_svc, "_emit_lambda_metrics", ("function_name", "duration_ms", "error", "throttle"), _silenced)
    replace(lambda_svc, "_execute_function", ("func", "event"), _measured)


def _silenced(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def emit(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        return None

    return emit


def _measured(original: Callable[[Record, object], Record]) -> Callable[[Record, object], Record]:
    @wraps(original)
    def execute(func: Record, event: object) -> Record:
        config = func.get("config") or func
        if lambda_svc._function_config_scope_mismatch(config):
            return original(func, event)
        began = time.monotonic()
        with lambda_invocations.timing() as handler:
            result = original(func, event)
        took = time.monotonic() - began if handler.seconds is None else handler.seconds
        _record(_run_of(config, result, took))
        return result

    return execute


def _run_of(config: Record, result: Record, seconds: float) -> Run:
    return Run(
        addressed=parse(config["FunctionArn"]),
        version=config.get("Version", "$LATEST"),
        failed=bool(result.get("error")),
        throttled=bool(result.get("throttle")),
        milliseconds=milliseconds(seconds, float(config.get("Timeout", DEFAULT_TIMEOUT))),
    )


def _record(run: Run) -> None:
    for dimensions in series(run):
        for point in points(run):
            cloudwatch.record_metric(NAMESPACE, point.metric, point.value, point.unit, dimensions)
