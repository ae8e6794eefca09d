"""Brings ``$LATEST`` back to the stable version, and to the new version after its success.

``$LATEST`` is the place where versions are made, and callers of the bare function name run it. So new code and settings
are in ``$LATEST`` only while being published; afterwards it gets the stable version's, and the new version's once the
deployment has succeeded.

    published   $LATEST is version 3 -> 2    callers of the bare name run version 2 again
    succeeded   $LATEST is version 2 -> 3    the next deployment starts from version 3's settings
    failed      $LATEST is version 2         nothing is left to do

Rules of the file:

- only the code, and the settings named in the deployment's manifest, are brought back. Every other setting belongs to
  somebody else: a stack, or a person who changed ``$LATEST`` in the console;
- values of neither version are left alone, with a note: somebody has changed them since;
- settings come before code, and without available code nothing is changed: half of each would be worse than either.

``core.lifecycle.cleanup`` says for how long this is tried, ``reconcile.performing.latest`` whether a newer deployment
is in the way.

Note: a version's artifact may be gone from the bucket; Lambda itself still has the bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from controller.aws.lambda_.configuration import Configuration
from controller.aws.lambda_.functions import Functions, location
from controller.core.model import Artifact, Deployment, Refused

# The limit of a zip sent with the call. Source: Lambda developer guide, quotas, 2026-11.
_MAX_SENT_SIZE = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Way:
    """The way of ``$LATEST`` from ``latest`` to ``wanted``. ``other`` is the deployment's other version, None if
    unpublished or gone.
    """

    deployment: Deployment
    latest: Configuration
    wanted: Configuration
    other: Configuration | None

    @property
    def is_code_ours(self) -> bool:
        """Did the deployment put the code there, or has it been brought back already?"""
        put_there = self.other.sha256 if self.other else self.deployment.versions.sha256
        return self.latest.sha256 in (self.wanted.sha256, put_there)

    @property
    def changes(self) -> dict[str, object]:
        """The settings named in the manifest that differ between ``$LATEST`` and the version."""
        named = self.deployment.manifest.function
        return {name: value for name, value in self.latest.changes_to(self.wanted).items() if name in named}

    @property
    def artifact(self) -> Artifact | None:
        """The artifact of the wanted version, None if Slipway did not deploy it."""
        goes_back = self.wanted.version == self.deployment.stable
        return self.deployment.versions.stable_artifact if goes_back else self.deployment.artifact

    def has_put(self, name: str) -> bool:
        """Does the setting have the deployment's value?"""
        if self.other:
            return self.latest.settings[name] == self.other.settings[name]
        return not self.latest.lacking({name: self.deployment.manifest.function[name]})


class Restorer:
    """Moves ``$LATEST`` to one of a deployment's versions. ``fetch`` downloads a URL."""

    def __init__(self, functions: Functions, fetch: Callable[[str], bytes]) -> None:
        self._functions = functions
        self._fetch = fetch

    def restore(self, deployment: Deployment, version: str, confirm: Callable[[], None]) -> str:
        """Returns the remaining differences between ``$LATEST`` and ``version`` and their reasons; empty if there are
        none.

        ``confirm`` is called before each change and raises Conflict if the deployment's record has moved on. Raises
        Transient while AWS is working on the function, or if somebody else writes at the same time. Repeating is safe:
        right values are not written again.
        """
        function = deployment.target.function
        try:
            latest, wanted = self._functions.settled(function), self._functions.read(function, version)
            if latest is None or wanted is None:
                return f"$LATEST of {function} was not restored: version {version} does not exist any more"
            number = deployment.canary if version == deployment.stable else deployment.stable
            way = _Way(deployment, latest, wanted, self._functions.read(function, number) if number else None)
            if not way.is_code_ours:
                return f"$LATEST of {function} was left alone: somebody else has put other code there since"
            return self._along(way, confirm)
        except Refused as refusal:
            return f"$LATEST of {function} was not brought to version {version}: {refusal.reason.text}"

    def _along(self, way: _Way, confirm: Callable[[], None]) -> str:
        latest, wanted = way.latest, way.wanted
        has_code = (latest.sha256, latest.architectures) == (wanted.sha256, wanted.architectures)
        code = None if has_code else self._code(way)
        if code is None and not has_code:
            return (
                f"$LATEST of {wanted.function} was not restored: the code of version {wanted.version} is not in the"
                f" bucket, nor to be had from Lambda (up to 50 MB); drop the artifact of {wanted.version} again"
            )
        latest = self._configured(way, confirm)
        if code is not None:
            confirm()
            self._functions.send(latest, code, wanted.architectures)
            latest = self._functions.settled(wanted.function) or latest
        return _still_other(way, latest)

    def _configured(self, way: _Way, confirm: Callable[[], None]) -> Configuration:
        changes = {name: value for name, value in way.changes.items() if way.has_put(name)}
        if not changes:
            return way.latest
        confirm()
        self._functions.configure(way.latest, changes)
        return self._functions.settled(way.wanted.function) or way.latest

    def _code(self, way: _Way) -> Mapping[str, object] | None:
        return self._object(way) or self._bytes(way.wanted)

    def _object(self, way: _Way) -> Mapping[str, object] | None:
        """Returns the artifact's place, None if the object there has other bytes by now."""
        # The object may have been deleted, or overwritten in a bucket without versions, so its hash is compared.
        artifact = way.artifact
        if artifact is None:
            return None
        try:
            found = self._functions.hash_of(way.wanted.function, artifact)
        except Refused:
            return None
        return location(artifact) if found == way.wanted.sha256 else None

    def _bytes(self, wanted: Configuration) -> Mapping[str, object] | None:
        url = self._functions.location(wanted.function, wanted.version)
        if not url or wanted.code_size > _MAX_SENT_SIZE:
            return None
        code = self._fetch(url)
        return {"ZipFile": code} if _sha256(code) == wanted.sha256 else None


def _still_other(way: _Way, latest: Configuration) -> str:
    """Says how ``$LATEST`` still differs from its wanted state, empty if it does not."""
    where, named = f"$LATEST of {way.wanted.function}", way.deployment.manifest.function
    left = {name for name in way.changes if not way.has_put(name)}
    refused = latest.lacking({name: value for name, value in way.changes.items() if name not in left})
    hidden = [name for name in named if way.wanted.settings.get(name, "") is None]
    said = (
        (hidden, f"of {where} was not restored: AWS does not show it"),
        (left, f"of {where} was left alone: somebody else has changed it since"),
        (refused, f"of {where} was not restored: AWS took it and shows something else"),
    )
    notes = [f"{', '.join(sorted(names))} {text}" for names, text in said if names]
    return "; ".join([*notes, *([f"{where} was not restored: {latest.problem}"] if latest.problem else [])])


def _sha256(code: bytes) -> str:
    """Source: Lambda API reference FunctionConfiguration, CodeSha256: the zip's digest in base64, 2026-11."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()
