"""Gives the embedded AWS an environment of its own: none of the user's AWS settings or proxies.

MiniStack reads its settings from ``os.environ``, some while it is imported and some at every run of a
function, and hands the whole of it to every function. So the process's environment is replaced while the
embedded AWS runs, and put back after.

Note: a program that needs the user's own settings, pip with its proxy for one, must be started with
``users_environment()`` while the embedded AWS runs, not with the environment as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR")

_users: list[dict[str, str]] = []


@contextmanager
def replaced_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Leaves only ``KEPT`` and ``variables`` in the environment; puts the user's back at the end."""
    users = dict(os.environ)
    _users.append(users)
    try:
        _set({name: users[name] for name in KEPT if name in users} | dict(variables))
        yield
    finally:
        _set(users)
        _users.pop()


def users_environment() -> dict[str, str]:
    """Returns the environment that this process was started with, also while it is replaced."""
    return dict(_users[0] if _users else os.environ)


def _set(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
