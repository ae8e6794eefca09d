"""Finds Node's handler: the file's name ends at the first dot after the last slash; installed packages come last.

There are two clients. Up to nodejs22.x the file is loaded by require(), which accepts folders; from nodejs24.x on by
import(), which does not. Sources: aws-lambda-nodejs-runtime-interface-client, UserFunction.js of 3.3.0 and index.mjs of
4.0.2; Node's documentation of modules, "All together"; AWS Lambda developer guide, defined runtime environment
variables, for NODE_PATH, 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing, misspelled, shapeless
from controller.core.artifact.handlers.results import Found, Missing
from controller.core.artifact.handlers.tree import OutOfSight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_NUMBER = re.compile(r"nodejs(\d+)\.")
_LAST_THAT_REQUIRES = 22
_TASK = "/var/task"
_ELSEWHERE = re.compile(r"/(?:opt|mnt|tmp|var|usr|lib|lib64|home|root|etc)(?:/|\Z)")
"""Folders for absolute handlers that the zip does not fill: layers, file systems, the image."""
_SOURCES = (".ts", ".mts", ".cts", ".tsx")
_HARMLESS_OPTIONS = re.compile(r"--(?:enable-source-maps|max-[a-z-]+=\d+|no-(?:warnings|deprecation)|trace-[a-z-]+)")
"""Options of NODE_OPTIONS without influence on where modules are found."""


@dataclass(frozen=True, slots=True)
class _Handler:
    """A parsed handler. ``file`` is the first place to look, without an ending: PurePosixPath("/var/task/dist/index").
    Packages are looked for in node_modules of ``folder`` and of its parents.
    """

    file: PurePosixPath
    folder: PurePosixPath
    module: str
    function: str

    @property
    def path(self) -> str | None:
        """The file's path below /var/task; "" for /var/task itself, None outside of it."""
        return _below_task(self.file)


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes "dist/index.api.handler" for dist/index.js, .mjs or .cjs, or the folder dist/index. Raises OutOfSight."""
    number = _NUMBER.match(startup.runtime)
    if startup.is_wrapped or number is None:
        return None
    requires = int(number[1]) <= _LAST_THAT_REQUIRES
    handler = _handler_of(startup, requires=requires)
    if isinstance(handler, Missing):
        return handler
    if _is_elsewhere(handler) or _has_hooks(startup):
        return None
    load = _required if requires else _imported
    looked = load(tree, startup, handler)
    if looked or startup.has_layers or startup.sets("NODE_PATH"):
        return looked
    return _resolved(tree, startup, handler)


def _handler_of(startup: Startup, *, requires: bool) -> _Handler | Missing:
    text = startup.handler
    if ".." in text:
        return misspelled(
            startup, "Node.js", "write the path from the zip's root, as in src/app.handler, without two dots"
        )
    last = text.rstrip("/").rpartition("/")[2]
    module, dot, function = last.partition(".")
    if not dot or not function or function.endswith("."):
        return shapeless(startup)
    folder = text[: text.index(last)]
    if requires:
        return _Handler(PurePosixPath(_TASK, folder, module), PurePosixPath(_TASK, folder), module, function)
    # import()'s client drops the slash after the folder, so "/" is no folder, and looks for packages below /var/task.
    file = PurePosixPath(_TASK, folder.removesuffix("/"), module)
    return _Handler(file, PurePosixPath(f"{_TASK}/{folder}"), module, function)


def _has_hooks(startup: Startup) -> bool:
    """May an option of Node bring code of the function's own into the loading of modules?"""
    options = startup.value("NODE_OPTIONS").split()
    return not all(map(_HARMLESS_OPTIONS.fullmatch, options))


def _is_elsewhere(handler: _Handler) -> bool:
    return handler.path is None and _ELSEWHERE.match(str(handler.file)) is not None


def _required(tree: Tree, startup: Startup, handler: _Handler) -> Found | Missing | None:
    path = handler.path
    if path is None:
        return None
    if tree.has(path):
        return _loaded(startup, _by_require(tree, path)) or _no_index(tree, startup, path)
    found = tree.file(*_files(path))
    return Found((found,)) if found else None


def _imported(tree: Tree, startup: Startup, handler: _Handler) -> Found | Missing | None:
    path = handler.path
    if path is None:
        return None
    if not path:
        return shapeless(startup)
    found = tree.file(path)
    if found is None and tree.has_folder(path):
        return _folder_first(tree, startup, path, handler.function)
    found = found or tree.file(*_files(path))
    return Found((found,)) if found else None


def _resolved(tree: Tree, startup: Startup, handler: _Handler) -> Found | Missing:
    """Looks for the module by its name alone, the last resort of both clients: in node_modules, then by NODE_PATH."""
    for place in _places(handler) if handler.module else ():
        found = _loaded(startup, _by_require(tree, f"{place}{handler.module}"))
        if found:
            return found
    path = handler.path
    if path is None:
        return missing(tree, startup, (f"{handler.module}.js",))
    return missing(tree, startup, _files(path), sources=tuple(f"{path}{ending}" for ending in _SOURCES))


def _places(handler: _Handler) -> Iterator[str]:
    yield "node_modules/"
    yield ""  # NODE_PATH ends with /var/task
    for folder in (handler.folder, *handler.folder.parents):
        path = _below_task(folder)
        if path and folder.name != "node_modules":
            yield f"{path}/node_modules/"


def _below_task(place: PurePosixPath) -> str | None:
    if not place.is_relative_to(_TASK):
        return None
    path = str(place.relative_to(_TASK))
    return "" if path == "." else path


def _by_require(tree: Tree, path: str) -> str | None:
    """Returns the file that require() loads for a path without an ending. Raises OutOfSight."""
    endings = (".js", ".json", ".node")
    found = tree.file(path, *(f"{path}{ending}" for ending in endings))
    if found is not None or not tree.has_folder(path):
        return found
    within = f"{path}/" if path else ""
    if tree.file(f"{within}package.json") is not None:
        raise OutOfSight(path)  # package.json names the file, and is not read
    return tree.file(*(f"{within}index{ending}" for ending in endings))


def _loaded(startup: Startup, file: str | None) -> Found | Missing | None:
    if file is not None and file.endswith(".json"):
        return Missing(
            f"{startup.runtime} takes {file} for the handler {startup.handler}, and JSON has no function: add the file"
            " that has it, or rename the other"
        )
    return Found((file,)) if file else None


def _no_index(tree: Tree, startup: Startup, path: str) -> Missing:
    hidden = tree.file(f"{path}.mjs", f"{path}.cjs")
    if hidden:
        return Missing(
            f"the folder {path} hides {hidden}, the handler's file, from {startup.runtime}, which looks for"
            f" {path}/index.js: rename the folder or the file"
        )
    return missing(tree, startup, (*_files(path), f"{path}/index.js") if path else ("index.js",))


def _folder_first(tree: Tree, startup: Startup, path: str, function: str) -> Missing:
    hidden = tree.file(*_files(path))
    if hidden:
        return Missing(
            f"the folder {path} hides {hidden}, the handler's file, from {startup.runtime}, which loads no folders:"
            " rename the folder or the file"
        )
    return Missing(
        f"the handler {startup.handler} names the folder {path}, and {startup.runtime} loads no folders: name a file in"
        f" it, as in {path}/index.{function}"
    )


def _files(path: str) -> tuple[str, ...]:
    return f"{path}.js", f"{path}.mjs", f"{path}.cjs"
