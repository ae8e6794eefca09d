"""Replaces one named function of MiniStack with one of ours, or refuses to start.

Rules of the file:
- every patched name goes through ``replace``, so a release of MiniStack that renamed or changed a function is
  noticed at start, by name, and never as a wrong answer in the middle of a deployment;
- a patch receives the original and decides whether to call it.

Note: MiniStack's modules import each other's functions by name here and there. A name must be replaced in the module
that *looks it up*, which is not always the module that defines it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

MINISTACK_VERSION = "1.5.33"


class PatchMismatch(RuntimeError):
    """The installed MiniStack is not the one that the patches were written for."""


def replace(
    module: ModuleType,
    name: str,
    parameters: tuple[str, ...],
    make: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Sets ``module.name`` to ``make(original)``.

    ``parameters`` are the original's parameter names, in order. Raises PatchMismatch where they differ or the
    name is absent.
    """
    where = f"{module.__name__}.{name}"
    original = getattr(module, name, None)
    if not callable(original):
        raise PatchMismatch(f"{where} does not exist; {_advice()}")
    found = tuple(inspect.signature(original).parameters)
    if found != parameters:
        raise PatchMismatch(f"{where} takes {found}, the patch expects {parameters}; {_advice()}")
    setattr(module, name, make(original))


def replace_module(user: ModuleType, used: ModuleType, **names: Any) -> None:
    """Gives ``user`` a copy of the module ``used`` with these names in it; for all others ``used`` stays as it is."""
    name = used.__name__
    if getattr(user, name, None) is not used:
        raise PatchMismatch(f"{user.__name__} does not use the module {name}; {_advice()}")
    copy = ModuleType(name, used.__doc__)
    vars(copy).update({**vars(used), **names})
    setattr(user, name, copy)


def _advice() -> str:
    return f"install ministack=={MINISTACK_VERSION}"
