"""Whether the bytes that would be deployed are those that their uploader meant to send.

An uploader may say what the zip's SHA-256 is, in the object's metadata: 64 hexadecimal digits under ``sha256``, as
``sha256sum`` prints them, or base64, as Lambda shows them.

What a newcomer would get wrong: nothing is hashed here. Lambda says what it has got (CodeSha256), and that is what
would run; the bytes of a large zip never come into the controller.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from controller.core.model import Artifact, Cause, Reason

METADATA = "sha256"
"""The key of the metadata; S3 keeps keys in small letters. Source: Amazon S3 user guide, object metadata, 2026-11."""
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[0-9a-zA-Z+/]{43}=")


def stated_sha256(metadata: Mapping[str, str]) -> str | None:
    """Returns the CodeSha256 that an object's metadata states, None where it states none.

    Raises ValueError where what it states is no SHA-256.
    """
    text = metadata.get(METADATA)
    if text is None or _BASE64.fullmatch(text):
        return text
    if not _HEXADECIMAL.fullmatch(text):
        raise ValueError(
            f"its metadata has {len(text)} characters as {METADATA}, allowed: the 64 hexadecimal digits that sha256sum"
            " prints; upload it again with them"
        )
    return base64.b64encode(bytes.fromhex(text)).decode()


def other_bytes(artifact: Artifact, sha256: str) -> Reason | None:
    """Returns why bytes of that CodeSha256 are not those that were stated, None where they are, or nothing was."""
    if artifact.stated_sha256 in (None, sha256):
        return None
    text = (
        f"{artifact.key} has the CodeSha256 {sha256} and its metadata states {artifact.stated_sha256}; it was damaged"
        " or replaced on its way, or the hash is another zip's: build it again and upload it with its hash"
    )
    return Reason(Cause.BAD_ARTIFACT, text)
