"""What Lambda starts a function by: the settings that say where the handler is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"


@dataclass(frozen=True, slots=True)
class Startup:
    """Handler and Runtime as in CreateFunction, such as "app.handler" and "python3.13".

    ``machine`` is "x86_64" or "arm64", None where it is not known. ``variables`` are the environment's, None where
    AWS does not show them.
    """

    handler: str
    runtime: str
    machine: str | None = None
    has_layers: bool = False
    variables: Mapping[str, str] | None = field(default_factory=dict, repr=False)  # values are nobody's log line

    @property
    def is_wrapped(self) -> bool:
        """May a script of the function's own start something else than the runtime's client?

        Source: AWS Lambda developer guide, modifying the runtime environment, wrapper scripts, 2026-11.
        """
        return self.sets(_WRAPPER)

    def sets(self, *names: str) -> bool:
        """Is one of these environment variables set, or may it be?"""
        return self.variables is None or any(name in self.variables for name in names)

    def value(self, name: str) -> str:
        """Returns what a variable is set to, empty where it is not set."""
        return (self.variables or {}).get(name, "")


def startup_of(settings: Mapping[str, object]) -> Startup | None:
    """Returns how a function of these settings is started, None where they name no handler or no runtime.

    The settings are in the spelling of CreateFunction; those of None are settings that AWS does not show.
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
