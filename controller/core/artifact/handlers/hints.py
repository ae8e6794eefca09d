"""The sentences for uploaders whose zip lacks the handler: the missing file, and a file of theirs that may be meant.

A hint names the uploader's own file and never a dependency's: node_modules has an index.js in every other folder.
"""

from __future__ import annotations

import re
from heapq import nsmallest
from typing import TYPE_CHECKING

from controller.core.artifact.handlers.results import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_MAX_SHOWN = 120
_MAX_LOOKED_AT = 1_000
"""Candidates for a hint; a hostile zip has room for 100,000, each in many folders."""
# Folders that package managers fill, or that archivers and tools leave beside the person's own files.
_FILLED = (
    "node_modules bower_components jspm_packages vendor _vendor third_party gems site-packages dist-packages venv"
    " __pypackages__ __pycache__ __MACOSX"
)
_NOT_OWN = frozenset(_FILLED.split())
_NOT_OWN_ENDS = (".dist-info", ".egg-info", ".egg", ".data")
_MAX_DEPTH = 16
"""Folders: deeper files are never named in a hint; a hostile name has room for 32,000 folders."""
_INSTALLED = re.compile(r"(?:(?P<into>.*)/)?[^/]+\.dist-info/[^/]+")


def missing(
    tree: Tree, startup: Startup, wanted: tuple[str, ...], *, sources: tuple[str, ...] = (), renames: bool = True
) -> Missing:
    """Returns the sentence about missing files, with a hint if one of the uploader's own may be meant.

    ``sources`` are the source files that compile to the wanted files. ``renames`` is True if a handler can name a
    file's folder.
    """
    hint = _as_a_link(tree, wanted) or _in_a_folder(tree, startup, wanted, renames=renames)
    hint = hint or _in_other_letters(tree, wanted) or _as_source(tree, sources)
    needed = f"the handler {startup.handler} needs {' or '.join(wanted)} in the zip"
    return Missing(f"{needed}{f' ({hint})' if hint else ''}; add it, or correct the handler")


def shapeless(startup: Startup) -> Missing:
    """Returns the sentence about a handler that names no function."""
    return Missing(f"the handler {startup.handler!r} names no function: write FILE.FUNCTION, as in app.handler")


def misspelled(startup: Startup, family: str, rule: str) -> Missing:
    """Returns the sentence about a handler that the runtime's client refuses for its spelling alone."""
    return Missing(f"{family} does not load the handler {startup.handler!r}: {rule}")


def own_file(tree: Iterable[str], *ends: str) -> str | None:
    """Returns the uploader's own file that is nearest to the root and ends with one of ``ends``, None without one.

    Each path is compared with a slash before it, so "/app.py" matches app.py and src/app.py.
    """
    found = [name for name in tree if name.count("/") <= _MAX_DEPTH and f"/{name}".endswith(ends)]
    installed = _installed_into(tree) if found else frozenset()
    shallowest = nsmallest(_MAX_LOOKED_AT, found, key=lambda name: (name.count("/"), name))
    return next((name for name in shallowest if not _is_a_dependency(name, installed)), None)


def shown(name: str) -> str:
    """Returns a name for a sentence: on one line, and cut to the length of a line."""
    return ascii(name[:_MAX_SHOWN])[1:-1] if not name.isprintable() else name[:_MAX_SHOWN]


def _in_a_folder(tree: Tree, startup: Startup, wanted: tuple[str, ...], *, renames: bool) -> str | None:
    deeper = own_file([name for name in tree if name not in wanted], *(f"/{file}" for file in wanted))
    if deeper is None:
        return None
    folder = next(deeper.removesuffix(f"/{file}") for file in wanted if deeper.endswith(f"/{file}"))
    if all(name.startswith((f"{folder}/", "__MACOSX/")) for name in tree):
        advice = "zip what is in the folder, not the folder"
    elif renames and len(deeper) <= _MAX_SHOWN:
        advice = f"make the handler {shown(folder)}/{startup.handler}, or zip what is in the folder {shown(folder)}"
    else:
        advice = f"zip what is in the folder {shown(folder)}"
    return f"there is {shown(deeper)}: {advice}"


def _as_a_link(tree: Tree, wanted: tuple[str, ...]) -> str | None:
    # A link to an existing file has been followed already, so any link left here leads nowhere.
    targets = ((name, tree.link_target(name)) for name in wanted)
    found = next(((name, target) for name, target in targets if target is not None), None)
    return f"{shown(found[0])} is a symbolic link to {shown(found[1])}, which is no file of the zip" if found else None


def _in_other_letters(tree: Iterable[str], wanted: tuple[str, ...]) -> str | None:
    folded = {file.casefold() for file in wanted}
    other = min((name for name in tree if name.casefold() in folded), default=None)
    return f"there is {shown(other)}: capital and small letters count, so write both the same" if other else None


def _as_source(tree: Iterable[str], sources: tuple[str, ...]) -> str | None:
    source = own_file(tree, *(f"/{file}" for file in sources))
    return f"there is {shown(source)}, a source: compile it, and zip what comes out" if source else None


def _is_a_dependency(name: str, installed: frozenset[str]) -> bool:
    *folders, _ = name.split("/")
    if any(folder in _NOT_OWN or folder.startswith(".") or folder.endswith(_NOT_OWN_ENDS) for folder in folders):
        return True
    return any("/".join(folders[:depth]) in installed for depth in range(len(folders)))


def _installed_into(tree: Iterable[str]) -> frozenset[str]:
    """Returns the folders filled by ``pip install --target``, recognized by a .dist-info folder inside."""
    # Folders beside a .dist-info may be anybody's, so a hint avoids all of them.
    matches = (_INSTALLED.fullmatch(name) for name in tree)
    return frozenset(match["into"] or "" for match in matches if match)
