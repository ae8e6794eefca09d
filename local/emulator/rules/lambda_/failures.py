"""Says how a run failed, in Lambda's own names and texts.

Source: developer guide, "Handle errors in Lambda functions" and the Python runtime's behaviour as documented
in "Lambda function errors in Python", 2023-10.

Note: ``errorType`` of a handler's exception is the exception's own class name; ``Runtime.`` and ``Sandbox.`` names are
for what the handler itself did not raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure. ``stack_trace`` is None where there was no Python exception to trace."""

    error_type: str
    message: str
    stack_trace: tuple[str, ...] | None = None

    def document(self, request_id: str) -> dict[str, Any]:
        """Returns the payload that the caller gets."""
        named: dict[str, Any] = {"errorMessage": self.message, "errorType": self.error_type}
        if self.stack_trace is None:
            return named
        return {**named, "requestId": request_id, "stackTrace": list(self.stack_trace)}


def raised(report: Mapping[str, Any]) -> Failure:
    """Reads what a function's process reports of an exception."""
    return Failure(report["error_type"], report["message"], tuple(report["stack_trace"]))


def timed_out(request_id: str, seconds: float) -> Failure:
    return Failure("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds")


def exited(request_id: str, status: int) -> Failure:
    """Says that the process ended by itself. ``status`` is negative where a signal ended it."""
    if status == 0:
        why = "Runtime exited without providing a reason"
    elif status > 0:
        why = f"Runtime exited with error: exit status {status}"
    else:
        why = f"Runtime exited with error: signal: {_SIGNALS.get(-status, -status)}"
    return Failure("Runtime.ExitError", f"RequestId: {request_id} Error: {why}")


def without_code(handler: str) -> Failure:
    """Says that there is no package to import the handler from, as an empty package would."""
    module = handler.rpartition(".")[0] or handler
    message = f"Unable to import module '{module}': No module named '{module}'"
    return Failure("Runtime.ImportModuleError", message, ())


_SIGNALS = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}
