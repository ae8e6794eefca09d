"""Makes every ordinary way of stopping a program, SIGTERM and a closed terminal too, end as Ctrl-C does: by unwinding.

Python dies on SIGTERM without running one ``finally``; what the program started would be left behind.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopped_by_signals() -> Iterator[Callable[[], None]]:
    """Raises KeyboardInterrupt on the first stopping signal, until the function it yields is called.

    From that call to the end of the block signals are ignored: an impatient second Ctrl-C must not cut a clean-up short.
    A signal that the user ignores (``nohup``) stays ignored. Does nothing outside the main thread: Python runs signal
    handlers in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = {number: signal.getsignal(number) for number in STOPPING}
    heard = [number for number in STOPPING if before[number] is not signal.SIG_IGN]
    try:
        for number in heard:
            signal.signal(number, _interrupt)
        yield lambda: _ignore(heard)
    finally:
        for number in heard:
            signal.signal(number, before[number])


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore(numbers: list[signal.Signals]) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)
