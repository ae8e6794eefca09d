"""What the shell needs of the world outside: AWS, the template's settings, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from controller.aws.clients import Adapters
from controller.core.manifest.building import ManifestProblem, build
from controller.core.manifest.parsing import parse
from controller.core.manifest.settings import Manifest
from controller.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to everything that acts. ``clock`` gives the aware UTC time; tests give one that they move."""

    aws: Adapters
    settings: Settings
    clock: Callable[[], datetime]

    @property
    def defaults(self) -> tuple[str, str]:
        """The least important source of every manifest, as ``parsing.parse`` takes it."""
        return "the template's DefaultManifest", self.settings.defaults

    def default_manifest(self) -> Manifest:
        """Returns the manifest of an artifact that says nothing.

        Where the template's is wrong it is Slipway's own: every upload is refused for it by name, but no rollback is.
        """
        try:
            return parse(self.defaults)
        except ManifestProblem:
            return build({})
