"""Makes a function's run look from outside and inside as it does in Lambda.

MiniStack ends the process after any exception, calls every error ``Runtime.HandlerError``, gives function and
caller two request ids, waits a fixed time for the log, and hands this machine's environment to the function.
Here Python functions get an environment of ours
(``runtime.environments``); MiniStack keeps the pool of them.

Note: a failed run comes back from the environment as an ordinary result that is a ``Failure``. MiniStack's own error
path would give it a wrong name.
"""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_ import failures
from local.emulator.rules.lambda_.answers import Answer
from local.emulator.rules.lambda_.failures import Failure
from local.emulator.runtime import invocation
from local.emulator.runtime.environments import Host, PythonEnvironment
from local.emulator.runtime.packages import Packages
from local.settings import Settings

Record = dict[str, Any]

_minute = 60.0
_LINEAGE = re.compile(r"Lineage=(\d+)")


def install(settings: Settings) -> None:
    """Replaces MiniStack's environments, the request id and the reading of results."""
    global _minute
    _minute = settings.minute
    request = ("method", "path", "headers", "body", "query_params", "request_id")
    replace(app, "_dispatch_service_request", request, _receive)
    replace(lambda_svc, "_invoke", ("name", "event", "headers", "path_qualifier", "query_params"), _invoke)
    dispatch = ("func", "config", "event", "request_id", "started")
    replace(lambda_svc, "_execute_function_dispatch", dispatch, _dispatch)
    replace(lambda_svc, "_execute_function_warm", ("func", "event", "request_id"), _execute)
    replace(lambda_runtime, "_worker_class_for", ("config",), _environment_for)
    replace(lambda_svc, "_throttle_response", ("reason_code", "msg", "retry_after"), _throttled)


def _receive(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @wraps(original)
    async def receive(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        request_id: str,
    ) -> Answer:
        with invocation.receiving(request_id):
            return await original(method, path, headers, body, query_params, request_id)

    return receive


def _invoke(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    @wraps(original)
    async def invoke(
        name: str,
        event: object,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, Any] | None = None,
    ) -> Answer:
        with invocation.invoking(invocation.received() or str(uuid.uuid4())):
            return await original(name, event, _with_depth(headers), path_qualifier, query_params)

    return invoke


def _with_depth(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Tells MiniStack how deep a chain of functions is, read from the trace header that boto3 sends along."""
    lineage = _LINEAGE.search(headers.get("x-amzn-trace-id", ""))
    return {**headers, lambda_svc._INVOKE_DEPTH_HEADER: lineage[1]} if lineage else headers


def _dispatch(original: Callable[..., Record]) -> Callable[..., Record]:
    @wraps(original)
    def dispatch(func: Record, config: Record, event: object, request_id: str, started: float) -> Record:
        return original(func, config, event, invocation.invoked() or request_id, started)

    return dispatch


def _execute(original: Callable[[Record, object, str], Record]) -> Callable[[Record, object, str], Record]:
    @wraps(original)
    def execute(func: Record, event: object, request_id: str) -> Record:
        config = func.get("config") or func
        if not func.get("code_zip"):
            return _failed(failures.without_code(config.get("Handler", "")), request_id, "")
        result = original(func, event, request_id)
        body = result.get("body")
        return _failed(body, request_id, result.get("log", "")) if isinstance(body, Failure) else result

    return execute


def _failed(failure: Failure, request_id: str, log: str) -> Record:
    """Returns a failed run as MiniStack passes it on; its log says what the function could not say itself."""
    lines = [log] if failure.stack_trace is not None else [log, f"{failure.message}\n{failure.error_type}"]
    return {
        "body": failure.document(request_id),
        "error": True,
        "function_error": "Unhandled",
        "log": "\n".join(line for line in lines if line),
    }


def _throttled(original: Callable[..., Record]) -> Callable[..., Record]:
    """Words a throttled request as Lambda does. Source: an answer of Lambda's in a log of API Gateway, 2018-07, and the
    same one in the tests of erlcloud.
    """

    @wraps(original)
    def throttled(reason_code: str, msg: str, retry_after: int = 1) -> Record:
        answer = original(reason_code, msg, retry_after)
        return {**answer, "body": {**answer["body"], "Type": "User", "message": "Rate Exceeded."}}

    return throttled


def _environment_for(
    original: Callable[[Record], Callable[..., Any]],
) -> Callable[[Record], Callable[..., Any]]:
    @wraps(original)
    def environment_for(config: Record) -> Callable[..., Any]:
        has_snapshot = (config.get("SnapStart") or {}).get("OptimizationStatus") == "On"
        if not str(config.get("Runtime", "")).startswith("python") or has_snapshot:
            return original(config)
        return partial(_new_environment, _HOST)

    return environment_for


def _new_environment(host: Host, func_name: str, config: Record, code_zip: bytes) -> PythonEnvironment:
    return PythonEnvironment(host, config, code_zip)


def _start(arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Starts a process by MiniStack's own module, where the launcher counts processes."""
    process: subprocess.Popen[bytes] = lambda_runtime.subprocess.Popen(arguments, **options)
    return process


def _new_folder() -> str:
    folder: str = lambda_runtime.tempfile.mkdtemp(prefix="package-")
    return folder


def _region_of(config: Mapping[str, Any]) -> str:
    region: str = lambda_runtime._account_region_from_function_config(config)[1]
    return region


def _layers_of(config: Mapping[str, Any]) -> list[bytes]:
    layers = (lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or ())
    return [layer for layer in layers if layer]


def _endpoint() -> str:
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


_HOST = Host(
    start=_start,
    extracted=Packages(_new_folder).extracted,
    region_of=_region_of,
    credentials_of=lambda_runtime.execution_credentials,
    layers_of=_layers_of,
    endpoint=_endpoint,
    minute=lambda: _minute,
)
