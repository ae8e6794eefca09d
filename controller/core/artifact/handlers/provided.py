"""Finds the handler of an OS-only runtime: the executable ``bootstrap`` in the zip's root.

Source: AWS Lambda developer guide, building a custom runtime, 2026-11. Wrapper scripts have no effect here (same guide,
modifying the runtime environment).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing
from controller.core.artifact.handlers.results import Found, Missing

if TYPE_CHECKING:
    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes any handler for the file bootstrap; a layer may bring the file, too."""
    bootstrap = tree.file("bootstrap")
    if bootstrap is not None:
        return Found((bootstrap,), executed=True)
    return None if startup.has_layers else missing(tree, startup, ("bootstrap",), renames=False)
