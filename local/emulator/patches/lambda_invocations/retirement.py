"""Lets an invocation finish on the code it started with, and lets none start on code that has been replaced.

MiniStack kills the processes of ``$LATEST`` at once on an update, busy ones too; a function that updates
itself would die of it. Source: developer guide, "Lambda function states", 2023-10: an update does not disturb
running invocations.

Note: a busy environment leaves the pool at once, so that no new invocation gets it, and ends when its invocation does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import WeakSet

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.patches.patching import replace
from local.emulator.rules.lambda_.references import LATEST
from local.emulator.rules.lambda_.version_states import content_of
from local.settings import Settings

Leased = tuple[Any, str]

_retired: WeakSet[Any] = WeakSet()


def install(settings: Settings) -> None:
    """Replaces how MiniStack's Lambda service ends and gives back environments."""
    replace(lambda_svc, "invalidate_worker", ("func_name", "qualifier", "account", "region"), _invalidate)
    acquire = ("func_name", "config", "code_zip", "qualifier", "max_concurrency")
    replace(lambda_svc, "acquire_worker", acquire, _acquire)
    replace(lambda_svc, "release_worker", ("worker",), _release)


def _acquire(original: Callable[..., Leased]) -> Callable[..., Leased]:
    """Ends an environment of outdated code: an invocation accepted before an update may have started it after."""

    @wraps(original)
    def acquire(
        func_name: str,
        config: dict[str, Any],
        code_zip: bytes,
        qualifier: str = LATEST,
        max_concurrency: int | None = None,
    ) -> Leased:
        key = lambda_runtime._worker_key(func_name, config, qualifier)
        lambda_runtime.kill_workers(_outdated(key, content_of(config)))
        return original(func_name, config, code_zip, qualifier, max_concurrency)

    return acquire


def _outdated(key: str, content: dict[str, Any]) -> list[Any]:
    """Takes the environments of another content out of the pool and returns those that are idle."""
    with lambda_runtime._lock:
        environments = lambda_runtime._workers.get(key, [])
        outdated = [one for one in environments if content_of(one.config) != content]
        environments[:] = [one for one in environments if one not in outdated]
        _retired.update(one for one in outdated if one.in_use)
        return [one for one in outdated if not one.in_use]


def _invalidate(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def invalidate(
        func_name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        _retire_busy((account, region, func_name, qualifier))
        original(func_name, qualifier, account, region)

    return invalidate


def _retire_busy(wanted: tuple[str | None, ...]) -> None:
    with lambda_runtime._lock:
        for key, environments in lambda_runtime._workers.items():
            if all(want in (None, part) for want, part in zip(wanted, key.split(":"), strict=True)):
                _retired.update(one for one in environments if one.in_use)
                environments[:] = [one for one in environments if not one.in_use]


def _release(original: Callable[[Any], None]) -> Callable[[Any], None]:
    @wraps(original)
    def release(worker: Any) -> None:
        original(worker)
        if worker is not None and worker in _retired:
            lambda_runtime.kill_workers([worker])

    return release
