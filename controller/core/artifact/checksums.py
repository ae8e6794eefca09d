"""Whether the bytes that would be deployed are those that their uploader meant to send.

An uploader may say two things in the object's metadata:
- ``sha256``: the zip's SHA-256, as 64 hexadecimal digits, which ``sha256sum`` prints, or as base64, which Lambda shows;
- ``signature``: a signature over that hash, as base64, which ``aws kms sign`` prints.

Nothing is hashed here. Lambda says what it has got (CodeSha256), and that is what would run; the bytes of a large zip
never come into the controller.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from controller.core.model import Artifact, Cause, Reason

SHA256, SIGNATURE = "sha256", "signature"
"""Keys of the metadata; S3 keeps them in small letters. Source: Amazon S3 user guide, object metadata, 2026-11."""
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[0-9a-zA-Z+/]{43}=")
_SIGNATURE = re.compile(r"(?:[0-9a-zA-Z+/]{4}){8,256}(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?")
"""An ECDSA signature has about 70 bytes, one of RSA up to 512."""


def stated_sha256(metadata: Mapping[str, str]) -> str | None:
    """Returns the CodeSha256 that an object's metadata states, None where it states none.

    Raises ValueError where what it states is no SHA-256.
    """
    text = metadata.get(SHA256)
    if text is None or _BASE64.fullmatch(text):
        return text
    if not _HEXADECIMAL.fullmatch(text):
        raise ValueError(
            f"its metadata has {len(text)} characters as {SHA256}, allowed: the 64 hexadecimal digits that sha256sum"
            " prints; upload it again with them"
        )
    return base64.b64encode(bytes.fromhex(text)).decode()


def stated_signature(metadata: Mapping[str, str]) -> str | None:
    """Returns the signature that an object's metadata carries, as base64, None where it carries none.

    Raises ValueError where what it carries is no signature.
    """
    text = metadata.get(SIGNATURE)
    if text is None or _SIGNATURE.fullmatch(text):
        return text
    raise ValueError(
        f"its metadata has {len(text)} characters as {SIGNATURE} that are no signature in base64, allowed: what aws kms"
        " sign prints; upload it again with that"
    )


def unsigned(artifact: Artifact) -> Reason:
    """Returns the reason to refuse an artifact that has to be signed and is not."""
    text = (
        f"{artifact.key} is not signed, and the stack's parameter SigningKeyArn asks for it: sign its SHA-256 with that"
        f" key and upload it again with the signature in its metadata, as {SIGNATURE}"
    )
    return Reason(Cause.BAD_ARTIFACT, text)


def wrongly_signed(artifact: Artifact, sha256: str) -> Reason:
    """Returns the reason to refuse an artifact whose signature is not of these bytes, or not by that key."""
    text = (
        f"the signature of {artifact.key} is not that of its CodeSha256 {sha256} by the key that the stack's parameter"
        " SigningKeyArn names; sign this very zip with that key and upload both again"
    )
    return Reason(Cause.BAD_ARTIFACT, text)


def other_bytes(artifact: Artifact, sha256: str) -> Reason | None:
    """Returns why bytes of that CodeSha256 are not those that were stated, None where they are, or nothing was."""
    if artifact.stated_sha256 in (None, sha256):
        return None
    text = (
        f"{artifact.key} has the CodeSha256 {sha256} and its metadata states {artifact.stated_sha256}; it was damaged"
        " or replaced on its way, or the hash is another zip's: build it again and upload it with its hash"
    )
    return Reason(Cause.BAD_ARTIFACT, text)
