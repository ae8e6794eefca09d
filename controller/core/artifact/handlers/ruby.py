"""Finds Ruby's handler: its first part, up to a dot, is the file required from /var/task.

Sources: aws-lambda-ruby-runtime-interface-client, lambda_handler.rb and aws_lambda_ric.rb; AWS Lambda developer guide,
defined runtime environment variables, for GEM_PATH and RUBYLIB, 2026-11.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing, misspelled, shapeless
from controller.core.artifact.handlers.results import Found, Missing

if TYPE_CHECKING:
    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_BEFORE = ("RUBYLIB", "RUBYOPT")
"""Variables with folders searched before /var/task; folders of gems come after."""
_GEMS = ("GEM_PATH", "GEM_HOME", "BUNDLE_GEMFILE", "BUNDLE_PATH")
_TASK = "/var/task/"
_GEM = r"(?:.*/)?gems/[^/]+/lib/"


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes "app.handler" and "app.Api::Handler.process" for app.rb, in the zip's root or in the ``lib`` of a gem."""
    if startup.is_wrapped:
        return None
    parts = startup.handler.rstrip(".").split(".")
    if len(parts) == 1:
        return shapeless(startup)
    if len(parts) > 3 or not all(parts):
        return misspelled(
            startup, "Ruby", "write FILE.METHOD or FILE.CLASS.METHOD, as in app.handler or app.Api::Handler.process"
        )
    path = str(PurePosixPath(parts[0])).removeprefix(_TASK)
    if startup.sets(*_BEFORE) or path.startswith("/"):
        return None
    found = tree.file(f"{path}.rb", f"{path}.so") or _in_a_gem(tree, path)
    if found:
        return Found((found,))
    return None if startup.has_layers or startup.sets(*_GEMS) else missing(tree, startup, (f"{path}.rb",))


def _in_a_gem(tree: Tree, path: str) -> str | None:
    in_lib = re.compile(rf"{_GEM}{re.escape(path)}\.(?:rb|so)")
    name = next(filter(in_lib.fullmatch, tree), None)
    return None if name is None else tree.file(name)
