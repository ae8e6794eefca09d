"""A deployment's target and artifact, and the alias's routing.

A weight is a whole number of hundredths of a percent (10 % is 1000); only ``aws/lambda_/aliases.py`` turns it into
AWS's fraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from controller.core.model.moment import require_aware
from controller.core.model.person import NOBODY, Person

FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
ALIAS_NAME = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{1,128}")
ALL = 10_000
"""The weight of all traffic, in hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Target:
    """The alias of a function to deploy to. A target has at most one open deployment."""

    function: str
    alias: str

    def __post_init__(self) -> None:
        if not FUNCTION_NAME.fullmatch(self.function):
            raise ValueError(f"not a function name: {self.function!r}")
        if not ALIAS_NAME.fullmatch(self.alias):
            raise ValueError(f"not an alias name: {self.alias!r}")

    def __str__(self) -> str:
        return f"{self.function}:{self.alias}"

    @property
    def backup_alias(self) -> str:
        """The alias that keeps the stable version during a deployment, and the way back afterwards."""
        return "previous" if self.alias == "live" else f"{self.alias}-previous"


@dataclass(frozen=True, slots=True)
class Artifact:
    """An immutable object version in S3: a zip.

    ``version_id`` is None in a bucket without versions. ``sequencer`` orders uploads of one key only: hexadecimal text,
    empty if unknown. Source: Amazon S3 event message structure, 2026-11.
    """

    bucket: str
    key: str
    version_id: str | None
    uploaded_at: datetime
    sequencer: str = ""
    size: int = 0
    """Bytes of the zip; 0 if unreadable."""
    stated_sha256: str | None = None
    """The CodeSha256 stated by the uploader."""
    signature: str | None = None
    """The uploader's signature over the hash, as base64."""
    person: Person = NOBODY
    """The uploader, as the object's metadata ``who`` and ``why`` say."""

    def __post_init__(self) -> None:
        require_aware(self.uploaded_at)

    def is_older_than(self, other: Artifact) -> bool:
        """Was this artifact uploaded before ``other``? False for different keys within a second."""
        if self.uploaded_at != other.uploaded_at:
            return self.uploaded_at < other.uploaded_at
        if (self.bucket, self.key) != (other.bucket, other.key) or not (self.sequencer and other.sequencer):
            return False
        length = max(len(self.sequencer), len(other.sequencer))
        return self.sequencer.ljust(length, "0") < other.sequencer.ljust(length, "0")

    def is_same_as(self, other: Artifact) -> bool:
        """Are both the same object version?"""
        return (self.bucket, self.key, self.version_id) == (other.bucket, other.key, other.version_id)


@dataclass(frozen=True, slots=True)
class Routing:
    """An alias's routing: ``canary`` gets ``weight``, ``version`` the rest. ``canary`` is None exactly if ``weight`` is
    0.
    """

    version: str
    canary: str | None = None
    weight: int = 0

    def __post_init__(self) -> None:
        if (self.canary is None) != (self.weight == 0) or not 0 <= self.weight < ALL:
            raise ValueError(f"not a routing: {self.canary} at {self.weight}")
        if self.canary == self.version:
            raise ValueError(f"version {self.version} cannot be its own canary")

    def __str__(self) -> str:
        if self.canary is None:
            return f"version {self.version}"
        return f"version {self.version} with {percent(self.weight)} to version {self.canary}"


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias as read. ``revision_id`` guards the next write; for ``description`` see ``alias_description``."""

    routing: Routing
    revision_id: str
    description: str = ""


def percent(weight: int) -> str:
    """Writes a weight for people: 1000 is "10%", 25 is "0.25%"."""
    return f"{weight / 100:g}%"
