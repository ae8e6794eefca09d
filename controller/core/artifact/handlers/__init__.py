"""Which files of the zip does Lambda load for the handler, and is one missing? Asked before anything is published.

Lambda itself asks at the first invocation, when a release may have traffic. One file for each family of runtimes
says where its runtime looks, by that runtime's own client.

Note: a wrong "no" stops a good release, so what cannot be known is not judged: a function with layers may have its
handler in one of them, PYTHONPATH and its like name other folders, a wrapper script may start anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from controller.core.artifact.handlers import dotnet, java, nodejs, provided, python, ruby
from controller.core.artifact.handlers.found import Found, Missing, Within
from controller.core.artifact.handlers.startup import Startup, startup_of
from controller.core.artifact.handlers.tree import OutOfSight, Tree
from controller.core.artifact.zip.file_modes import unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from controller.core.artifact.zip.archive import Archive

__all__ = ["Startup", "handler_files", "lacks_handler", "startup_of"]

_FAMILY = re.compile(r"[a-z]+")
_LOOKS: dict[str, Callable[[Tree, Startup], Found | Within | Missing | None]] = {
    "dotnet": dotnet.look,
    "java": java.look,
    "nodejs": nodejs.look,
    "provided": provided.look,
    "python": python.look,
    "ruby": ruby.look,
}


def lacks_handler(archive: Archive, startup: Startup) -> str | None:
    """Returns why Lambda could not load the handler from the zip; None where it could, or where nobody can tell."""
    match _look(archive, startup):
        case Found(files, executed):
            problem = unusable(archive, files, executed=executed, listed=_family(startup) == "python")
        case Within(files):
            problems = [unusable(archive, (file,), listed=True) for file in files]
            problem = problems[0] if all(problems) else None
        case Missing(because):
            return because
        case None:
            return None
    return f"the handler {startup.handler} cannot be loaded: {problem}" if problem else None


def handler_files(archive: Archive, startup: Startup) -> tuple[str, ...]:
    """Returns the entries of the zip that Lambda loads for the handler, the handler's own file last.

    For "src.app.handler" of Python ``("src/__init__.py", "src/app.py")``; empty where they are missing or not known.
    """
    looked = _look(archive, startup)
    return looked.files if isinstance(looked, Found) else ()


def _look(archive: Archive, startup: Startup) -> Found | Within | Missing | None:
    look = _LOOKS.get(_family(startup))
    try:
        return look(Tree(archive), startup) if look else None
    except OutOfSight:
        return None


def _family(startup: Startup) -> str:
    family = _FAMILY.match(startup.runtime)
    return family.group() if family else ""
