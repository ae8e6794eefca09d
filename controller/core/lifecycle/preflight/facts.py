"""The facts for preflight: of the function as it is, of the hooks' functions, and of the deployment to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.core.manifest.settings import Manifest
from controller.core.model import Routing, Target


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """The alias's version. ``state`` is AWS's word, empty if AWS gives none."""

    version: str
    settings: Mapping[str, object] = field(repr=False)  # environment variables may be secrets
    state: str


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """An existing function's facts for preflight. Settings are in the spelling of CreateFunction."""

    settings: Mapping[str, object] = field(repr=False)
    """The settings of ``$LATEST``."""
    package_type: str = "Zip"
    on_managed_instances: bool = False
    made_by_slipway: bool = False
    alias: Routing | None = None
    """None without an alias."""
    stable: VersionFacts | None = None
    """None without an alias."""
    has_provisioned_concurrency: bool = False
    """True if configured on the alias."""
    code_storage_used: int = 0
    code_storage_limit: int = 0
    """In bytes, for the account in this Region; 0 if unknown."""

    @property
    def partner_settings(self) -> Mapping[str, object] | None:
        """The settings of the version sharing the alias with the new one, None without one."""
        if self.stable is not None:
            return self.stable.settings
        # A function being onboarded shares the alias with its present code.
        return None if self.made_by_slipway else self.settings


@dataclass(frozen=True, slots=True)
class HookFacts:
    """The functions allowed as hooks: names that begin with ``prefix``; an empty prefix allows none.

    ``problems`` says, by function, why it cannot be called.
    """

    prefix: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The deployment to check, and what the stack lets it have."""

    target: Target
    manifest: Manifest
    allowed_roles: tuple[str, ...]
    artifact_size: int
    missing_alarms: frozenset[str]
    hooks: HookFacts
    function_keys: tuple[str, ...]

    @property
    def is_gradual(self) -> bool:
        """Do both versions share the alias for a while?"""
        return bool(self.manifest.strategy.steps)
