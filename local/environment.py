"""Gives the embedded AWS an environment of its own: nothing of the user's AWS, proxies or Python settings reaches it.

MiniStack reads its settings from ``os.environ``, some while it is imported and some at every run of a function, and hands
the whole of it to every function. So the process's environment is replaced while the embedded AWS runs, and put back after.

What a newcomer would get wrong: a program that needs the user's own settings, pip with its proxy for one, must be started
with ``users_environment()`` while the embedded AWS runs, not with the environment as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR")

_replaced: dict[str, str] | None = None


@contextmanager
def replaced_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Leaves only ``KEPT`` and ``variables`` in the environment; puts the user's back at the end."""
    global _replaced
    users = dict(os.environ)
    _replaced = users
    try:
        _set({name: users[name] for name in KEPT if name in users} | dict(variables))
        yield
    finally:
        _set(users)
        _replaced = None


def users_environment() -> dict[str, str]:
    """Returns the environment that this process was started with, also while it is replaced."""
    return dict(os.environ if _replaced is None else _replaced)


def _set(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
