"""Holds one execution environment: a process that runs one version of a function, one invocation at a time.

Rules of the file:
- an environment outlives a handler's exception; a time-out, an exit and a failed import end it, and the next
  invocation starts anew;
- the log of an invocation is complete when ``invoke`` returns, and nothing waits a fixed time for it;
- a start is cheap: the package is extracted already, and imported modules are compiled already, where another
  environment came before.

Note: MiniStack keeps these objects in its pool and reaches into them. ``_proc``, ``_lock``, ``in_use``, ``last_used``,
``config`` and ``_discard_tmpdir`` are names of that pool.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.emulator.rules.lambda_ import failures
from local.emulator.rules.lambda_.failures import Failure
from local.emulator.runtime import invocation, lines
from local.emulator.runtime.cold_starts import Place
from local.emulator.runtime.lines import Lines
from local.emulator.runtime.packages import closed
from local.emulator.runtime.variables import variables
from local.emulator.runtime.worker import LOG_END

PROGRAM = Path(__file__).with_name("worker.py")

# Lambda gives an initialization ten seconds. Source: developer guide, "Lambda execution environment
# lifecycle", 2023-10.
INITIALIZATION_SECONDS = 10.0


class InitializationFailed(Exception):
    """The environment could not load the function. ``args`` are the failure and the log up to it."""


@dataclass(frozen=True, slots=True)
class Host:
    """What an environment needs of the embedded AWS around it.

    ``extracted`` gives the folder with the contents of packages, each over the ones before it.
    """

    start: Callable[..., subprocess.Popen[bytes]]
    extracted: Callable[[Sequence[bytes]], Path]
    region_of: Callable[[Mapping[str, Any]], str]
    credentials_of: Callable[[Mapping[str, Any]], Mapping[str, str]]
    layers_of: Callable[[Mapping[str, Any]], Sequence[bytes]]
    endpoint: Callable[[], str]
    minute: Callable[[], float] = lambda: 60.0


class PythonEnvironment:
    """One process. ``code`` is the function's package; nothing runs before the first ``invoke``."""

    def __init__(self, host: Host, config: dict[str, Any], code: bytes) -> None:
        self.config = config
        self.in_use = False
        self.last_used = time.time()
        self._host = host
        self._code = code
        self._lock = threading.Lock()
        self._proc: subprocess.Popen[bytes] | None = None
        self._place: Place | None = None
        self._answers: Lines = queue.SimpleQueue()
        self._log: Lines = queue.SimpleQueue()

    @property
    def is_ready(self) -> bool:
        """Says whether the next invocation finds a process, or must start one."""
        process = self._proc
        return process is not None and process.poll() is None

    def starts_in(self, place: Place | None) -> None:
        """Gives the environment the place that its next start needs; the start frees it."""
        self._place = place

    def invoke(
        self,
        event: object,
        request_id: str,
        *,
        trace_id: str | None = None,
        depth: int | None = None,
        durable: Mapping[str, str] | None = None,  # noqa: ARG002 - the pool passes it
        invoked_function_arn: str | None = None,
    ) -> dict[str, Any]:
        """Runs the handler once, as MiniStack's pool expects: ``{"status": "ok", "result": ..., "log":
        "..."}``.

        A failed run has a ``Failure`` as its result; see ``patches.lambda_invocations.runs`` for the reader of it.
        """
        with self._lock:
            cold = self._proc is None or self._proc.poll() is not None
            try:
                process = self._start() if cold or self._proc is None else self._proc
            except InitializationFailed as failed:
                result, log = failed.args
            else:
                began = time.monotonic()
                self._send(process, self._invocation(event, request_id, invoked_function_arn, trace_id, depth))
                result = self._result(process, request_id)
                invocation.handler_took(time.monotonic() - began)
                log = lines.log_until(f"{LOG_END}{request_id}".encode(), self._log)
            return {"status": "ok", "result": result, "log": log, "cold_start": cold}

    def kill(self) -> None:
        """Ends the process, if any. The next invocation starts another."""
        process, self._proc = self._proc, None
        if process is not None:
            process.kill()
            process.wait()

    def _discard_tmpdir(self) -> None:
        """An environment has no files of its own; its package is everybody's."""

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = self._process()
            self._await_ready(process)
        finally:
            place, self._place = self._place, None
            if place is not None:
                place.free()
        return process

    def _process(self) -> subprocess.Popen[bytes]:
        task_root, layers = self._host.extracted([self._code]), self._host.layers_of(self.config)
        copies = [task_root, *([self._host.extracted(layers)] if layers else [])]
        paths = _paths(*copies)
        process = self._host.start(
            [sys.executable, "-P", str(PROGRAM)],
            cwd=task_root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._variables(task_root),
        )
        self._proc = process
        self._answers, self._log = lines.read(process.stdout), lines.read(process.stderr)
        unreadable = [path for copy in copies for path in closed(copy)]
        self._send(process, {"handler": self.config.get("Handler", ""), "paths": paths, "closed": unreadable})
        return process

    def _variables(self, task_root: Path) -> dict[str, str]:
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{self.config.get('Version', '$LATEST')}]{uuid.uuid4().hex}"
        return variables(
            self.config,
            region=self._host.region_of(self.config),
            credentials=self._host.credentials_of(self.config),
            endpoint=self._host.endpoint(),
            task_root=task_root,
            log_stream=stream,
            minute=self._host.minute(),
        )

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        answer = self._answer(process, "initialization", INITIALIZATION_SECONDS + self._timeout)
        if isinstance(answer, Failure):
            self.kill()
            raise InitializationFailed(answer, lines.log_until(None, self._log))

    def _invocation(
        self, event: object, request_id: str, arn: str | None, trace_id: str | None, depth: int | None
    ) -> dict[str, Any]:
        return {
            "event": event,
            "request_id": request_id,
            "function_arn": arn or self.config["FunctionArn"],
            "deadline": time.time() + self._timeout,
            "trace_id": _trace_header(trace_id, depth),
        }

    def _result(self, process: subprocess.Popen[bytes], request_id: str) -> object:
        answer = self._answer(process, request_id, self._timeout)
        return answer if isinstance(answer, Failure) else answer.get("result")

    def _answer(self, process: subprocess.Popen[bytes], request_id: str, seconds: float) -> dict[str, Any] | Failure:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.kill()
            return failures.timed_out(request_id, self._timeout)
        if line is None:
            return failures.exited(request_id, process.wait())
        answer: dict[str, Any] = json.loads(line)
        return failures.raised(answer["error"]) if "error" in answer else answer

    def _send(self, process: subprocess.Popen[bytes], message: Mapping[str, Any]) -> None:
        """Writes a message. A process that has ended is noticed where its answer is awaited."""
        if process.stdin is None:
            raise ValueError("the process was started without a pipe to its stdin")
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return

    @property
    def _timeout(self) -> float:
        return float(self.config.get("Timeout", 3))


def _paths(task_root: Path, layers: Path | None = None) -> list[str]:
    """Returns where Python looks first, in Lambda's order: the package, then the layers."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    of_layers = [] if layers is None else [layers / "python" / "lib" / version / "site-packages", layers / "python"]
    return [str(place) for place in (task_root, *of_layers) if place.is_dir()]


def _trace_header(trace_id: str | None, depth: int | None) -> str:
    """Returns the value of _X_AMZN_TRACE_ID, which boto3 sends along with every call that the function makes.

    Its Lineage is how Lambda counts the hops of a recursive loop.
    ``patches.lambda_invocations.runs`` reads it.
    """
    root = trace_id or f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"
    return f"{root};Lineage={depth or 0}"
