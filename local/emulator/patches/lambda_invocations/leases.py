"""Leases an environment to an invocation: one that is ready, else one that has got a place to start.

Who waits for a place takes an environment that has become ready in the meantime, as Lambda's waiting requests
do. So ticks on a busy machine do not pile up environments that nobody needs once they have started.

Note: an idle environment need not be ready. Its process may have ended with the last invocation, and then it starts
anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.references import LATEST
from local.emulator.runtime.cold_starts import ColdStarts
from local.emulator.runtime.environments import PythonEnvironment
from local.settings import Settings

Leased = tuple[Any, str]

_starts = ColdStarts()


def install(settings: Settings) -> None:
    """Replaces how MiniStack's Lambda service takes environments from its pool."""
    acquire = ("func_name", "config", "code_zip", "qualifier", "max_concurrency")
    replace(lambda_svc, "acquire_worker", acquire, _acquire)


def _acquire(original: Callable[..., Leased]) -> Callable[..., Leased]:
    @wraps(original)
    def acquire(
        func_name: str,
        config: dict[str, Any],
        code_zip: bytes,
        qualifier: str = LATEST,
        max_concurrency: int | None = None,
    ) -> Leased:
        key = lambda_runtime._worker_key(func_name, config, qualifier)
        place = _starts.place(needed=lambda: not _has_ready(key))
        environment, how = original(func_name, config, code_zip, qualifier, max_concurrency)
        if isinstance(environment, PythonEnvironment) and not environment.is_ready:
            # Without a place there was a ready one; another invocation has taken it.
            environment.starts_in(place or _starts.place())
        elif place is not None:
            place.free()
        return environment, how

    return acquire


def _has_ready(key: str) -> bool:
    with lambda_runtime._lock:
        return any(not one.in_use and getattr(one, "is_ready", True) for one in lambda_runtime._workers.get(key, ()))
