"""Makes SIGTERM and a closed terminal stop a program as Ctrl-C does, by unwinding.

Python dies on SIGTERM without running one ``finally``; what the program started would be left behind.

Note: raising KeyboardInterrupt in a signal handler is not enough. Where the signal finds Python in a destructor the
exception is printed and forgotten, and the program stays. Such a one is raised again a moment later.
"""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_SECONDS = 0.02
INTERRUPTED = 130


@contextmanager
def stopped_by_signals() -> Iterator[Callable[[], None]]:
    """Raises KeyboardInterrupt on a stopping signal, until the function it yields is called.

    From that call to the end of the block signals are ignored: an impatient second Ctrl-C must not cut a
    clean-up short. A signal that the user ignores (``nohup``) stays ignored. Does nothing outside the main
    thread: Python runs signal handlers in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = {number: signal.getsignal(number) for number in (*STOPPING, signal.SIGALRM)}
    heard = [number for number in STOPPING if before[number] is not signal.SIG_IGN]
    on_unraisable = sys.unraisablehook
    try:
        sys.unraisablehook = _again(on_unraisable)
        _handle(heard, _interrupt)
        yield lambda: _handle([*heard, signal.SIGALRM], signal.SIG_IGN)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = on_unraisable


def status_of(module: str) -> int:
    """Imports a module and calls its ``run``; returns that exit status, or 130 where a signal stopped either."""
    with stopped_by_signals():
        try:
            status: int = importlib.import_module(module).run()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            return INTERRUPTED
        return status


def _again(otherwise: Callable[[UnraisableHookArgs], object]) -> Callable[[UnraisableHookArgs], object]:
    def unraisable(swallowed: UnraisableHookArgs) -> None:
        if swallowed.exc_type is not KeyboardInterrupt:
            otherwise(swallowed)
            return
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)

    return unraisable


def _handle(numbers: list[signal.Signals], handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in numbers:
        signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
