"""Reads what a process writes, line by line, in a thread: a process that finds its pipe full would stop.

Note: a log need not end with a line's end. What a function wrote last, without one, stands before the mark on the same
line.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import IO

# How long the rest of a log may take once the answer is there; only a function that closed its own stderr
# needs it.
LOG_SECONDS = 1.0

Lines = queue.SimpleQueue[bytes | None]


def read(stream: IO[bytes] | None) -> Lines:
    """Returns the lines of ``stream`` as they come, and None after the last. Raises ValueError without a stream."""
    lines: Lines = queue.SimpleQueue()
    if stream is None:
        raise ValueError("the process was started without pipes")
    threading.Thread(target=_read, args=(stream, lines), daemon=True).start()
    return lines


def log_until(end: bytes | None, lines: Lines) -> str:
    """Returns the log up to the line ``end`` or, where the process has ended, to its last line."""
    log: list[bytes] = []
    deadline = time.monotonic() + LOG_SECONDS
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if line is None or line == end:
            break
        if end is not None and line.endswith(end):
            log.append(line.removesuffix(end))
            break
        log.append(line)
    return b"\n".join(log).decode(errors="replace")


def _read(stream: IO[bytes], lines: Lines) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip(b"\n"))
    lines.put(None)
