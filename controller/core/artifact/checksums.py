"""Checks that the deployed bytes are the bytes the uploader meant to send.

An uploader may state two values in the object's metadata:

- ``sha256``: the zip's SHA-256, as 64 hexadecimal digits (printed by ``sha256sum``) or base64 (shown by Lambda);
- ``signature``: a signature over this hash, as base64 (printed by ``aws kms sign``).

Both are compared with Lambda's CodeSha256, the hash of the code about to run; a large zip never enters the controller.

Records keep CodeSha256 as AWS has it, in base64; people are shown ``in_hex``, as ``sha256sum`` prints it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from controller.core.model import Artifact, Cause, Reason

SHA256, SIGNATURE = "sha256", "signature"
"""Keys of the metadata; S3 stores keys in lower case. Source: Amazon S3 user guide, object metadata, 2026-11."""
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[0-9a-zA-Z+/]{43}=")
_SIGNATURE = re.compile(r"(?:[0-9a-zA-Z+/]{4}){8,256}(?:[0-9a-zA-Z+/]{2}==|[0-9a-zA-Z+/]{3}=)?")
"""An ECDSA signature has about 70 bytes, an RSA signature up to 512."""


def stated_sha256(metadata: Mapping[str, str]) -> str | None:
    """Returns the CodeSha256 stated in an object's metadata, None without one. Raises ValueError if it is no
    SHA-256.
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


def in_hex(code_sha256: str) -> str:
    """Returns a CodeSha256 as ``sha256sum`` prints the zip's hash; any other text as it is."""
    return base64.b64decode(code_sha256).hex() if _BASE64.fullmatch(code_sha256) else code_sha256


def stated_signature(metadata: Mapping[str, str]) -> str | None:
    """Returns the signature in an object's metadata, as base64, None without one. Raises ValueError if it is no
    base64.
    """
    text = metadata.get(SIGNATURE)
    if text is None or _SIGNATURE.fullmatch(text):
        return text
    raise ValueError(
        f"its metadata has {len(text)} characters as {SIGNATURE} that are no signature in base64, allowed: what aws kms"
        " sign prints; upload it again with that"
    )


def unsigned(artifact: Artifact) -> Reason:
    """Returns the reason to refuse an artifact without the signature that the stack asks for."""
    text = (
        f"{artifact.key} is not signed, and the stack's parameter SigningKeyArn asks for it: sign its SHA-256 with that"
        f" key and upload it again with the signature in its metadata, as {SIGNATURE}"
    )
    return Reason(Cause.BAD_ARTIFACT, text)


def wrongly_signed(artifact: Artifact, sha256: str) -> Reason:
    """Returns the reason to refuse an artifact whose signature is of other bytes, or by another key."""
    text = (
        f"the signature of {artifact.key} is not that of its SHA-256 {in_hex(sha256)} by the key that the stack's"
        " parameter SigningKeyArn names; sign this very zip with that key and upload both again"
    )
    return Reason(Cause.BAD_ARTIFACT, text)


def other_bytes(artifact: Artifact, sha256: str) -> Reason | None:
    """Returns why the code has another hash than its uploader stated; None if the hashes agree, or none was stated."""
    if artifact.stated_sha256 in (None, sha256):
        return None
    stated = in_hex(str(artifact.stated_sha256))
    text = (
        f"{artifact.key} has the SHA-256 {in_hex(sha256)} and its metadata states {stated}; it was damaged or replaced"
        " on its way, or the hash is another zip's: build it again and upload it with its hash"
    )
    return Reason(Cause.BAD_ARTIFACT, text)
