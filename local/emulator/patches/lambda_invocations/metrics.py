"""Records AWS/Lambda metrics for every run, whoever started it.

MiniStack records them in its Invoke API only, without Resource and ExecutedVersion, and counts an
asynchronous failure as no error. Its own emission is silenced; all runs pass ``_execute_function``, so one
place records them.

A handler that an environment of ours runs is timed there, so that its start does not count; of the other runtimes the
whole run is.

Note: ``_execute_function`` calls itself again where the run belongs to another account or region than the caller. Only
the inner call is the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace as replaced
from functools import wraps
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from local.emulator.patches.fault_injection import faults
from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.metric_points import NAMESPACE, Run, milliseconds, points, series
from local.emulator.rules.lambda_.references import parse
from local.emulator.runtime import invocation
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
        by_version, stamp, began = _has_series_by_version(config), time.time(), time.monotonic()
        with invocation.timing() as handler:
            result = original(func, event)
        took = time.monotonic() - began if handler.seconds is None else handler.seconds
        _record(replaced(_run_of(config, result, took), by_version=by_version), stamp)
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


def _has_series_by_version(config: Record) -> bool:
    """Asked as the run begins, for the alias may have other weights when it ends."""
    addressed = parse(config["FunctionArn"])
    function = lambda_svc._functions.get(addressed.name)
    alias = function["aliases"].get(addressed.qualifier) if function else None
    weights = ((alias or {}).get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    return bool(weights) or addressed.name not in faults.by_version_with_weights_only


def _record(run: Run, began: float) -> None:
    """Writes the points of a run that has just ended. ``record_metric`` would stamp them with the time of now."""
    for dimensions in series(run):
        for point in points(run):
            bucket = cloudwatch._metric_bucket((NAMESPACE, point.metric, cloudwatch._dims_key(dimensions)))
            bucket.append({
                "Timestamp": began, "Sent": time.time(), "Value": point.value, "Unit": point.unit,
                "Dimensions": dict(dimensions),
            })  # fmt: skip
