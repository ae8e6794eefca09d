"""Serves one ASGI application in a thread until told to stop.

The listening socket is made by the caller, so the port is known, and held, before the application is
imported.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

START_SECONDS = 30.0
STOP_SECONDS = 10.0
HEALTH = "/_ministack/health"


class NotServing(RuntimeError):
    """The server did not come up."""


class ServingThread:
    """The thread and its server. ``stop`` may be called at any time, more than once, also without a start."""

    def __init__(self, application: Any, listener: socket.socket) -> None:
        self._application = application
        self._address: tuple[str, int] = listener.getsockname()
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="embedded-aws", daemon=True)
        self._failure: BaseException | None = None

    def start_and_wait(self) -> None:
        """Starts serving and returns when the application answers. Raises NotServing with the cause."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self._thread.is_alive():
                raise NotServing("the embedded AWS stopped while it started") from self._failure
            if time.monotonic() > deadline:
                raise NotServing(f"the embedded AWS did not answer within {START_SECONDS:.0f} s")
            time.sleep(0.01)

    def stop(self) -> None:
        """Closes the connections and ends the thread."""
        if self._thread.ident is None:
            return
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        config = Config()
        config.bind = [f"fd://{self._listener.detach()}"]
        config.loglevel = "WARNING"
        config.graceful_timeout = 0.5
        # Closing is left to clients: one that uses a connection just as the server closes it gets an error.
        config.keep_alive_timeout = 3600
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(serve(self._application, config, shutdown_trigger=self._stopping.wait))
        except BaseException as failure:  # noqa: BLE001 - raised again, in the thread that waits, as the cause
            self._failure = failure

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(*self._address, timeout=5)
        try:
            connection.request("GET", HEALTH)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
