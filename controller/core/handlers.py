"""Is the handler's file in the zip? Asked before anything is published; Lambda asks at the first invocation.

What a newcomer would get wrong: a wrong "no" stops a good release, so what cannot be known is not judged. A
function with layers may have its handler in one of them; compiled runtimes name classes, not files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from controller.core.archive import Archive

_LONGEST_SHOWN = 120
_FAMILY = re.compile(r"[a-z]+")


def lacks_handler(archive: Archive, handler: str, runtime: str, layers: Iterable[str]) -> str | None:
    """Returns why Lambda would not find the handler in the zip; None where it would, or where nobody can
    tell.

    The last three are the function's Handler, Runtime and Layers, such as "app.handler" and "python3.13".
    """
    family = _FAMILY.match(runtime)
    look = _LOOKS.get(family.group()) if family else None
    if look is None or any(layers) or handler.startswith("/"):
        return None
    return look(frozenset(archive.names), handler.removeprefix("./"))


def _python(names: frozenset[str], handler: str) -> str | None:
    """Looks where the runtime imports: the last dot parts the function, and a slash is a dot.

    Source: aws-lambda-python-runtime-interface-client, bootstrap.py, 2026-11.
    """
    module, dot, _ = handler.rpartition(".")
    if not dot:
        return _shapeless(handler)
    path = module.replace(".", "/")
    stems = (f"{path}.", f"{path}/__init__.")
    # Compiled modules carry a tag: app.cpython-313-aarch64-linux-gnu.so
    if any(name.startswith(stems) and name.endswith((".py", ".pyc", ".so")) for name in names):
        return None
    return _missing(names, handler, f"{path}.py")


def _nodejs(names: frozenset[str], handler: str) -> str | None:
    """Looks where the runtime does: the file's name ends at its first dot; an installed package comes last.

    Source: aws-lambda-nodejs-runtime-interface-client, UserFunction.js, 2026-11.
    """
    folder, slash, last = handler.rpartition("/")
    file, dot, _ = last.partition(".")
    if not dot:
        return _shapeless(handler)
    path = f"{folder}{slash}{file}"
    files = (path, f"{path}.js", f"{path}.mjs", f"{path}.cjs")
    if names.intersection(files) or any(name.startswith(f"node_modules/{path}/") for name in names):
        return None
    return _missing(names, handler, f"{path}.js", f"{path}.mjs", f"{path}.cjs")


def _ruby(names: frozenset[str], handler: str) -> str | None:
    """Looks where the runtime requires from: the file's name ends at the first dot; a gem has it in its
    ``lib``.

    Source: aws-lambda-ruby-runtime-interface-client, lambda_handler.rb, 2026-11.
    """
    path, dot, _ = handler.partition(".")
    if not dot:
        return _shapeless(handler)
    file = f"{path}.rb"
    found = file in names or any(name.endswith(f"/lib/{file}") for name in names)
    return None if found else _missing(names, handler, file)


def _provided(names: frozenset[str], handler: str) -> str | None:
    """Looks for what an OS-only runtime starts. Source: AWS Lambda guide, custom runtimes, 2026-11."""
    return None if "bootstrap" in names else _missing(names, handler, "bootstrap")


def _missing(names: frozenset[str], handler: str, *files: str) -> str:
    ends = tuple(f"/{file}" for file in files)
    deeper = sorted(name for name in names if name.endswith(ends))
    found = f" (there is {deeper[0][:_LONGEST_SHOWN]}: zip what is in the folder, not the folder)" if deeper else ""
    wanted = " or ".join(files)
    return f"the handler {handler} needs {wanted} in the zip{found}; add it, or correct the handler"


def _shapeless(handler: str) -> str:
    return f"the handler {handler!r} names no function: write FILE.FUNCTION, as in app.handler"


_LOOKS: dict[str, Callable[[frozenset[str], str], str | None]] = {
    "python": _python,
    "nodejs": _nodejs,
    "ruby": _ruby,
    "provided": _provided,
}
