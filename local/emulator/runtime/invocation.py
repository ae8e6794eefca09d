"""Carries, from the request to the run and back, what MiniStack's functions have no parameter for.

Context variables, each set for the length of a ``with`` block:

- ``receiving``: any request to the embedded AWS is being answered, under this request id;
- ``using_the_api``: it is a request of the Lambda API, and not CloudFormation at work inside MiniStack;
- ``invoking``: a function is being invoked, under this request id;
- ``routing``: it is invoked through an alias, and this version was drawn for it;
- ``timing``: it runs, and who runs the handler says how long that took.

Note: a request may start invocations that are not its own, such as PutObject a notification's; so ``receiving`` is not
enough to name a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from local.emulator.rules.lambda_.references import Reference


@dataclass(frozen=True, slots=True)
class Routed:
    """An invocation through an alias, and the version drawn for it."""

    addressed: Reference
    version: str


@dataclass(slots=True)
class Clock:
    """How long the handler of one run took; None until it has run. It carries a value back, so it is not frozen."""

    seconds: float | None = None


_received: ContextVar[str | None] = ContextVar("lambda_received", default=None)
_using_the_api: ContextVar[bool] = ContextVar("lambda_using_the_api", default=False)
_invoked: ContextVar[str | None] = ContextVar("lambda_invoked", default=None)
_routed: ContextVar[Routed | None] = ContextVar("lambda_routed", default=None)
_clock: ContextVar[Clock | None] = ContextVar("lambda_clock", default=None)


def received() -> str | None:
    return _received.get()


def through_the_api() -> bool:
    return _using_the_api.get()


def invoked() -> str | None:
    return _invoked.get()


def routed() -> Routed | None:
    return _routed.get()


def handler_took(seconds: float) -> None:
    """Tells whoever times the run; nobody, where nobody does."""
    clock = _clock.get()
    if clock is not None:
        clock.seconds = seconds


@contextmanager
def receiving(request_id: str) -> Iterator[None]:
    token = _received.set(request_id)
    try:
        yield
    finally:
        _received.reset(token)


@contextmanager
def using_the_api() -> Iterator[None]:
    token = _using_the_api.set(True)
    try:
        yield
    finally:
        _using_the_api.reset(token)


@contextmanager
def invoking(request_id: str) -> Iterator[None]:
    token = _invoked.set(request_id)
    try:
        yield
    finally:
        _invoked.reset(token)


@contextmanager
def routing(invocation: Routed) -> Iterator[None]:
    token = _routed.set(invocation)
    try:
        yield
    finally:
        _routed.reset(token)


@contextmanager
def timing() -> Iterator[Clock]:
    clock = Clock()
    token = _clock.set(clock)
    try:
        yield clock
    finally:
        _clock.reset(token)
