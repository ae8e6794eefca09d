"""Many functions in one AWS in memory, each with deployment 42 at its first step, and one tick over all of them.

Version 3 has 10 % over version 2, and the hold of the step is over.

Note: nothing is played here, as in a story; functions, aliases and rows are put there, so that hundreds of them cost a
second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from controller.aws.lambda_.budget import COUNTED
from controller.core.model import Phase
from controller.dispatch import Dispatcher
from tests.builders import ROUTINGS, after
from tests.cloud.cloud import Cloud
from tests.cloud.controllers import TODAY, dispatcher
from tests.cloud.faults import Call, Json
from tests.cloud.story import INVOCATION_LASTS, SETTINGS
from tests.cloud.under_way import under_way

_DUE = after(minutes=5)
"""All at the same time, those that roll back too: nobody is first because of that."""
_COUNTED = frozenset(name.replace("_", "") for name in COUNTED)


def shifting(functions: Iterable[str], rolling_back: Iterable[str] = ()) -> Cloud:
    """Returns an AWS with these functions. The record of those that are ``rolling_back`` says so; nobody has written
    their aliases yet.
    """
    cloud = Cloud()
    cloud.callers.clear()
    for function in functions:
        under_way(cloud, function, due=_DUE)
    for function in rolling_back:
        under_way(cloud, function, Phase.ROLLING_BACK, due=_DUE, carries=ROUTINGS[Phase.SHIFTING])
    cloud.advance(timedelta(minutes=5))
    return cloud


def controller(cloud: Cloud, calls_per_second: int = SETTINGS.lambda_calls_per_second) -> Dispatcher:
    """Returns a controller that has just started and has that budget."""
    made: Dispatcher = dispatcher(TODAY, cloud, replace(SETTINGS, lambda_calls_per_second=calls_per_second))
    return made


def hears(cloud: Cloud, event: Json, by: Dispatcher | None = None) -> list[Call]:
    """A controller handles an event; returns the calls that count for its budget. Raises what the controller raises.

    ``by`` None is one that has just started.
    """
    first, ends_at = len(cloud.calls), cloud.clock.now + INVOCATION_LASTS
    cloud.clock.ends_at = ends_at
    try:
        (by or controller(cloud)).dispatch(event, lambda: ends_at - cloud.clock.now)
    finally:
        cloud.clock.ends_at = None
    return counted(cloud.calls[first:])


def counted(calls: Iterable[Call]) -> list[Call]:
    """Returns those of the calls that share the control plane's 15 a second."""
    return [call for call in calls if is_counted(call)]


class _Named(Protocol):
    """A call, or an attempt of one."""

    @property
    def service(self) -> str: ...
    @property
    def operation(self) -> str: ...


def is_counted(call: _Named) -> bool:
    """Does the call share the control plane's 15 a second?"""
    return call.service == "lambda" and call.operation.lower() in _COUNTED


def in_busiest_second(calls: Iterable[Call]) -> int:
    """Returns how many calls began in the second in which the most did."""
    began = [call.at for call in calls]
    second = timedelta(seconds=1) - timedelta(milliseconds=1)  # the clock is read and set to the microsecond
    return max((sum(at <= other < at + second for other in began) for at in began), default=0)
