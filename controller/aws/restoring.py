"""Brings ``$LATEST`` back to what the stable version is, after the traffic is back on it.

Else the next deployment that only changes settings would ship the bad code. It comes last in a rollback: nobody waits
for it, and it is given up, with a note, rather than done over somebody else's work.

What a newcomer would get wrong: the artifact that the stable version was made from may be gone from the bucket; Lambda
itself still has the bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

from controller.aws.configuration import Configuration
from controller.aws.functions import Functions, location
from controller.core.model import Deployment, Refused

# A zip that is sent with the call may have 50 MB. Source: Lambda developer guide, quotas, 2026-11.
_LARGEST_SENT = 50 * 1024 * 1024


class Restoring:
    """The way back of ``$LATEST``. ``fetch`` downloads a URL."""

    def __init__(self, functions: Functions, fetch: Callable[[str], bytes]) -> None:
        self._functions = functions
        self._fetch = fetch

    def restore(self, deployment: Deployment, stable: str) -> str:
        """Returns why it was given up, empty where ``$LATEST`` has the code and settings of version ``stable``.

        Raises Transient while AWS is working on it, or where somebody else writes at the same time. Repeating it is
        safe: what is right already is not written again.
        """
        function = deployment.target.function
        try:
            latest, wanted = self._functions.settled(function), self._functions.read(function, stable)
            if latest is None or wanted is None:
                return f"$LATEST of {function} was not restored: version {stable} does not exist any more"
            if latest.sha256 not in (wanted.sha256, deployment.sha256):
                return f"$LATEST of {function} was left alone: somebody else has put other code there since"
            return self._code(deployment, latest, wanted) or self._settings(function, wanted)
        except Refused as refusal:
            return refusal.reason.text

    def _code(self, deployment: Deployment, latest: Configuration, wanted: Configuration) -> str:
        if (latest.sha256, latest.architectures) == (wanted.sha256, wanted.architectures):
            return ""
        code = self._artifact(deployment, wanted) or self._bytes(wanted)
        if code is None:
            return (
                f"$LATEST of {wanted.function} was not restored: the code of version {wanted.version} is not in the"
                f" bucket, nor to be had from Lambda (up to 50 MB); drop the artifact of {wanted.version} again"
            )
        self._functions.send(latest, code, wanted.architectures)
        return ""

    def _settings(self, function: str, wanted: Configuration) -> str:
        latest = self._functions.settled(function)
        changes = latest.changes_to(wanted) if latest else {}
        if latest and changes:
            self._functions.configure(latest, changes)
            latest = self._functions.settled(function)
        if latest is None or latest.problem:
            why = latest.problem if latest else "it does not exist any more"
            return f"$LATEST of {function} was not restored: {why}"
        hidden = sorted(name for name, value in wanted.settings.items() if value is None)
        return f"{', '.join(hidden)} of {function} was not restored: AWS does not show it" if hidden else ""

    def _artifact(self, deployment: Deployment, wanted: Configuration) -> Mapping[str, object] | None:
        """The object is asked for its hash: it may be deleted by now, or overwritten in a bucket without versions."""
        artifact = deployment.stable_artifact
        if artifact is None:
            return None
        try:
            found = self._functions.hash_of(wanted.function, artifact)
        except Refused:
            return None
        return location(artifact) if found == wanted.sha256 else None

    def _bytes(self, wanted: Configuration) -> Mapping[str, object] | None:
        url = self._functions.location(wanted.function, wanted.version)
        if not url or wanted.code_size > _LARGEST_SENT:
            return None
        code = self._fetch(url)
        return {"ZipFile": code} if _sha256(code) == wanted.sha256 else None


def _sha256(code: bytes) -> str:
    """Source: Lambda API reference FunctionConfiguration, CodeSha256: the zip's digest in base64, 2026-11."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()
