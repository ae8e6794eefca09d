"""A deployment's versions: stable, canary, and the one ``$LATEST`` was brought to.

Example: Versions(preflighted=True, stable="2", sha256="kX3t...", canary="3", latest="2")
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.model.target import Artifact


@dataclass(frozen=True, slots=True)
class Versions:
    """The version to go back to, the version being deployed, and the bytes of both."""

    preflighted: bool = False
    """True once ``stable`` is known, None included."""
    stable: str | None = None
    """The version to go back to. None until preflight, and always for a first deployment."""
    stable_artifact: Artifact | None = None
    """The artifact of the stable version; None if Slipway did not deploy it."""
    onboards: bool = False
    """True for a function without the alias: its present code is published as stable first."""
    sha256: str | None = None
    """Lambda's CodeSha256 of the artifact. None until the bytes are known and allowed."""
    canary: str | None = None
    """The version being deployed. None until published."""
    latest: str | None = None
    """The version that ``$LATEST`` was last brought to: stable after publishing the canary, the canary at the end. None
    before, and always for a first deployment, which leaves ``$LATEST`` as published.
    """
    backup: str | None = None
    """The version that the backup alias kept before a rollback to a version that a person chose; None for all others.
    """
    behind: int | None = None
    """The number of the deployment that made the stable version and could not bring ``$LATEST`` to it; None if it
    could.
    """
