"""Finds Java's handler: a class in the zip's root, or in a jar directly in ``lib``.

Sources: aws-lambda-java-libs, CustomerClassLoader.java and HandlerInfo.java; AWS Lambda developer guide, Java packages,
2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing, own_file, shown
from controller.core.artifact.handlers.results import Found, Missing, Within

if TYPE_CHECKING:
    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_SOURCES = (".java", ".kt", ".scala", ".groovy")
_TUNING = ("-XX:", "-Xms", "-Xmx", "-Xss", "-Xshare")


def look(tree: Tree, startup: Startup) -> Found | Within | Missing | None:
    """Takes "com.acme.Handler::handle" for com/acme/Handler.class, or for a class inside one of the jars of ``lib``."""
    if startup.is_wrapped:
        return None
    name = startup.handler.rpartition("::")[0] or startup.handler
    file = f"{name.replace('.', '/')}.class"
    found = tree.file(file)
    if found is not None:
        return Found((found,))
    if startup.has_layers or _has_another_class_path(startup):
        return None
    jars = tuple(name for name in tree.files_in("lib") if name.endswith(".jar"))
    return Within(jars) if jars else _missing(tree, startup, file)


def _has_another_class_path(startup: Startup) -> bool:
    """May the function's Java options bring an agent or classes? Options for memory and the compiler do not."""
    options = startup.value("JAVA_TOOL_OPTIONS").split()
    return startup.variables is None or not all(option.startswith(_TUNING) for option in options)


def _missing(tree: Tree, startup: Startup, file: str) -> Missing:
    jar = own_file(tree, ".jar")
    if jar is None:
        name = file.removesuffix(".class")
        return missing(tree, startup, (file,), sources=tuple(f"{name}{ending}" for ending in _SOURCES), renames=False)
    folder, _, in_lib = jar.rpartition("/lib/")
    move = "move it to lib/, or drop the jar as the zip"
    return Missing(
        f"the handler {startup.handler} needs {file}, or a jar in lib/, in the zip, and Lambda does not look at"
        f" {shown(jar)}: {f'zip what is in the folder {shown(folder)}' if folder and '/' not in in_lib else move}"
    )
