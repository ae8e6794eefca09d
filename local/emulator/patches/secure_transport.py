"""Lets a request over this machine's loopback count as one over TLS.

The stack's bucket refuses requests without TLS (``aws:SecureTransport`` is false), as it must. MiniStack
enforces that policy and serves plain HTTP here; a certificate that every client would have to be taught to
trust would prove nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from ministack import app

from local.emulator.patches.patching import replace
from local.settings import Settings


def install(_: Settings) -> None:
    """Replaces where MiniStack's request handling notes how a request came in."""
    replace(app, "pin_request_origin", ("source_ip", "secure_transport"), _as_over_tls)


def _as_over_tls(original: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    @wraps(original)
    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        original(source_ip, True)

    return pin_request_origin
