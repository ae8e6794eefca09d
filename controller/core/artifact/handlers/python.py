"""Finds Python's handler: the last dot ends the module, slashes are dots, and /var/task has the modules.

Sources: aws-lambda-python-runtime-interface-client, bootstrap.py; Python's language reference, the import system, and
importlib.machinery for the suffixes, 2026-11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing, misspelled, shapeless, shown
from controller.core.artifact.handlers.python_modules import STANDARD, TAKEN
from controller.core.artifact.handlers.results import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_NUMBER = re.compile(r"python3\.(\d+)")
_PATHS = ("PYTHONPATH", "PYTHONHOME", "PYTHONPLATLIBDIR")
_TAGS = {"x86_64": "x86_64", "arm64": "aarch64"}


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes "src/app.handler" and "src.app.handler" for src/app.py, or for src/app/__init__.py."""
    number = _NUMBER.fullmatch(startup.runtime)
    if startup.is_wrapped or number is None:
        return None
    module, _, function = startup.handler.rpartition(".")
    if not module or not function or "/" in function:
        return shapeless(startup)
    parts = module.replace("/", ".").split(".")
    if not all(parts):
        return misspelled(startup, "Python", "write the path from the zip's root, as in src/app.handler")
    if parts[0] in TAKEN:
        return Missing(
            f"the handler {startup.handler} has the name of Python's own module {parts[0]}, which is loaded instead:"
            " rename it, in the zip and in the handler"
        )
    looked = _imported(tree, startup, parts, _suffixes(int(number[1]), startup.machine))
    if startup.has_layers or startup.sets(*_PATHS):
        # /var/task comes first, and a folder without __init__.py after those of all other paths.
        return looked if isinstance(looked, Found) and len(looked.files) == len(parts) else None
    return looked


def _imported(tree: Tree, startup: Startup, parts: list[str], suffixes: tuple[str, ...]) -> Found | Missing:
    """Walks from package to package. A folder without __init__.py is a package unless a module has its name."""
    loaded: list[str] = []
    path = ""
    for part in parts[:-1]:
        path = f"{path}{part}"
        initializer = _initializer(tree, path, suffixes)
        hidden = None if initializer else _hidden(tree, startup, path, suffixes)
        if hidden:
            return hidden
        loaded += [initializer] if initializer else []
        path = f"{path}/"
    path = f"{path}{parts[-1]}"
    found = _initializer(tree, path, suffixes) or _module(tree, path, suffixes)
    return Found((*loaded, found)) if found else _missing(tree, startup, path)


def _hidden(tree: Tree, startup: Startup, folder: str, suffixes: Iterable[str]) -> Missing | None:
    """Returns why Python would load a module instead of a folder without __init__.py; None if Python takes the
    folder.
    """
    module = _module(tree, folder, suffixes)
    if not tree.has_folder(folder) or (module is None and folder not in STANDARD):
        return None
    return Missing(
        f"the handler {startup.handler} looks into the folder {folder}, which"
        f" {module or f'the module {folder} of the standard library'} hides from Python: add {folder}/__init__.py, or"
        " rename the folder"
    )


def _initializer(tree: Tree, path: str, suffixes: Iterable[str]) -> str | None:
    return tree.file(*(f"{path}/__init__{suffix}" for suffix in suffixes))


def _module(tree: Tree, path: str, suffixes: Iterable[str]) -> str | None:
    return tree.file(*(f"{path}{suffix}" for suffix in suffixes))


def _suffixes(number: int, machine: str | None) -> tuple[str, ...]:
    """Returns the endings of a module's file, in Python's order.

    Compiled for this Python and machine, for any Python 3, for anything; then source and bytecode.
    """
    version = f"3{number}m" if number < 8 else f"3{number}"
    tags = [_TAGS[machine]] if machine in _TAGS else list(_TAGS.values())
    return (*(f".cpython-{version}-{tag}-linux-gnu.so" for tag in tags), ".abi3.so", ".so", ".py", ".pyc")


def _missing(tree: Tree, startup: Startup, path: str) -> Missing:
    of_its_name = (name for name in tree if name.startswith(f"{path}.") and name.endswith((".so", ".pyd")))
    compiled = next((name for name in of_its_name if "/" not in name.removeprefix(path)), None)
    if compiled is not None:
        machine = f" on {startup.machine}" if startup.machine else ""
        return Missing(
            f"the handler {startup.handler} needs {path}.py in the zip, or a module compiled for"
            f" {startup.runtime}{machine}; {shown(compiled)} is compiled for another: build it for this one"
        )
    source = path.removesuffix("/py")
    if source != path and tree.file(f"{source}.py"):
        module, _, function = startup.handler.rpartition(".")
        return misspelled(
            startup, "Python", f"write {module.removesuffix('.py')}.{function}, without the file's ending"
        )
    return missing(tree, startup, (f"{path}.py",))
