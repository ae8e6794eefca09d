"""The outside world for the parts that act: AWS, the template's settings, and the time."""

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
    """AWS, settings and clock. ``clock`` returns the aware UTC time; tests move their own."""

    aws: Adapters
    settings: Settings
    clock: Callable[[], datetime]

    @property
    def defaults(self) -> tuple[str, str]:
        """The manifest source of the lowest priority, in the form of ``parsing.parse``."""
        return "the template's DefaultManifest", self.settings.defaults

    def default_manifest(self) -> Manifest:
        """Returns the manifest of an artifact without one."""
        try:
            # A wrong DefaultManifest refuses every upload by name, but must not stop a rollback: Slipway's own defaults
            # serve then.
            return parse(self.defaults)
        except ManifestProblem:
            return build({})
