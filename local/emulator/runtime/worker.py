"""Runs one function's handler, again and again, in a process of its own.

This file is a program and not a module: ``environments`` starts it with Python's standard library and
writes to it.

    stdin   one JSON line of settings, then one per invocation
    stdout  one JSON line per answer
    stderr  the function's log; after each invocation the line LOG_END + request id

Rules of the file:
- whatever the function prints, its children and C code included, goes to the log and never into an answer;
- an exception is an answer: the process lives on, as Lambda keeps a warm environment after a handler's
  exception;
- when stdin ends, the embedded AWS is gone and so is this process, in the middle of an invocation too.
"""

from __future__ import annotations

import errno
import importlib
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import Any

LOG_END = "\0end "

Handler = Callable[[Any, "Context"], Any]


class HandlerUnusable(Exception):
    """The handler cannot be loaded; ``args`` are Lambda's name of the error and its text."""


class Context:
    """The second argument of a handler.

    Source: developer guide, "Using the Lambda context object to retrieve Python function information", 2023-10.
    """

    identity = None
    client_context = None

    def __init__(self, invocation: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = str(invocation["function_arn"])
        self.aws_request_id = str(invocation["request_id"])
        self._deadline = float(invocation["deadline"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))


class LogFormat(logging.Formatter):
    """Lambda's own format of a log line: ``[WARNING]`` tab time tab request id tab message."""

    converter = staticmethod(time.gmtime)
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        record.aws_request_id = self.request_id
        return super().format(record)


def main() -> None:
    requests, answers = _private_streams()
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, lines), daemon=True).start()
    log_format = _log_to_stdout()
    settings = json.loads(lines.get())
    _keep_closed(settings["closed"])
    try:
        handler = _load(settings)
    except Exception as error:  # noqa: BLE001 - the function's own code may raise anything
        _answer(answers, _report(error))
        return
    _answer(answers, b'{"ready": true}')
    while True:
        invocation = json.loads(lines.get())
        log_format.request_id = invocation["request_id"]
        answer = _run(handler, invocation)
        _end_log(invocation["request_id"])
        _answer(answers, answer)


def _private_streams() -> tuple[int, int]:
    """Keeps stdin and stdout for this program; the function reads nothing, and prints to the log."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    return requests, answers


def _receive(requests: int, lines: SimpleQueue[bytes]) -> None:
    for line in _lines(requests):
        lines.put(line)
    os._exit(0)


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yields lines without a buffered reader: a daemon thread inside one can crash Python's exit."""
    received = bytearray()
    while chunk := os.read(descriptor, 1 << 16):
        received += chunk
        if b"\n" in chunk:
            *whole, rest = bytes(received).split(b"\n")
            received = bytearray(rest)
            yield from whole


def _log_to_stdout() -> LogFormat:
    log_format = LogFormat(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    to_stdout = logging.StreamHandler(sys.stdout)
    to_stdout.setFormatter(log_format)
    logging.getLogger().addHandler(to_stdout)
    return log_format


def _keep_closed(paths: list[str]) -> None:
    """Refuses what Lambda's user could not read: files and folders whose modes are for their owner alone.

    This process may be root, or own them, so the system lets it read them.
    """
    if paths:
        folders = tuple(f"{path}/" for path in paths)

        def look(event: str, about: tuple[Any, ...]) -> None:
            if event in ("open", "os.listdir", "os.scandir") and isinstance(about[0], str):
                path = os.path.realpath(about[0])
                if f"{path}/".startswith(folders):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), about[0])

        sys.addaudithook(look)


def _load(settings: dict[str, Any]) -> Handler:
    sys.path[0:0] = settings["paths"]
    module_name, dot, name = settings["handler"].rpartition(".")
    if not dot:
        text = f"Bad handler '{settings['handler']}': not enough values to unpack (expected 2, got 1)"
        raise HandlerUnusable("Runtime.MalformedHandlerName", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise HandlerUnusable(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        raise HandlerUnusable(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}"
        ) from error
    try:
        handler: Handler = getattr(module, name)
    except AttributeError as error:
        text = f"Handler '{name}' missing on module '{module_name}'"
        raise HandlerUnusable("Runtime.HandlerNotFound", text) from error
    return handler


def _run(handler: Handler, invocation: dict[str, Any]) -> bytes:
    os.environ["_X_AMZN_TRACE_ID"] = invocation["trace_id"]
    try:
        result = handler(invocation["event"], Context(invocation))
    except Exception as error:  # noqa: BLE001 - likewise
        return _report(error)
    try:
        return b'{"result": %s}' % json.dumps(result).encode()
    except (TypeError, ValueError) as error:
        return _report(HandlerUnusable("Runtime.MarshalError", f"Unable to marshal response: {error}"))


def _report(error: Exception) -> bytes:
    """Returns the exception as an answer, and writes it to the log as Lambda does."""
    if isinstance(error, HandlerUnusable):
        name, message = error.args
        trace: list[str] = []
    else:
        name, message = type(error).__name__, str(error)
        trace = _trace(error.__traceback__)
    sys.stdout.write(f"[ERROR] {name}: {message}\nTraceback (most recent call last):\n{''.join(trace)}\n")
    return json.dumps({"error": {"error_type": name, "message": message, "stack_trace": trace}}).encode()


def _trace(raised: TracebackType | None) -> list[str]:
    """Returns the function's own frames, in the form of a printed traceback."""
    frames = traceback.extract_tb(raised)
    return traceback.format_list([frame for frame in frames if frame.filename not in (__file__, importlib.__file__)])


def _end_log(request_id: str) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.write(2, f"{LOG_END}{request_id}\n".encode())


def _answer(answers: int, answer: bytes) -> None:
    rest = memoryview(answer + b"\n")
    while rest:
        rest = rest[os.write(answers, rest) :]


if __name__ == "__main__":
    main()
