"""Does every part of an event, even after a failed one: one target's trouble never keeps back the next target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import TypeVar

from controller.core.model import Throttled, Transient

Found = TypeVar("Found")
_NOTHING: Mapping[str, object] = {}


class LooksFailed(Transient):
    """Some parts of an event failed; ``__cause__`` is the first one's error, of AWS or of the controller itself.

    ``line`` has the counts that the log would have had, for the metrics: a failed tick counts rollbacks, too.
    """

    def __init__(self, problem: str, line: Mapping[str, object]) -> None:
        super().__init__(problem)
        self.line = line


def attempt(parts: Iterable[Callable[[], Found]]) -> tuple[list[Found], list[Exception]]:
    """Calls every part, even after a failed one; returns the results and the errors."""
    found: list[Found] = []
    failed: list[Exception] = []
    for part in parts:
        try:
            found.append(part())
        except Exception as problem:  # noqa: BLE001 - any error of one target must not keep back the next target
            failed.append(problem)
    return found, failed


def raise_first(failed: list[Exception], done: Sized, line: Mapping[str, object] = _NOTHING) -> None:
    """Raises LooksFailed if a part failed, so that the platform tries again."""
    if failed:
        looks = len(failed) + len(done)
        raise LooksFailed(f"{len(failed)} of {looks} looks failed, the first: {failed[0]}", line) from failed[0]


def is_throttled(problem: Exception) -> bool:
    """Is it one call too many, of Slipway's own budget or of the account's?"""
    return isinstance(problem, Throttled) or isinstance(problem.__cause__, Throttled)
