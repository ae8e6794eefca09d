"""A story whose controller is reached through its one door: ``app.handler``, with all that it logs.

Note: the door belongs to the process and the story does not, so what was logged is kept in ``Log`` and not in the
story.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from controller import app
from controller.dispatch import Dispatcher, Outcome
from tests.cloud.faults import Json
from tests.cloud.story import Story

_LIBRARIES = ("boto", "urllib3", "s3transfer", "hypothesis")


class Context:
    """What Lambda gives beside the event."""

    function_name = "slipway-controller"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:slipway-controller:live"
    aws_request_id = "request-1"

    def __init__(self, time_left: Callable[[], timedelta]) -> None:
        self._time_left = time_left

    def get_remaining_time_in_millis(self) -> int:
        return int(self._time_left() / timedelta(milliseconds=1))


class Log:
    """Everything that was logged while it was kept, by whomever and at any level, as it is written down."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    @property
    def lines(self) -> list[Json]:
        """What the controller logged: a line of JSON each."""
        return [json.loads(line) for line in self.text.getvalue().splitlines() if line.startswith("{")]


@contextmanager
def kept(level: int = logging.INFO) -> Iterator[Log]:
    """Keeps the log for as long as the block lasts. At DEBUG also all that anybody else logs here, but for boto3's own
    libraries: they write down whatever is sent, and nobody turns that on by Slipway's settings.
    """
    log = Log()
    stream = cast("logging.StreamHandler[Any]", app._LOGGER.registered_handler)
    others = logging.StreamHandler(log.text)
    others.addFilter(lambda record: not record.name.startswith(_LIBRARIES))
    root, before, level_before = logging.getLogger(), stream.setStream(log.text), logging.getLogger().level
    if level <= logging.DEBUG:
        root.addHandler(others)
        root.setLevel(level)
        app._LOGGER.setLevel(level)
    try:
        yield log
    finally:
        stream.setStream(before)
        root.removeHandler(others)
        root.setLevel(level_before)
        app._LOGGER.setLevel(logging.INFO)


class AtTheDoor(Story):
    """A story like any other; only what the controller says of itself is written into the log that is kept."""

    def _whose_turn_it_is(self) -> Dispatcher:
        return through(super()._whose_turn_it_is())


def through(behind: Dispatcher) -> Dispatcher:
    """Returns what dispatches as that one does, only through the door."""
    return cast("Dispatcher", _Door(behind))


class _Door:
    def __init__(self, behind: Dispatcher) -> None:
        self._behind = behind
        self._outcomes: list[Outcome] = []

    def dispatch(self, event: object, time_left: Callable[[], timedelta]) -> list[Outcome]:
        before = app._dispatcher
        app._dispatcher = cast("Any", lambda: self._Kept(self))
        try:
            app.handler(cast("Any", event), cast("Any", Context(time_left)))
        finally:
            app._dispatcher = before
        return self._outcomes

    class _Kept:
        def __init__(self, door: _Door) -> None:
            self._door = door

        def dispatch(self, event: object, time_left: Callable[[], timedelta]) -> list[Outcome]:
            self._door._outcomes = self._door._behind.dispatch(event, time_left)
            return self._door._outcomes

        @property
        def calls(self) -> int:
            return self._door._behind.calls
