"""Whether an artifact may be deployed, judged by its bytes, the manifest and the function's settings.

    check(zipped, sources, lambda: {"Runtime": "python3.13"}) -> Accepted(manifest, startup) or ArtifactRefused(reason)

The controller asks before publishing; ``python -m controller.check`` asks before the upload.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from controller.core.artifact import misplaced_manifest
from controller.core.artifact.handlers import Startup, lacks_handler, startup_of
from controller.core.artifact.object_keys import manifest_key
from controller.core.artifact.test_payloads import named_files, with_payloads
from controller.core.artifact.zip.archive import Archive
from controller.core.manifest.building import ManifestProblem
from controller.core.manifest.parsing import merged, storable
from controller.core.manifest.settings import MANIFEST, Manifest
from controller.core.manifest.team_rules import ManifestRules
from controller.core.model import Cause, Reason, Refused

Settings = Mapping[str, object]
"""A function's settings in the spelling of CreateFunction; empty for a function that does not exist yet."""


class Zip(Protocol):
    """An open zip, such as ``opened.Opened``."""

    @property
    def archive(self) -> Archive: ...
    @property
    def manifest(self) -> str | None: ...
    def texts(self, names: Mapping[str, str]) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of a function's manifest beside the zip.

    ``in_bucket`` is the text of the function's manifest in the bucket, None without one. ``defaults`` have the lowest
    priority, in the form that ``parsing.merged`` takes.
    """

    function: str
    in_bucket: str | None = None
    defaults: tuple[str, str | None] = ("", None)
    rules: ManifestRules = field(default_factory=ManifestRules)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The artifact may be deployed. ``manifest`` has every payload inline. ``startup`` is how Lambda starts the
    function, None if neither the manifest nor the function says so.
    """

    manifest: Manifest
    startup: Startup | None


@dataclass(frozen=True, slots=True)
class ArtifactRefused:
    """The artifact must not be deployed. ``manifest`` is None if unreadable."""

    reason: Reason
    manifest: Manifest | None = None


def check(zipped: Zip, sources: Sources, settings: Callable[[], Settings]) -> Accepted | ArtifactRefused:
    """Returns the verdict; calls ``settings`` only for a valid manifest."""
    try:
        manifest = _manifest(zipped, sources)
    except ManifestProblem as problem:
        return ArtifactRefused(Reason(Cause.BAD_MANIFEST, str(problem)))
    try:
        names = named_files(manifest)
        manifest = with_payloads(manifest, zipped.texts(names)) if names else manifest
        # Settings left out of the manifest, such as Handler, are the function's.
        startup = startup_of({**settings(), **manifest.function})
    except ManifestProblem as problem:
        return ArtifactRefused(Reason(Cause.BAD_MANIFEST, str(problem)), manifest)
    except Refused as refusal:
        return ArtifactRefused(refusal.reason, manifest)
    lacking = lacks_handler(zipped.archive, startup) if startup else None
    return ArtifactRefused(Reason(Cause.BAD_ARTIFACT, lacking), manifest) if lacking else Accepted(manifest, startup)


def _manifest(zipped: Zip, sources: Sources) -> Manifest:
    """Returns the manifest merged from all sources. Raises ManifestProblem."""
    misplaced = misplaced_manifest.problem(zipped.archive.names, zip_may_say=sources.rules.zip_may_say)
    if misplaced:
        raise ManifestProblem(misplaced)
    in_zip = (f"{MANIFEST} in the zip", zipped.manifest)
    in_bucket = (f"{manifest_key(sources.function)} in the bucket", sources.in_bucket)
    defaults, said = merged(sources.defaults), merged(in_zip, in_bucket)
    manifest = storable({**defaults, **said})
    sources.rules.check(in_zip, in_bucket, said)
    return manifest
