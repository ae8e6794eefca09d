"""Finds .NET's handler: its first part is the assembly, a .dll in the zip's root.

Sources: bootstrap.sh of AWS's .NET base images (aws-lambda-dotnet, LambdaRuntimeDockerfiles); aws-lambda-dotnet #1399
("the assembly should be located in the root"); the blueprints of that repository for native executables, 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing
from controller.core.artifact.handlers.results import Found, Missing

if TYPE_CHECKING:
    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_PATHS = ("DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "DOTNET_STARTUP_HOOKS", "LAMBDA_DOTNET_MAIN_ASSEMBLY")


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes "Shop::Shop.Function::Handle" for Shop.dll, and "Shop" for Shop.dll or the executable Shop."""
    assembly = startup.handler.partition(":")[0].removesuffix(".dll")
    if startup.is_wrapped or startup.sets(*_PATHS) or assembly.startswith("/"):
        return None
    library = tree.file(f"{assembly}.dll")
    if library:
        return Found((library,))
    program = tree.file(assembly, "bootstrap")
    if program:
        return Found((program,), executed=True)
    return None if startup.has_layers else missing(tree, startup, (f"{assembly}.dll",), renames=False)
