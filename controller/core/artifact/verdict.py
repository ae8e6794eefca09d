"""Whether an artifact may be deployed, as far as its own bytes, a manifest and the function's settings tell.

    check(zipped, sources, lambda: {"Runtime": "python3.13"})  ->  Accepted(manifest, startup), or why not

The controller asks before it publishes anything, and ``python -m controller.check`` before anything is dropped.
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
"""Those of a function, in the spelling of CreateFunction; empty where there is no function yet."""


class Zip(Protocol):
    """A zip that was opened, as ``opened.Opened``."""

    @property
    def archive(self) -> Archive: ...
    @property
    def manifest(self) -> str | None: ...
    def texts(self, names: Mapping[str, str]) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What says how a function is deployed, beside the zip.

    ``in_bucket`` is the text of the function's manifest in the bucket, None where there is none; ``defaults`` are
    the least important source, as ``parsing.merged`` takes it.
    """

    function: str
    in_bucket: str | None = None
    defaults: tuple[str, str | None] = ("", None)
    rules: ManifestRules = field(default_factory=ManifestRules)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Nothing speaks against the artifact. ``manifest`` has every payload inline; ``startup`` is how Lambda starts the
    function, None where neither the manifest nor the function says it.
    """

    manifest: Manifest
    startup: Startup | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The artifact must not be deployed. ``manifest`` is None where it cannot be read."""

    reason: Reason
    manifest: Manifest | None = None


def check(zipped: Zip, sources: Sources, settings: Callable[[], Settings]) -> Accepted | Rejected:
    """Returns the verdict; ``settings`` are asked for only where the manifest is right."""
    try:
        manifest = _manifest(zipped, sources)
    except ManifestProblem as problem:
        return Rejected(Reason(Cause.BAD_MANIFEST, str(problem)))
    try:
        names = named_files(manifest)
        manifest = with_payloads(manifest, zipped.texts(names)) if names else manifest
        # A handler that the manifest does not name is the one that the function has.
        startup = startup_of({**settings(), **manifest.function})
    except ManifestProblem as problem:
        return Rejected(Reason(Cause.BAD_MANIFEST, str(problem)), manifest)
    except Refused as refusal:
        return Rejected(refusal.reason, manifest)
    lacking = lacks_handler(zipped.archive, startup) if startup else None
    return Rejected(Reason(Cause.BAD_ARTIFACT, lacking), manifest) if lacking else Accepted(manifest, startup)


def _manifest(zipped: Zip, sources: Sources) -> Manifest:
    """Returns the manifest that the sources give together. Raises ManifestProblem."""
    misplaced = misplaced_manifest.problem(zipped.archive.names, zip_may_say=sources.rules.zip_may_say)
    if misplaced:
        raise ManifestProblem(misplaced)
    in_zip = (f"{MANIFEST} in the zip", zipped.manifest)
    in_bucket = (f"{manifest_key(sources.function)} in the bucket", sources.in_bucket)
    defaults, said = merged(sources.defaults), merged(in_zip, in_bucket)
    manifest = storable({**defaults, **said})
    sources.rules.check(in_zip, in_bucket, said)
    return manifest
