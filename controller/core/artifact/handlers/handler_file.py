"""Finds the files of the zip that Lambda loads for the handler, or the one that is missing, before publishing.

Lambda itself looks only at the first invocation, when the version may already have traffic. There is one file for each
family of runtimes; each follows the rules of that runtime's own client.

Note: a wrong "no" stops a good deployment, so doubtful cases pass. Layers may contain the handler, PYTHONPATH and
similar variables name other folders, and a wrapper script may start anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from controller.core.artifact.handlers import dotnet, java, nodejs, provided, python, ruby
from controller.core.artifact.handlers.results import Found, Missing, Within
from controller.core.artifact.handlers.startup import Startup
from controller.core.artifact.handlers.tree import OutOfSight, Tree
from controller.core.artifact.zip.file_modes import unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from controller.core.artifact.zip.archive import Archive

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
    """Returns why Lambda could not load the handler from the zip; None if it could, or in doubt."""
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
    """Returns the zip's entries that Lambda loads for the handler, the handler's own file last.

    ``("src/__init__.py", "src/app.py")`` for Python's "src.app.handler"; empty if missing or unknown.
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
