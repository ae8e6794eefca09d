"""Lets an invocation finish on the code it started with when that code is replaced or deleted.

MiniStack kills the processes of ``$LATEST`` at once on an update, busy ones too; a function that updates
itself would die of it. Source: developer guide, "Lambda function states", 2023-10: an update does not disturb
running invocations.

What a newcomer would get wrong: a busy environment leaves the pool at once, so that no new invocation gets
it, and ends when its invocation does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import WeakSet

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.patching import replace
from local.settings import Settings

_retired: WeakSet[Any] = WeakSet()


def install(settings: Settings) -> None:
    """Replaces how MiniStack's Lambda service ends and gives back environments."""
    replace(lambda_svc, "invalidate_worker", ("func_name", "qualifier", "account", "region"), _invalidate)
    replace(lambda_svc, "release_worker", ("worker",), _release)


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
