"""A function's settings that decide where Lambda looks for the handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"


@dataclass(frozen=True, slots=True)
class Startup:
    """Handler and Runtime as in CreateFunction, such as "app.handler" and "python3.13".

    ``machine`` is "x86_64" or "arm64", None if unknown. ``variables`` are the environment's, None if AWS hides them.
    """

    handler: str
    runtime: str
    machine: str | None = None
    has_layers: bool = False
    variables: Mapping[str, str] | None = field(default_factory=dict, repr=False)  # values may be secrets

    @property
    def is_wrapped(self) -> bool:
        """May a script of the function's own start another program than the runtime's client?

        Source: AWS Lambda developer guide, modifying the runtime environment, wrapper scripts, 2026-11.
        """
        return self.sets(_WRAPPER)

    def sets(self, *names: str) -> bool:
        """Is one of these environment variables set, or possibly set?"""
        return self.variables is None or any(name in self.variables for name in names)

    def value(self, name: str) -> str:
        """Returns a variable's value, empty if unset."""
        return (self.variables or {}).get(name, "")


def startup_of(settings: Mapping[str, object]) -> Startup | None:
    """Returns how Lambda starts a function with these settings; None without a handler or a runtime.

    The settings are in the spelling of CreateFunction; a value of None means that AWS hides the setting.
    """
    handler, runtime = settings.get("Handler"), settings.get("Runtime")
    if not isinstance(handler, str) or not isinstance(runtime, str):
        return None
    return Startup(handler, runtime, _machine(settings), bool(settings.get("Layers", ())), _variables(settings))


def _machine(settings: Mapping[str, object]) -> str:
    machines = settings.get("Architectures")
    # Source: Lambda API reference CreateFunction, Architectures: the default is x86_64, 2026-11.
    return str(machines[0]) if isinstance(machines, list) and machines else "x86_64"


def _variables(settings: Mapping[str, object]) -> Mapping[str, str] | None:
    environment = settings.get("Environment", {})
    if not isinstance(environment, Mapping):
        return None
    variables = environment.get("Variables", {})
    if not isinstance(variables, Mapping):
        return None
    return {str(name): str(value) for name, value in variables.items()}
