"""The versions of a deployment: which one serves so far, which one is being deployed, which one ``$LATEST`` is.

Versions(preflighted=True, stable="2", sha256="kX3t...", canary="3", latest="2")
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.model.target import Artifact


@dataclass(frozen=True, slots=True)
class Versions:
    """The version to go back to, the version being deployed, and the bytes of both."""

    preflighted: bool = False
    """True once ``stable`` says whether there is a version to go back to."""
    stable: str | None = None
    """The version to go back to. None until preflight, and for ever on a first deployment."""
    stable_artifact: Artifact | None = None
    """Where the stable version's bytes came from; None where Slipway did not deploy it."""
    onboards: bool = False
    """True where the function was there without the alias: what it runs is published as stable first."""
    sha256: str | None = None
    """Lambda's CodeSha256 of the artifact. None until it is known that these bytes may be published."""
    canary: str | None = None
    """The version being deployed. None until it is published."""
    latest: str | None = None
    """The version that ``$LATEST`` was brought to last: the stable one once the canary is published, the canary at
    the end. None before that, and for ever on a first deployment, which leaves it as published.
    """
    behind: int | None = None
    """The number of the deployment that made the stable version and could not bring ``$LATEST`` to it; None where
    ``$LATEST`` has caught up.
    """
