"""Calls of a controller's adapters that go wrong, for scenarios over ``tests/fakes.py``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from controller.dispatch import Dispatcher


def fails(
    controller: Dispatcher, call: str, problem: BaseException, when: Callable[..., bool] = lambda *_: True
) -> None:
    """From now on ``call``, as in "aliases.read", fails in this controller, where ``when`` says so of its arguments."""

    def failing(carried_out: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if when(*arguments):
            raise problem
        return carried_out(*arguments, **named)

    instead(controller, call, failing)


def instead(controller: Dispatcher, call: str, answer: Callable[..., Any]) -> None:
    """From now on ``answer`` is asked for ``call``, and given the call itself to carry it out, or not."""
    name, _, method = call.partition(".")
    setattr(controller._aws, name, _Intercepted(getattr(controller._aws, name), method, answer))


class _Intercepted:
    def __init__(self, adapter: Any, method: str, answer: Callable[..., Any]) -> None:
        self._adapter, self._method, self._answer = adapter, method, answer

    def __getattr__(self, name: str) -> Any:
        carried_out = getattr(self._adapter, name)
        return partial(self._answer, carried_out) if name == self._method else carried_out
